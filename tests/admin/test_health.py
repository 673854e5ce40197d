"""Layer health and the home page: what is wrong is said, with what to do about it."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import doubt
from core.doubt import Wrong
from core.models import Layer, Mismatch, Tileset
from tasks.models import Run, RunState
from tests.admin.conftest import Log
from tests.odd import OddTable, forget_tiles
from tileserver import health
from tileserver.health import Finding

WRONG = Wrong("redis", "3/4/2", "text_ids", "public|", "0" * 32, "f" * 32)


def execute(statement: str) -> None:
    """Run SQL as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def findings(layer: Layer) -> dict[str, Finding]:
    """The health of a Layer as it is now, by what it is about."""
    layer.refresh_from_db()
    return {one.what: one for one in health.findings(layer)}


def test_a_sound_layer_is_found_well(changelog: Log, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    changelog.write("text_ids", boxes=[1.0, 1.0, 1.0, 1.0])
    found = findings(layer)
    assert {one.grade for one in found.values()} <= {"good", "open"}
    assert found["SRID"].value == "EPSG:4326"
    assert found["Spatial index"].value == "there"
    assert "which is right for so few" in found["Plan"].value
    assert found["Last change"].at is not None


def test_a_large_relation_is_read_by_its_index(odd: OddTable) -> None:
    layer = odd("text_ids").layer
    execute(
        "INSERT INTO odd.text_ids SELECT 'n' || n, ST_SetSRID(ST_MakePoint(n % 180, n % 80), 4326)"
        " FROM generate_series(1, 20000) n; ANALYZE odd.text_ids"
    )
    found = findings(layer)
    assert found["Rows"].value == "about 20,002"
    assert found["Plan"].value.endswith("uses text_ids_geom")
    execute("DROP INDEX odd.text_ids_geom")
    found = findings(layer)
    assert (found["Spatial index"].grade, found["Plan"].grade) == ("bad", "bad")
    assert found["Spatial index"].remedy == 'CREATE INDEX ON "odd"."text_ids" USING gist ("geom");'


def test_a_relation_that_is_gone_is_said_to_be(odd: OddTable) -> None:
    layer = odd("text_ids").layer
    execute("DROP TABLE odd.text_ids")
    assert findings(layer)["Relation"].value == "odd.text_ids is not in the database"


def test_a_geometry_that_moved_is_said_to_have(odd: OddTable) -> None:
    layer = odd("text_ids").layer
    execute(
        "ALTER TABLE odd.text_ids ALTER geom TYPE geometry(Point, 3857)"
        " USING ST_Transform(geom, 3857)"
    )
    found = findings(layer)["SRID"]
    assert (found.grade, found.remedy) == ("bad", "Publish it again.")


def test_invalid_geometries_are_counted_with_a_reason(operator: Client, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    execute(
        "ALTER TABLE odd.text_ids ALTER geom TYPE geometry(Geometry, 4326); INSERT INTO "
        "odd.text_ids VALUES ('bow', 'SRID=4326;POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))')"
    )
    answer = operator.get(f"/admin/health/{layer.name}/geometries/").json()
    assert answer["value"].startswith("1 of 3 rows; such as: Self-intersection")
    assert answer["grade"] == "bad"
    execute("DELETE FROM odd.text_ids WHERE code = 'bow'")
    assert health.invalid(layer).value == "none in 2 rows"


def test_who_uses_a_layer_is_listed(operator: Client, world: None) -> None:
    shown = operator.get("/admin/health/world_countries/").content.decode()
    tileset = Tileset.objects.get(name="world")
    assert f'tileset <a href="/admin/core/tileset/{tileset.pk}/change/">world</a>' in shown
    assert ">world-light</a>" in shown


def test_a_wrong_tile_is_shown_until_it_is_settled(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    layer = odd("text_ids").layer
    doubt.doubt([layer.pk], WRONG)
    found = findings(layer)
    assert found["Wrong tiles"].grade == "bad"
    assert "was wrong in redis" in found["Freshness"].remedy
    shown = operator.get("/admin/health/text_ids/").content.decode()
    assert "./manage.py tile text_ids 3/4/2" in shown
    assert "1 wrong tile." in operator.get("/admin/health/").content.decode()
    said = "the auditor found tile 3/4/2 of text_ids wrong"
    assert said in operator.get("/admin/changes/").content.decode()
    assert "had 1 wrong tile cached" in operator.get("/admin/").content.decode()
    assert doubt.doubted() == {layer.pk}
    assert doubt.settle(layer.pk) == 1
    assert findings(layer)["Wrong tiles"].grade == "good"
    assert doubt.doubted() == set()


def test_the_overview_has_a_line_for_each_layer(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    layer = odd("text_ids").layer
    Layer.objects.filter(pk=layer.pk).update(trouble="Its trigger is gone.")
    changelog.write("text_ids", boxes=[1.0, 1.0, 1.0, 1.0])
    shown = operator.get("/admin/health/").content.decode()
    assert "Its trigger is gone." in shown
    assert shown.count("<time") == 1


def test_the_overview_shows_what_the_page_of_a_layer_shows_as_wrong(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids")
    sound = odd("no_primary_key").layer

    def trouble() -> str:
        """The last cell of the Layer's line."""
        shown = operator.get("/admin/health/").content.decode()
        line = shown.partition(">text_ids</a>")[2].partition("</tr>")[0]
        return line.partition('data-label="Trouble">')[2]

    assert "none" in trouble()
    execute("DROP INDEX odd.text_ids_geom")
    assert "has no spatial index" in trouble()
    execute("DROP TRIGGER graticule_update ON odd.text_ids")
    assert "odd.text_ids has no trigger for UPDATE" in trouble()
    assert "has no spatial index" in trouble()
    execute("DROP TABLE odd.text_ids CASCADE")
    assert "is not in the database" in trouble()
    assert sound.name not in health.faults_of_all()


def test_the_overview_asks_no_more_for_more_layers(odd: OddTable) -> None:
    odd("text_ids")
    health.faults_of_all()
    with CaptureQueriesContext(connection) as few:
        health.faults_of_all()
    odd("no_primary_key")
    odd("typed_columns")
    with CaptureQueriesContext(connection) as more:
        health.faults_of_all()
    assert len(more) == len(few)


def test_the_command_fails_where_something_is_wrong(odd: OddTable) -> None:
    layer = odd("text_ids").layer
    said = StringIO()
    call_command("health", layer.name, geometries=True, stdout=said)
    assert "text_ids: Invalid geometries: none in 2 rows" in said.getvalue()
    execute("DROP INDEX odd.text_ids_geom")
    with pytest.raises(SystemExit):
        call_command("health", stdout=said)
    assert "Spatial index: missing" in said.getvalue()
    with pytest.raises(CommandError, match="no layer named"):
        call_command("health", "nothing")


def test_the_api_tells_the_same(operator: Client, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    found = operator.get(f"/api/v1/health/{layer.name}").json()
    assert {
        "what": "SRID",
        "value": "EPSG:4326",
        "grade": "good",
        "remedy": "",
        "at": None,
    } in found
    assert operator.get("/api/v1/health/nothing").status_code == 404
    assert Client().get(f"/api/v1/health/{layer.name}").status_code == 403


def home(client: Client) -> str:
    """The home page of the admin."""
    return client.get("/admin/").content.decode()


def test_home_tells_numbers_and_what_needs_somebody(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    layer = odd("text_ids").layer
    changelog.applied(changelog.write("text_ids", boxes=[1.0, 1.0, 1.0, 1.0]))
    shown = home(operator)
    for what in ("Fresh within", "Oldest change waiting", "Wrong tiles", "Seats in use"):
        assert what in shown
    assert "99 of 100 changes, last hour; 1 applied" in shown
    assert "text_ids" not in shown.partition("Needs you")[2].partition("app-watch")[0]
    Layer.objects.filter(pk=layer.pk).update(trouble="Its trigger is gone.")
    execute("DROP INDEX odd.text_ids_geom")
    run = Run.objects.create(resource=layer, state=RunState.FAILED, error="out of breath")
    shown = home(operator)
    assert "Its trigger is gone." in shown
    assert "has no spatial index" in shown
    need = shown.partition("has no spatial index")[2].partition("</li>")[0]
    assert 'href="/admin/health/text_ids/"' in need
    assert "of text_ids failed: out of breath" in shown
    assert f"/admin/tasks/run/{run.pk}/change/" in shown
    Run.objects.create(resource=layer, state=RunState.DONE)
    assert "out of breath" not in home(operator)


def test_a_tile_over_its_budget_needs_somebody(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    forget_tiles()
    odd("heavy", rank_column="rank", byte_budget=10_000).answer((3, 4, 3))
    assert re.search(
        r"<strong>heavy</strong> shows [0-9,]+ of [0-9,]+ features in 3/4/3", home(operator)
    )


def test_a_change_that_waits_is_counted(operator: Client, changelog: Log, odd: OddTable) -> None:
    odd("text_ids")
    with transaction.atomic():
        changelog.write("text_ids", boxes=[1.0, 1.0, 1.0, 1.0])
        assert "1 waiting" in home(operator)


def test_home_renews_itself(operator: Client, changelog: Log) -> None:
    answer = operator.get("/admin/news/")
    stamp = answer.json()["stamp"]
    assert "Needs you" in answer.json()["html"]
    assert operator.get(f"/admin/news/?live={stamp}").status_code in (200, 204)


def test_a_mismatch_goes_with_its_layer(odd: OddTable) -> None:
    layer = odd("text_ids").layer
    doubt.doubt([layer.pk], WRONG)
    layer.delete()
    assert not Mismatch.objects.exists()
