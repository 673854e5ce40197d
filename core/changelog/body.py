"""The trigger functions' bodies: one for each table, nothing in them is put together at run time.

Built without a database. Names are quoted through `psycopg2.sql`; a `Composable` becomes text when
there is a connection to quote for.
"""

from psycopg2 import sql

from core.changelog.covers import (
    BOTH,
    COVER,
    DIFFERENCE,
    MAX_POINTS,
    MEASURE,
    PIECES,
    WIDE_LIST,
    WIDE_ONE,
)
from core.changelog.tables import Shape, Table

OLD, NEW = sql.Identifier("graticule_old"), sql.Identifier("graticule_new")
# An UPDATE of more rows than this is sampled first: if a fifth of the sample changed, all rows are
# taken as changed, because to compare them costs more than to dirty a little too much.
COMPARED_ROWS = 4096
MAX_COMPARED = 1_000_000

Words = dict[str, sql.Composable]

_FUNCTION = """
#variable_conflict use_variable
DECLARE
  total bigint;
  changed bigint;
  size integer;
  extent {postgis}.box3d;
  place {postgis}.box3d;
  list {postgis}.box2d[];
  boxes float8[];
  parts float8[];
BEGIN
  BEGIN
    IF TG_OP = 'TRUNCATE' THEN
      PERFORM graticule.note_truncate({relation}, TG_RELID);
    ELSIF TG_OP = 'INSERT' THEN{insert}
    ELSIF TG_OP = 'DELETE' THEN{delete}
    ELSE{update}
    END IF;
  EXCEPTION WHEN OTHERS THEN
    RAISE LOG 'graticule: a change of % is logged as unknown: %', TG_RELID::regclass, SQLERRM;
    BEGIN
      PERFORM graticule.note({relation}, 'unknown', 0, 0, NULL, NULL);
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING 'graticule: a change of % could not be logged: %', TG_RELID::regclass, SQLERRM
        USING HINT = 'Maps may show the old state until manage.py track is run.';
    END;
  END;
  RETURN NULL;
END
"""

_LOG = """
      IF total > 0 THEN{cover}
        PERFORM graticule.note({relation}, {what}, {count}, {srid}, boxes, parts);
      END IF;"""

_LOG_ANYWHERE = """
      total := (SELECT count(*) FROM {rows});
      IF total > 0 THEN
        PERFORM graticule.note({relation}, {what}, total, 0, NULL, NULL);
      END IF;"""

_UPDATE_ANYWHERE = """
      total := greatest((SELECT count(*) FROM {new}), (SELECT count(*) FROM {old}));
      IF total > 0 THEN
        changed := (SELECT count(*) FROM {pairs} WHERE NOT {alike});
        boxes := CASE WHEN changed = 0 THEN '{{}}'::float8[] END;
        PERFORM graticule.note({relation}, 'update', changed, 0, boxes, NULL);
      END IF;"""

# A single row stands beside itself, whatever its key: no join.
_UPDATE = """
      total := greatest((SELECT count(*) FROM {new}), (SELECT count(*) FROM {old}));
      changed := 0;
      IF total = 1 THEN
        SELECT CASE WHEN {alike} THEN 0 ELSE 1 END, {postgis}.box2d({before})::{postgis}.box3d,
               CASE WHEN {before} OPERATOR({postgis}.=) {after} THEN NULL
                 ELSE {postgis}.box2d({after})::{postgis}.box3d END,
               greatest(pg_column_size({before}), pg_column_size({after}))
        INTO changed, extent, place, size FROM {old} AS o FULL JOIN {new} AS n ON true;
        boxes := '{{}}';
        parts := NULL;
        IF changed = 1 THEN
          boxes := graticule.both_sides(extent, place);{single_difference}
        END IF;
        PERFORM graticule.note({relation}, 'update', changed, {srid}, boxes, parts);
        total := 0;
      ELSIF total > {most} THEN
        changed := 500;
      ELSIF total > {compared} THEN
        changed := (SELECT count(*) FROM {sample} WHERE NOT {alike});
      END IF;
      IF changed < 100 AND total > 0 THEN
        SELECT count(*), max(greatest(p.old_size, p.new_size)),
               coalesce(array_agg(p.old_box) || array_agg(p.new_box), '{{}}')
        INTO changed, size, list FROM (
          SELECT {postgis}.box2d({before}) AS old_box,
                 CASE WHEN {before} OPERATOR({postgis}.=) {after} THEN NULL
                   ELSE {postgis}.box2d({after}) END AS new_box,
                 pg_column_size({before}) AS old_size, pg_column_size({after}) AS new_size
          FROM {pairs} WHERE NOT {alike} LIMIT {limit}) AS p;
        IF changed < {limit} THEN
          boxes := graticule.spread(list);
          parts := NULL;{difference}
          PERFORM graticule.note({relation}, 'update', changed, {srid}, boxes, parts);
          total := 0;
        END IF;
      END IF;
      IF total > 0 THEN{all}
      END IF;"""


def source(table: Table, postgis: sql.Composable) -> sql.Composable:
    """The body of the function for this table; `postgis` is the schema of PostGIS, quoted."""
    words = {"relation": sql.Literal(table.relation), "postgis": postgis, "old": OLD, "new": NEW}
    return sql.SQL(_FUNCTION).format(
        **words,
        insert=_rows(table, words, "insert", NEW),
        delete=_rows(table, words, "delete", OLD),
        update=_updates(table, words),
    )


def _rows(table: Table, words: Words, what: str, rows: sql.Composable) -> sql.Composable:
    """Log the rows of one transition table, once for each geometry column."""
    words = {**words, "what": sql.Literal(what), "rows": rows, "count": sql.SQL("total")}
    if not table.shapes:
        return sql.SQL(_LOG_ANYWHERE).format(**words)
    return sql.SQL("").join(_all({**words, **_shape(one, words)}, one) for one in table.shapes)


def _all(words: Words, shape: Shape) -> sql.Composable:
    cover = COVER if shape.point else COVER + PIECES
    words = {**words, "cover": sql.SQL(cover).format(**words)}
    return sql.SQL(MEASURE + _LOG).format(**words)


def _shape(shape: Shape, words: Words) -> Words:
    """The words of one geometry column: `s` is any row, `o` the old one, `n` the new one."""

    def geometry(alias: str) -> sql.Composable:
        column = sql.Identifier(alias, shape.column)
        if not shape.geography:
            return column
        return sql.SQL("{}::{}.geometry").format(column, words["postgis"])

    return {
        "column": sql.Identifier(shape.column),
        "shape": geometry("s"),
        "before": geometry("o"),
        "after": geometry("n"),
        "srid": sql.Literal(shape.srid),
        "wide": sql.Literal(shape.wide),
        "points": sql.Literal(MAX_POINTS),
    }


def _updates(table: Table, words: Words) -> sql.Composable:
    if table.key:
        words = {**words, **_compared(table)}
    if not table.shapes:
        if table.key:
            return sql.SQL(_UPDATE_ANYWHERE).format(**words)
        return _rows(table, words, "update", NEW)
    return sql.SQL("").join(_update(table, one, words) for one in table.shapes)


def _update(table: Table, shape: Shape, words: Words) -> sql.Composable:
    words = {**words, **_shape(shape, words)}
    words |= {
        "what": sql.Literal("update"),
        "rows": sql.SQL(BOTH).format(**words),
        "count": sql.SQL("(total + 1) / 2"),
    }
    every = _all(words, shape)
    if not table.key:
        return every
    words["others_alike"] = _alike([name for name in columns(table) if name != shape.column])
    many = {**words, "is_wide": sql.SQL(WIDE_LIST).format(**words)}
    one = {**words, "is_wide": sql.SQL(WIDE_ONE).format(**words)}
    one["pairs"] = sql.SQL("{old} AS o FULL JOIN {new} AS n ON true").format(**words)
    difference = sql.SQL("" if shape.point else DIFFERENCE)
    return sql.SQL(_UPDATE).format(
        **words,
        difference=difference.format(**many),
        single_difference=difference.format(**one),
        all=every,
    )


def columns(table: Table) -> list[str]:
    """Every column that counts, once."""
    return list(dict.fromkeys([*(shape.column for shape in table.shapes), *table.visible]))


def _compared(table: Table) -> Words:
    first = sql.SQL("(SELECT * FROM {} LIMIT 500)")
    return {
        "pairs": _pairs(table, OLD, NEW),
        "sample": _pairs(table, first.format(OLD), first.format(NEW)),
        "alike": _alike(columns(table)),
        "compared": sql.Literal(COMPARED_ROWS),
        "most": sql.Literal(MAX_COMPARED),
        "limit": sql.Literal(MAX_COMPARED // 5),
    }


def _pairs(table: Table, old: sql.Composable, new: sql.Composable) -> sql.Composable:
    """Old and new rows side by side; where a key changed, each stands alone."""
    same = sql.SQL(" AND ").join(
        sql.SQL("o.{c} OPERATOR({schema}.{operator}) n.{c}").format(
            c=sql.Identifier(key.column),
            schema=sql.Identifier(key.operator_schema),
            operator=sql.SQL(key.operator),
        )
        for key in table.key
    )
    return sql.SQL("{} AS o FULL JOIN {} AS n ON {}").format(old, new, same)


def _alike(names: list[str]) -> sql.Composable:
    """True where both rows give the same tiles: compared as bytes, so any type will do."""
    if not names:
        return sql.SQL("true")
    old, new = (sql.SQL(", ").join(sql.Identifier(a, name) for name in names) for a in ("o", "n"))
    return sql.SQL("record_image_eq(ROW({}), ROW({}))").format(old, new)
