"""The SQL that finds what differs between two relations, and writes it; built without a database.

Rows are compared by their image (`*<>`), not with `=`: that calls numbers, intervals, JSON and
text in some collations equal although a tile shows them differently, has no meaning for some types,
and for geometry was once a comparison of boxes. By content, a row is the hash of its binary form,
and what stands twice is counted twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg2 import sql

from core.release.plan import Job, Plan
from core.release.table import Column, Table

STAGE = sql.Identifier("graticule_stage")
FOUND = sql.Identifier("graticule_found")
DIFFERENCE = sql.Identifier("graticule_difference")
SAMPLE = 1000


def _columns(names: Iterable[str], alias: str = "") -> sql.Composed:
    start = sql.SQL(f"{alias}." if alias else "")
    return sql.SQL(", ").join(start + sql.Identifier(name) for name in names)


def _image(names: Iterable[str], alias: str) -> sql.Composed:
    return sql.SQL("ROW({})::record").format(_columns(names, alias))


def _source(plan: Plan) -> sql.Composable:
    return STAGE if plan.staged else plan.source.identifier


def stage(plan: Plan) -> list[sql.Composed]:
    """Bring the source's rows into the target's types, as an INSERT would."""
    columns = _columns(plan.columns)
    make = "CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA"
    return [
        sql.SQL(make).format(STAGE, columns, plan.target.identifier),
        sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(
            STAGE, columns, plan.source.identifier
        ),
        sql.SQL("ANALYZE {}").format(STAGE),
    ]


def source_facts(plan: Plan) -> sql.Composed:
    """Of the source: rows, rows without a key, rows in another SRID, lowest feature id."""
    nulls = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(_columns([one])) for one in plan.key)
    lowest = _columns([plan.job.feature_id]) if plan.job.feature_id in plan.columns else None
    text = """
SELECT count(*), count(*) FILTER (WHERE {nulls}),
       count(*) FILTER (WHERE ST_SRID({geometry}::geometry) <> {srid}), {lowest}
FROM {source}"""
    return sql.SQL(text).format(
        nulls=nulls if plan.key else sql.SQL("false"),
        geometry=sql.Identifier(plan.job.geometry),
        srid=sql.Literal(plan.job.srid),
        lowest=sql.SQL("NULL") if lowest is None else sql.SQL("min({})").format(lowest),
        source=_source(plan),
    )


def twice(plan: Plan, in_target: bool) -> sql.Composed:
    """A key that stands more than once, as text."""
    text = "SELECT concat_ws(', ', {0}) FROM {1} GROUP BY {0} HAVING count(*) > 1 LIMIT 1"
    relation = plan.target.identifier if in_target else _source(plan)
    return sql.SQL(text).format(_columns(plan.key), relation)


def find(plan: Plan) -> sql.Composed:
    """Note in FOUND the places of what was added, removed, changed, or must be replaced."""
    return _by_key(plan) if plan.key else _by_content(plan)


def _by_key(plan: Plan) -> sql.Composed:
    text = """
CREATE TEMP TABLE {found} ON COMMIT DROP AS
SELECT CASE WHEN t.ctid IS NULL THEN 'added' WHEN s.ctid IS NULL THEN 'removed'
            WHEN {replaced} THEN 'replaced' ELSE 'changed' END AS what,
       t.tableoid AS place, t.ctid AS line, s.tableoid AS source_place, s.ctid AS source_line
FROM {target} AS t FULL JOIN {source} AS s ON {same}
WHERE t.ctid IS NULL OR s.ctid IS NULL OR {mine} *<> {theirs}"""
    equal = (sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in plan.key)
    return sql.SQL(text).format(
        found=FOUND,
        target=plan.target.identifier,
        source=_source(plan),
        same=sql.SQL(" AND ").join(equal),
        mine=_image(plan.columns, "t"),
        theirs=_image(plan.columns, "s"),
        replaced=_replaced(plan.immovable),
    )


def _replaced(names: Sequence[str]) -> sql.Composable:
    if not names:
        return sql.SQL("false")
    return sql.SQL("{} *<> {}").format(_image(names, "t"), _image(names, "s"))


def _by_content(plan: Plan) -> sql.Composed:
    text = """
CREATE TEMP TABLE {found} ON COMMIT DROP AS
SELECT CASE WHEN t.line IS NULL THEN 'added' ELSE 'removed' END AS what,
       t.place, t.line, s.place AS source_place, s.line AS source_line
FROM {mine} AS t FULL JOIN {theirs} AS s USING (content, turn)
WHERE t.line IS NULL OR s.line IS NULL"""
    return sql.SQL(text).format(
        found=FOUND,
        mine=_hashed(plan, plan.target.identifier),
        theirs=_hashed(plan, _source(plan)),
    )


def _hashed(plan: Plan, relation: sql.Composable) -> sql.Composed:
    """Each row as its hash, and which of those with this hash it is."""
    text = """(
  SELECT content, place, line, row_number() OVER (PARTITION BY content) AS turn
  FROM (SELECT md5(record_send({image}))::uuid AS content, r.tableoid AS place, r.ctid AS line
        FROM {relation} AS r) AS hashed)"""
    return sql.SQL(text).format(image=_image(plan.columns, "r"), relation=relation)


def _joined(plan: Plan, side: str) -> sql.Composed:
    """The row of one side that a row of the difference names."""
    if side == "t":
        text = "{} AS t ON t.ctid = d.line AND t.tableoid = d.place"
        return sql.SQL(text).format(plan.target.identifier)
    text = "{} AS s ON s.ctid = d.source_line AND s.tableoid = d.source_place"
    return sql.SQL(text).format(_source(plan))


def order(plan: Plan) -> list[sql.Composed]:
    """Number what was found along a space-filling curve, so that a slice lies close together.

    PostGIS itself orders points so. Boxes of the old and the new place are noted with it.
    """
    text = """
CREATE TEMP TABLE {difference} ON COMMIT DROP AS
SELECT b.*, row_number() OVER (
    PARTITION BY what ORDER BY ST_Centroid(coalesce(new_box, old_box)::geometry)) AS n
FROM (SELECT d.*, Box2D(t.{geometry}::geometry) AS old_box, Box2D(s.{geometry}::geometry) AS new_box
      FROM {found} AS d LEFT JOIN {target} LEFT JOIN {source}) AS b"""
    return [
        sql.SQL("ANALYZE {}").format(FOUND),
        sql.SQL(text).format(
            difference=DIFFERENCE,
            geometry=sql.Identifier(plan.job.geometry),
            found=FOUND,
            target=_joined(plan, "t"),
            source=_joined(plan, "s"),
        ),
        sql.SQL("CREATE INDEX ON {} (what, n)").format(DIFFERENCE),
        sql.SQL("ANALYZE {}").format(DIFFERENCE),
    ]


COUNTS = sql.SQL("SELECT what, count(*) FROM {} GROUP BY what").format(DIFFERENCE)
# Boxes of old and new places, those of %(size)s neighbours made one; in the units of the SRID. What
# changed in its place has one, as in the change log.
PLACES = sql.SQL("""
SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b)
FROM (SELECT ST_Extent(box::geometry) AS b FROM {},
      LATERAL (VALUES (old_box, 0), (new_box, 1)) AS v(box, which)
      WHERE which = 0 OR new_box::text IS DISTINCT FROM old_box::text
      GROUP BY what, which, n / %(size)s) AS boxes
WHERE b IS NOT NULL""").format(DIFFERENCE)


def differing(plan: Plan) -> sql.Composed:
    """For each column: in how many of the first changed rows it differs."""
    text = "SELECT {} FROM {} AS d JOIN {} JOIN {} WHERE d.what IN ('changed', 'replaced')"
    counts = [
        sql.SQL("count(*) FILTER (WHERE {} *<> {})").format(_image([one], "t"), _image([one], "s"))
        for one in plan.columns
    ]
    start = sql.SQL("(SELECT * FROM {} WHERE what IN ('changed', 'replaced') LIMIT {})")
    rows = start.format(DIFFERENCE, sql.Literal(SAMPLE))
    return sql.SQL(text).format(
        sql.SQL(", ").join(counts), rows, _joined(plan, "t"), _joined(plan, "s")
    )


@dataclass(frozen=True)
class Slice:
    """The rows that differ in the way `what`, numbers `after` + 1 to `last`."""

    what: str
    after: int
    last: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.last - self.after

    @property
    def condition(self) -> sql.Composed:
        """Which rows of the difference they are. No parameters: a name may have a `%`."""
        return sql.SQL("d.what = {} AND d.n > {} AND d.n <= {}").format(
            *(sql.Literal(value) for value in (self.what, self.after, self.last))
        )


def delete(plan: Plan, part: Slice) -> sql.Composed:
    """Delete these rows."""
    return sql.SQL(
        "DELETE FROM {} AS t USING {} AS d WHERE {} AND t.ctid = d.line AND t.tableoid = d.place"
    ).format(plan.target.identifier, DIFFERENCE, part.condition)


def update(plan: Plan, part: Slice) -> sql.Composed:
    """Update these rows."""
    text = """
UPDATE {} AS t SET {} FROM {} AS d JOIN {}
WHERE {} AND t.ctid = d.line AND t.tableoid = d.place"""
    values = (sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in plan.updated)
    return sql.SQL(text).format(
        plan.target.identifier,
        sql.SQL(", ").join(values),
        DIFFERENCE,
        _joined(plan, "s"),
        part.condition,
    )


def insert(plan: Plan, part: Slice) -> sql.Composed:
    """Insert these rows, with the source's own values in identity columns."""
    text = "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS d JOIN {} WHERE {}"
    return sql.SQL(text).format(
        plan.target.identifier,
        _columns(plan.columns),
        _columns(plan.columns, "s"),
        DIFFERENCE,
        _joined(plan, "s"),
        part.condition,
    )


def raise_sequence(plan: Plan, column: Column) -> sql.Composed:
    """Move a sequence past the values that were inserted, so that it gives none of them again."""
    text = """
SELECT setval({sequence}::regclass, m) FROM (
  SELECT max(s.{column})::bigint AS m FROM {difference} AS d JOIN {source}
  WHERE d.what IN ('added', 'replaced')
) AS x WHERE m > coalesce(pg_sequence_last_value({sequence}::regclass), 0)"""
    return sql.SQL(text).format(
        sequence=sql.Literal(column.sequence),
        column=sql.Identifier(column.name),
        difference=DIFFERENCE,
        source=_joined(plan, "s"),
    )


def count(table: Table) -> sql.Composed:
    """How many rows there are."""
    return sql.SQL("SELECT count(*) FROM {}").format(table.identifier)


def clean_up(plan: Plan) -> list[str | sql.Composed]:
    """Drop the temporary tables: another target of the same transaction makes its own."""
    tables = [FOUND, DIFFERENCE, *([STAGE] if plan.staged else [])]
    return [*SET_BY_SET, *(sql.SQL("DROP TABLE {}").format(table) for table in tables)]


def drop_source(job: Job) -> sql.Composed:
    """Drop the table that was released from; fails where something depends on it."""
    return sql.SQL("DROP TABLE {}").format(sql.Identifier(*job.source))


ROW_BY_ROW = ("SET LOCAL enable_hashjoin = off", "SET LOCAL enable_mergejoin = off")
SET_BY_SET = ("SET LOCAL enable_hashjoin = on", "SET LOCAL enable_mergejoin = on")
HAS_LOG = "SELECT to_regclass('graticule.tracked') IS NOT NULL"
HAS_TRACKED = "SELECT count(*) FROM graticule.tracked WHERE relation = %s"
LOGGED = """
SELECT max(id), coalesce(sum(cardinality(boxes)) / 4, 0)
FROM graticule.change WHERE xid = pg_current_xact_id() AND relation = %s
"""
RAISE_GENERATION = "UPDATE core_resource SET generation = generation + 1 WHERE id = ANY (%s)"
