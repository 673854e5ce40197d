"""SQL that bounds where rows are: the parts of the trigger functions that set `boxes` and `parts`.

They start from `total` (rows), `extent` and `size` (the largest geometry in bytes), which `MEASURE`
sets. `{rows}` is a transition table, or both together.
"""

MAX_POINTS = 50_000

MEASURE = """
      SELECT count(*), {postgis}.ST_Extent({shape})::{postgis}.box3d, max(pg_column_size({shape}))
      INTO total, extent, size FROM {rows} AS s;"""

BOTH = "(SELECT o.{column} FROM {old} AS o UNION ALL SELECT n.{column} FROM {new} AS n)"

# All rows. Many are counted into the cells of a grid as they are read: none is kept in memory.
# Where they are half of the table they lie wherever it does: the extent says it for half the time.
COVER = """
        parts := NULL;
        IF total = 1 THEN
          boxes := graticule.sides(extent);
        ELSIF total <= 4096 THEN
          boxes := graticule.spread(
            (SELECT coalesce(array_agg({postgis}.box2d({shape})), '{{}}') FROM {rows} AS s));
        ELSIF extent IS NULL THEN
          boxes := '{{}}';
        ELSIF EXISTS (SELECT FROM pg_class AS c
            WHERE c.oid = TG_RELID AND c.reltuples > 0 AND {count} * 2 >= c.reltuples) THEN
          boxes := graticule.sides(extent);
        ELSE
          SELECT array_agg(graticule.sides(c.box)) INTO boxes FROM (
            SELECT {postgis}.ST_Extent(g.shape)::{postgis}.box3d AS box FROM (
              SELECT {shape} AS shape, {postgis}.box2d({shape})::{postgis}.box3d AS box,
                {postgis}.ST_XMin(extent) AS x, {postgis}.ST_YMin(extent) AS y,
                greatest({postgis}.ST_XMax(extent) - {postgis}.ST_XMin(extent), 1e-9) / 63.999 AS w,
                greatest({postgis}.ST_YMax(extent) - {postgis}.ST_YMin(extent), 1e-9) / 63.999 AS h
              FROM {rows} AS s OFFSET 0) AS g
            WHERE g.box IS NOT NULL
            GROUP BY
              floor((({postgis}.ST_XMin(g.box) + {postgis}.ST_XMax(g.box)) / 2 - g.x) / g.w)::int4,
              floor((({postgis}.ST_YMin(g.box) + {postgis}.ST_YMax(g.box)) / 2 - g.y) / g.h)::int4
          ) AS c;
          boxes := ARRAY(SELECT b.b FROM unnest(boxes) AS b (b));
        END IF;"""

# 1200 bytes hold 200 points only if they are compressed very well.
PIECES = """
        IF total <= 4096 AND (size > 1200 OR graticule.side(extent) > {wide}) THEN
          BEGIN
            changed := (SELECT sum({postgis}.ST_NPoints({shape})) FROM {rows} AS s
              WHERE graticule.big({shape}, {wide}));
            IF changed <= {points} THEN
              parts := graticule.spread(ARRAY(SELECT graticule.pieces({shape}, {wide})
                FROM {rows} AS s));
            END IF;
          EXCEPTION WHEN OTHERS THEN
            parts := NULL;  -- A shape that cannot be cut: its box is right.
          END;
        END IF;"""

WIDE_LIST = """EXISTS (SELECT FROM unnest(list) AS l
              WHERE graticule.side(l::{postgis}.box3d) > {wide})"""
WIDE_ONE = "greatest(graticule.side(extent), graticule.side(place)) > {wide}"

# The rows of an UPDATE that changed: `list` or `extent` and `place` have their boxes, `changed` is
# how many they are.
DIFFERENCE = """
          IF changed BETWEEN 1 AND 4096 AND (size > 1200 OR {is_wide}) THEN
            BEGIN
              total := (SELECT sum(
                  CASE WHEN graticule.big({before}, {wide}) THEN {postgis}.ST_NPoints({before})
                    ELSE 0 END
                + CASE WHEN graticule.big({after}, {wide}) THEN {postgis}.ST_NPoints({after})
                    ELSE 0 END) FROM {pairs} WHERE NOT {alike});
              IF total BETWEEN 1 AND {points} THEN
                parts := graticule.spread(ARRAY(
                  SELECT d.d FROM {pairs}, LATERAL graticule.difference(
                    {before}, {after}, {others_alike}, {wide}) AS d (d) WHERE NOT {alike}));
              END IF;
            EXCEPTION WHEN OTHERS THEN
              parts := NULL;  -- A shape that cannot be cut: its box is right.
            END;
          END IF;"""
