"""SQL functions of the schema `graticule` that bound where a shape has changed.

They are called by the trigger functions only, which set `search_path` and turn `jit` off.

`postgis.` stands for the schema of PostGIS. Arguments have exactly the types that its functions
take: no other function of the same name in that schema is ever a better match.
"""

# The sides of a box; NULL where one is not finite (it may be anywhere), '{}' without a box.
# `spread` bounds what is stored: up to 4096 boxes as they are, more on a grid of 64 by 64 over
# their extent, where each box lies wholly in the one that stands for the cell of its centre.
SHAPES = """
CREATE OR REPLACE FUNCTION graticule.sides(box postgis.box3d)
RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN box IS NULL THEN '{}'::float8[]
    WHEN postgis.ST_XMin(box) > '-Infinity' AND postgis.ST_XMax(box) < 'Infinity'
     AND postgis.ST_YMin(box) > '-Infinity' AND postgis.ST_YMax(box) < 'Infinity'
    THEN ARRAY[postgis.ST_XMin(box), postgis.ST_YMin(box), postgis.ST_XMax(box),
               postgis.ST_YMax(box)] END
$$;

CREATE OR REPLACE FUNCTION graticule.both_sides(one postgis.box3d, other postgis.box3d)
RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN graticule.sides(one) IS NOT NULL AND graticule.sides(other) IS NOT NULL
    THEN graticule.sides(one) || graticule.sides(other) END
$$;

CREATE OR REPLACE FUNCTION graticule.side(box postgis.box3d)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(postgis.ST_XMax(box) - postgis.ST_XMin(box),
                  postgis.ST_YMax(box) - postgis.ST_YMin(box))
$$;

CREATE OR REPLACE FUNCTION graticule.spread(list postgis.box2d[])
RETURNS float8[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  nested float8[][];
  flat float8[];
BEGIN
  IF cardinality(list) <= 4096 THEN
    nested := (SELECT array_agg(ARRAY[postgis.ST_XMin(b.b), postgis.ST_YMin(b.b),
        postgis.ST_XMax(b.b), postgis.ST_YMax(b.b)])
      FROM (SELECT l::postgis.box3d AS b FROM unnest(list) AS l WHERE l IS NOT NULL OFFSET 0) AS b);
  ELSE
    nested := (
      WITH box AS MATERIALIZED (
        SELECT postgis.ST_XMin(b.b) AS x0, postgis.ST_YMin(b.b) AS y0,
               postgis.ST_XMax(b.b) AS x1, postgis.ST_YMax(b.b) AS y1
        FROM (SELECT l::postgis.box3d AS b FROM unnest(list) AS l WHERE l IS NOT NULL OFFSET 0)
          AS b),
      grid AS MATERIALIZED (
        SELECT min(x0) AS x, min(y0) AS y, greatest(max(x1) - min(x0), 1e-9) / 63.999 AS w,
               greatest(max(y1) - min(y0), 1e-9) / 63.999 AS h FROM box)
      SELECT array_agg(ARRAY[c.x0, c.y0, c.x1, c.y1]) FROM (
        SELECT min(x0) AS x0, min(y0) AS y0, max(x1) AS x1, max(y1) AS y1 FROM box, grid
        GROUP BY floor(((x0 + x1) / 2 - x) / w)::integer, floor(((y0 + y1) / 2 - y) / h)::integer
      ) AS c);
  END IF;
  flat := ARRAY(SELECT s FROM unnest(nested) AS s);
  IF 'NaN' = ANY (flat) OR 'Infinity' = ANY (flat) OR '-Infinity' = ANY (flat) THEN
    RETURN NULL;
  END IF;
  RETURN flat;
END $$;

-- Whether the plain box of a shape says too little of where it is.
CREATE OR REPLACE FUNCTION graticule.big(shape postgis.geometry, wide float8)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (postgis.ST_NPoints(shape) > 200
      OR graticule.side(postgis.box2d(shape)::postgis.box3d) > wide)
    AND postgis.GeometryType(shape)
      IN ('POLYGON', 'MULTIPOLYGON', 'LINESTRING', 'MULTILINESTRING')
$$;

-- Whether the box of a piece is far larger than the piece, and large enough to be quartered.
CREATE OR REPLACE FUNCTION graticule.loose(shape postgis.geometry, least_side float8)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT least(w, h) > least_side AND w * h > 1.5 * postgis.ST_Area(shape)
  FROM (SELECT postgis.box2d(shape)::postgis.box3d AS b OFFSET 0) AS b,
  LATERAL (SELECT postgis.ST_XMax(b) - postgis.ST_XMin(b) AS w,
                  postgis.ST_YMax(b) - postgis.ST_YMin(b) AS h) AS d
$$;

-- The boxes of the pieces of a shape, which is quartered again and again. Quarters overlap a
-- little: what lies on the line between two must not be in neither. An invalid polygon may lose
-- area when it is cut: its box.
CREATE OR REPLACE FUNCTION graticule.pieces(shape postgis.geometry, wide float8)
RETURNS SETOF postgis.box2d LANGUAGE plpgsql IMMUTABLE
SET client_min_messages = error AS $$
DECLARE
  least_side float8;
  slack float8;
BEGIN
  IF NOT graticule.big(shape, wide) OR NOT postgis.ST_IsValid(shape) THEN
    RETURN NEXT postgis.box2d(shape);
    RETURN;
  END IF;
  least_side := graticule.side(postgis.box2d(shape)::postgis.box3d) / 64;
  slack := least_side * 1e-6;
  RETURN QUERY
  WITH RECURSIVE piece(shape, depth, loose) AS (
    SELECT postgis.ST_Force2D(shape), 0, graticule.loose(shape, least_side)
    UNION ALL
    SELECT c.shape, c.depth, graticule.loose(c.shape, least_side) FROM (
      SELECT o.depth + 1 AS depth, postgis.ST_ClipByBox2D(o.shape,
        postgis.ST_Expand(postgis.ST_MakeBox2D(
          postgis.ST_Point(x.x[i], y.y[j]), postgis.ST_Point(x.x[i + 1], y.y[j + 1])), slack)
        ) AS shape
      FROM (SELECT s.shape, s.depth, postgis.box2d(s.shape)::postgis.box3d AS b FROM piece AS s
            WHERE s.loose AND s.depth < 6 OFFSET 0) AS o,
      LATERAL (SELECT ARRAY[postgis.ST_XMin(b), (postgis.ST_XMin(b) + postgis.ST_XMax(b)) / 2,
                            postgis.ST_XMax(b)] AS x) AS x,
      LATERAL (SELECT ARRAY[postgis.ST_YMin(b), (postgis.ST_YMin(b) + postgis.ST_YMax(b)) / 2,
                            postgis.ST_YMax(b)] AS y) AS y,
      generate_series(1, 2) AS i, generate_series(1, 2) AS j OFFSET 0) AS c
    WHERE NOT postgis.ST_IsEmpty(c.shape))
  SELECT postgis.ST_Expand(postgis.box2d(s.shape), slack)
  FROM piece AS s WHERE NOT s.loose OR s.depth = 6;
END $$;

CREATE OR REPLACE FUNCTION graticule.rings(shape postgis.geometry)
RETURNS TABLE (part integer[], shell boolean, ring postgis.geometry) LANGUAGE sql IMMUTABLE AS $$
  SELECT d.path || r.path, r.path[1] = 0, postgis.ST_ExteriorRing(r.geom)
  FROM postgis.ST_Dump(shape) AS d, postgis.ST_DumpRings(d.geom) AS r
  WHERE postgis.GeometryType(d.geom) = 'POLYGON'
  UNION ALL
  SELECT d.path, false, d.geom FROM postgis.ST_Dump(shape) AS d
  WHERE postgis.GeometryType(d.geom) = 'LINESTRING'
$$;

-- The box of the points `first` to `last` (from 0) of a line, given as big-endian WKB. A line has
-- two points at least.
CREATE OR REPLACE FUNCTION graticule.stretch(wkb bytea, size integer, first integer, last integer)
RETURNS postgis.box2d LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  start constant integer := greatest(least(first, last - 1), 0);
  count constant integer := greatest(last - start + 1, 2);
BEGIN
  RETURN postgis.box2d(postgis.ST_GeomFromWKB(substring(wkb FOR 5) || int4send(count)
    || substring(wkb FROM 10 + start * size FOR count * size)));
END $$;

-- Where two lines differ: around the vertices that moved, by sixteen; or, with more or fewer
-- vertices than before, around the stretch between what is alike at both ends. The two neighbours
-- of what differs belong to it.
CREATE OR REPLACE FUNCTION graticule.bent(before postgis.geometry, after postgis.geometry)
RETURNS SETOF postgis.box2d LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  size constant integer := 8 * postgis.ST_NDims(before);
  a constant bytea := postgis.ST_AsBinary(before, 'XDR');
  b constant bytea := postgis.ST_AsBinary(after, 'XDR');
  n constant integer := postgis.ST_NPoints(before);
  m constant integer := postgis.ST_NPoints(after);
  head integer := 0;
  tail integer := 0;
  top integer;
  half integer;
BEGIN
  IF n = m THEN
    RETURN QUERY SELECT e.box FROM generate_series(0, n - 1, 16) AS k,
      LATERAL (SELECT postgis.ST_CombineBBox(
        graticule.stretch(a, size, greatest(k - 1, 0), least(k + 16, n - 1)),
        graticule.stretch(b, size, greatest(k - 1, 0), least(k + 16, n - 1))
          ::postgis.geometry) AS box) AS e
      WHERE substring(a FROM 10 + k * size FOR 16 * size)
         <> substring(b FROM 10 + k * size FOR 16 * size);
    RETURN;
  END IF;
  top := least(n, m);
  WHILE head < top LOOP
    half := (head + top + 1) / 2;
    IF substring(a FROM 10 + head * size FOR (half - head) * size)
     = substring(b FROM 10 + head * size FOR (half - head) * size) THEN
      head := half;
    ELSE
      top := half - 1;
    END IF;
  END LOOP;
  top := least(n, m) - head;
  WHILE tail < top LOOP
    half := (tail + top + 1) / 2;
    IF substring(a FROM 10 + (n - half) * size FOR (half - tail) * size)
     = substring(b FROM 10 + (m - half) * size FOR (half - tail) * size) THEN
      tail := half;
    ELSE
      top := half - 1;
    END IF;
  END LOOP;
  head := greatest(head - 1, 0);
  tail := greatest(tail - 1, 0);
  RETURN NEXT graticule.stretch(a, size, head, n - 1 - tail);
  RETURN NEXT graticule.stretch(b, size, head, m - 1 - tail);
END $$;

-- Where a shape was reshaped, vertex by vertex: a symmetric difference of areas would miss a vertex
-- that is new on a straight side, and with it a change of a tile's bytes.
CREATE OR REPLACE FUNCTION graticule.reshaped(
  before postgis.geometry, after postgis.geometry, wide float8
) RETURNS SETOF postgis.box2d LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  in_order boolean;
BEGIN
  -- Rings that stayed must have stayed in their order: a tile lists them in it.
  WITH old AS (SELECT * FROM graticule.rings(before)),
  new AS (SELECT * FROM graticule.rings(after)),
  same AS (SELECT old.part AS o, new.part AS n FROM old JOIN new
    ON old.ring OPERATOR(postgis.=) new.ring AND old.shell = new.shell)
  SELECT NOT EXISTS (
    SELECT FROM (SELECT o, n, lag(o) OVER w AS lo, lag(n) OVER w AS ln FROM same
                 WINDOW w AS (ORDER BY o, n)) AS s
    WHERE o <= lo OR n <= ln) INTO in_order;
  IF NOT in_order THEN
    RETURN QUERY SELECT graticule.pieces(before, wide);
    RETURN QUERY SELECT graticule.pieces(after, wide);
    RETURN;
  END IF;
  RETURN QUERY
  WITH old AS MATERIALIZED (SELECT * FROM graticule.rings(before)),
  new AS MATERIALIZED (SELECT * FROM graticule.rings(after)),
  gone AS (SELECT * FROM old WHERE NOT EXISTS (SELECT FROM new
    WHERE new.ring OPERATOR(postgis.=) old.ring AND new.shell = old.shell)),
  come AS (SELECT * FROM new WHERE NOT EXISTS (SELECT FROM old
    WHERE old.ring OPERATOR(postgis.=) new.ring AND old.shell = new.shell))
  SELECT b FROM gone FULL JOIN come ON gone.part = come.part, LATERAL (
    SELECT graticule.bent(gone.ring, come.ring) AS b
    WHERE gone.ring IS NOT NULL AND come.ring IS NOT NULL
    UNION ALL SELECT postgis.box2d(coalesce(gone.ring, come.ring))
    WHERE gone.ring IS NULL OR come.ring IS NULL) AS l;
END $$;

-- Where a row has changed; `alike`: its attributes have not.
CREATE OR REPLACE FUNCTION graticule.difference(
  before postgis.geometry, after postgis.geometry, alike boolean, wide float8
) RETURNS SETOF postgis.box2d LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF alike AND graticule.big(before, wide) AND graticule.big(after, wide)
     AND postgis.GeometryType(before) = postgis.GeometryType(after)
     AND postgis.ST_SRID(before) = postgis.ST_SRID(after)
     AND before OPERATOR(postgis.&&) after THEN
    RETURN QUERY SELECT graticule.reshaped(before, after, wide);
  ELSE
    RETURN QUERY SELECT graticule.pieces(before, wide) UNION ALL
                 SELECT graticule.pieces(after, wide);
  END IF;
END $$;
"""
