"""What a Layer promises: the best that can be kept, and in words why no more."""

from typing import Any

import pytest

from core.changelog.sources import sources
from core.models import Layer
from core.publishing import CannotPublish
from tests.changelog.log import logged, rows
from tests.database import OWNER_ROLE, RENDER_ROLE, execute, two_roles
from tests.odd import load, publish_odd

BASES = """
CREATE TABLE odd.plots (id integer PRIMARY KEY, owner integer, note text, secret text,
  geom geometry(Polygon, 3857));
CREATE TABLE odd.owners (id integer PRIMARY KEY, name text, phone text);
CREATE FUNCTION odd.owner_of(integer) RETURNS text LANGUAGE sql STABLE
  AS 'SELECT name FROM odd.owners WHERE id = $1';
CREATE FUNCTION odd.doubled(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION odd.unmarked(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
CREATE VIEW odd.inner_plots AS SELECT id, owner, note, geom FROM odd.plots;
"""
PLOT = "(1, 1, '', '', ST_MakeEnvelope(0, 0, 2, 3, 3857))"
# The definition of a view, and the reach of each of its tables (... is any other fault).
VIEWS: dict[str, tuple[str, dict[str, float | None]]] = {
    "a part of a table": ("SELECT id, note, geom FROM odd.plots WHERE owner = 1", {"plots": 0}),
    "with what can be computed": ("SELECT id, upper(note) AS u, geom FROM odd.plots", {"plots": 0}),
    "through another view": ("SELECT id, note, geom FROM odd.inner_plots", {"plots": 0}),
    "with a function that reads nothing": (
        "SELECT id, odd.doubled(owner) AS d, geom FROM odd.plots",
        {"plots": 0},
    ),
    "where rows of another decide": (
        "SELECT id, geom FROM odd.plots p WHERE EXISTS (SELECT FROM odd.owners WHERE id = p.owner)",
        {"plots": 0, "owners": None},
    ),
    "where its own rows decide": (
        "SELECT id, geom FROM odd.plots WHERE id < (SELECT avg(id) FROM odd.plots)",
        {"plots": None},
    ),
    "a computed geometry": (
        "SELECT id, ST_Buffer(geom, 9)::geometry(Polygon, 3857) AS geom FROM odd.plots",
        {"plots": None},
    ),
    "a join": (
        "SELECT p.id, o.name, p.geom FROM odd.plots p JOIN odd.owners o ON o.id = p.owner",
        {"plots": None, "owners": None},
    ),
    "a union": (
        "SELECT id, geom FROM odd.plots UNION ALL SELECT id, geom FROM odd.plots",
        {"plots": None},
    ),
    "a sum": ("SELECT count(*) AS n, ST_Union(geom) AS geom FROM odd.plots", {"plots": None}),
    "no table at all": (
        "SELECT 1 AS id, 'SRID=3857;POINT(1 1)'::geometry(Point, 3857) AS geom",
        {},
    ),
}


def reaches(layer: Layer) -> dict[str, float | None]:
    """How far each table below a Layer is felt; the view itself left out."""
    names = dict(
        rows("SELECT oid::bigint, relname::text FROM pg_class WHERE relkind IN ('r', 'p')")
    )
    found = {
        names[oid]: {one.reach for one in felt if one.layer_id == layer.pk}
        for oid, felt in sources().items()
        if oid in names and any(one.layer_id == layer.pk for one in felt)
    }
    return {name: min(reach, key=lambda one: one is not None) for name, reach in found.items()}


@pytest.mark.parametrize("what", VIEWS)
def test_a_view_is_derived_from_its_tables(committed: None, what: str) -> None:
    execute(BASES)
    definition, wanted = VIEWS[what]
    execute(f"CREATE VIEW odd.shown AS {definition}")
    layer = publish_odd("shown", srid=3857).layer
    assert (layer.freshness, layer.trouble, layer.cacheable) == ("derived", "", True)
    assert reaches(layer) == wanted


def test_the_tables_below_a_view_log_what_it_shows(committed: None) -> None:
    execute(BASES)
    execute("CREATE VIEW odd.shown AS SELECT id, note, geom FROM odd.plots WHERE owner > 0")
    publish_odd("shown", srid=3857)
    [found] = logged(f"INSERT INTO odd.plots VALUES {PLOT}")
    assert (found.relation, found.boxes) == ("odd.plots", [(0, 0, 2, 3)])
    [found] = logged("UPDATE odd.plots SET secret = 'new'")
    assert (found.rows, found.boxes) == (0, [])
    # `owner` is no column of the view, but decides which rows are.
    [found] = logged("UPDATE odd.plots SET owner = 0")
    assert found.boxes == [(0, 0, 2, 3)]


def test_a_table_without_geometry_says_only_whether_it_changed(committed: None) -> None:
    execute(BASES)
    execute("INSERT INTO odd.owners VALUES (1, 'a', '1')")
    execute(f"CREATE VIEW odd.shown AS {VIEWS['a join'][0]}")
    publish_odd("shown", srid=3857)
    [found] = logged("UPDATE odd.owners SET name = 'b'")
    assert (found.relation, found.rows, found.boxes) == ("odd.owners", 1, None)
    [found] = logged("UPDATE odd.owners SET phone = '2'")
    assert (found.rows, found.boxes) == (0, [])
    [found] = logged("DELETE FROM odd.owners")
    assert (found.what, found.rows, found.boxes) == ("delete", 1, None)


# What a view's rows must not hang on, and what is said of it.
SESSION = {
    "the clock": ("now()", "now()"),
    "today": ("CURRENT_DATE", "CURRENT_DATE"),
    "who asks": ("current_user", "CURRENT_USER"),
    "a setting": ("current_setting('TimeZone')", "current_setting()"),
    "chance": ("random()", "random()"),
    "a clock that runs": ("clock_timestamp()", "clock_timestamp()"),
    "a function that is not marked": ("odd.unmarked(owner)", "unmarked()"),
    "a right": ("has_table_privilege('odd.plots', 'SELECT')", "has_table_privilege()"),
}


@pytest.mark.parametrize("what", SESSION)
def test_rows_that_hang_on_the_session_are_not_cached(committed: None, what: str) -> None:
    execute(BASES)
    expression, said = SESSION[what]
    execute(f"CREATE VIEW odd.shown AS SELECT id, {expression} AS e, geom FROM odd.plots")
    layer = publish_odd("shown", srid=3857).layer
    assert (layer.freshness, layer.cacheable) == ("ttl", False)
    assert said in layer.trouble
    for asked in ("derived", "polled"):
        with pytest.raises(CannotPublish, match=f"cannot be {asked}"):
            publish_odd("shown", srid=3857, freshness=asked)


def test_a_random_sample_is_not_cached(committed: None) -> None:
    execute(BASES)
    execute("CREATE VIEW odd.shown AS SELECT id, geom FROM odd.plots TABLESAMPLE bernoulli (50)")
    assert publish_odd("shown", srid=3857).layer.cacheable is False


def test_a_volatile_view_behind_another_is_found(committed: None) -> None:
    execute(BASES)
    execute(
        "CREATE VIEW odd.behind AS SELECT id, random() AS r, geom FROM odd.plots;"
        "CREATE VIEW odd.shown AS SELECT id, geom FROM odd.behind WHERE r < 0.5"
    )
    assert publish_odd("shown", srid=3857).layer.cacheable is False


def test_a_function_that_may_read_tables_wants_them_named(committed: None) -> None:
    execute(BASES)
    execute("CREATE VIEW odd.shown AS SELECT id, odd.owner_of(owner) AS o, geom FROM odd.plots")
    layer = publish_odd("shown", srid=3857).layer
    assert (layer.freshness, layer.cacheable) == ("ttl", True)
    assert "owner_of() reads" in layer.trouble
    layer = publish_odd(
        "shown", srid=3857, derived_from=[{"relation": "odd.owners", "reach": None}]
    ).layer
    assert (layer.freshness, layer.trouble) == ("derived", "")
    assert reaches(layer) == {"plots": 0, "owners": None}


def test_a_reach_that_is_declared_counts(committed: None) -> None:
    execute(BASES)
    execute(f"CREATE VIEW odd.shown AS {VIEWS['a computed geometry'][0]}")
    declared = [{"relation": "odd.plots", "reach": 9}]
    layer = publish_odd("shown", srid=3857, derived_from=declared).layer
    assert reaches(layer) == {"plots": 9}
    [found] = logged(f"INSERT INTO odd.plots VALUES {PLOT}")
    assert found.boxes == [(0, 0, 2, 3)]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a table that is asked to be derived": (
        {"relation": "odd.plots", "freshness": "derived"},
        "is a table: ask for 'tracked'",
    ),
    "a view that is asked to be tracked": (
        {"relation": "odd.inner_plots", "freshness": "tracked"},
        "is no table: ask for 'derived'",
    ),
    "a freshness of its own": ({"relation": "odd.plots", "freshness": "soon"}, "soon"),
    "a table that is said to be derived": (
        {"relation": "odd.plots", "derived_from": [{"relation": "odd.owners", "reach": None}]},
        "is for views",
    ),
    "a base that is not there": (
        {"relation": "odd.inner_plots", "derived_from": [{"relation": "odd.gone", "reach": 1}]},
        "no table or view odd.gone",
    ),
    "a base that is a view": (
        {"relation": "odd.inner_plots",
         "derived_from": [{"relation": "odd.inner_plots", "reach": None}]},
        "name the tables",
    ),
    "a reach where there is no geometry": (
        {"relation": "odd.inner_plots", "derived_from": [{"relation": "odd.owners", "reach": 5}]},
        "no geometry",
    ),
    "a reach that is none": (
        {"relation": "odd.inner_plots", "derived_from": [{"relation": "odd.plots", "reach": -1}]},
        "number of metres",
    ),
    "another form": (
        {"relation": "odd.inner_plots", "derived_from": [{"table": "odd.plots"}]},
        "Write 'derived from' as",
    ),
    "a polling that never comes": ({"relation": "odd.plots", "poll_seconds": 0}, "1"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_had_is_refused_with_words(committed: None, what: str) -> None:
    execute(BASES)
    words, said = REFUSED[what]
    with pytest.raises(CannotPublish, match=said):
        publish_odd("refused", srid=3857, **words)
    assert not Layer.objects.filter(name="refused").exists()


def test_less_may_be_asked_for(committed: None) -> None:
    execute(BASES)
    layer = publish_odd("plots", freshness="ttl").layer
    assert (layer.freshness, layer.asked_freshness, layer.trouble) == ("ttl", "ttl", "")
    assert logged("DELETE FROM odd.plots WHERE false; INSERT INTO odd.plots VALUES (1)") == []
    layer = publish_odd("plots", freshness="polled", poll_seconds=5).layer
    assert (layer.freshness, layer.poll_seconds) == ("polled", 5)
    layer = publish_odd("plots").layer
    assert (layer.freshness, layer.asked_freshness) == ("tracked", "")


def test_a_materialised_view_is_derived_and_needs_no_trigger(committed: None) -> None:
    load("materialised_view")
    layer = publish_odd("materialised_view").layer
    assert (layer.freshness, layer.trouble, reaches(layer)) == ("derived", "", {})


def test_a_materialised_view_keeps_what_was_random_when_it_was_filled(committed: None) -> None:
    execute(BASES)
    execute("CREATE MATERIALIZED VIEW odd.kept AS SELECT id, random() AS r, geom FROM odd.plots")
    layer = publish_odd("kept", srid=3857).layer
    assert (layer.freshness, layer.cacheable) == ("derived", True)


@two_roles
def test_rows_that_policies_choose_are_not_cached(committed: None) -> None:
    execute(BASES)
    execute("ALTER TABLE odd.plots ENABLE ROW LEVEL SECURITY")
    layer = publish_odd("plots").layer
    assert (layer.freshness, layer.cacheable) == ("ttl", False)
    assert "row level security of odd.plots" in layer.trouble
    # A view reads with the rights of its owner, who owns the table too.
    view = publish_odd("inner_plots").layer
    assert (view.freshness, view.cacheable) == ("derived", True)
    execute("ALTER VIEW odd.inner_plots SET (security_invoker = true)")
    assert publish_odd("inner_plots").layer.cacheable is False
    assert OWNER_ROLE != RENDER_ROLE


def test_an_overview_is_tracked_too(committed: None) -> None:
    load("overviews")
    layer = publish_odd("overviews", overviews=[("odd.overviews_coarse", 0, 4)]).layer
    assert layer.freshness == "tracked"
    [found] = logged("DELETE FROM odd.overviews_coarse")
    assert found.what == "delete"
    bands = {
        (one.min_zoom, one.max_zoom)
        for felt in sources().values()
        for one in felt
        if one.layer_id == layer.pk
    }
    assert bands == {(0, 4), (5, 24)}
