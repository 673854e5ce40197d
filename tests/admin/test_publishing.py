"""The admin screens: publish a table, change how it is served, warm it."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.models import Layer, Tileset
from tasks.models import Run, Schedule
from tests.odd import OddTable, load


@pytest.fixture
def staff(committed: None, django_user_model: type[User]) -> Client:
    """A logged-in superuser."""
    django_user_model.objects.filter(username="operator").delete()
    user = django_user_model.objects.create_superuser("operator", password="a long one indeed")
    client = Client()
    client.force_login(user)
    return client


NEW = {
    "relation": "odd.a_view",
    "name": "shown",
    "access": "public",
    "state": "published",
    "min_zoom": "0",
    "max_zoom": "14",
    "extent": "4096",
    "buffer": "64",
    "ttl_seconds": "3600",
    "poll_seconds": "60",
    "byte_budget": "500000",
}


def test_a_view_is_published_and_then_shown_with_map_and_addresses(staff: Client) -> None:
    load("a_view")
    answer = staff.post("/admin/core/layer/add/", {**NEW, "_continue": "1"}, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<graticule-preview" in page
    assert "http://127.0.0.1:8000/tiles/shown/{z}/{x}/{y}.mvt" in page
    assert Client().get("/tiles/shown.json").status_code == 200


def test_a_new_layer_does_not_take_the_place_of_another(staff: Client, odd: OddTable) -> None:
    layer = odd("ranked", name="shown", access="staff").layer
    load("a_view")
    answer = staff.post("/admin/core/layer/add/", NEW)
    assert answer.status_code == 200
    assert "is taken" in answer.content.decode()
    now = Layer.objects.get(name="shown")
    assert (now.relation, now.access) == (layer.relation, "staff")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Not A Name"}, "lower-case letters"),
        ({"relation": "odd.nothing"}, "Select a valid choice"),
        ({"min_zoom": "9", "max_zoom": "3"}, "above the maximum"),
        ({"id_column": "nope"}, "has no column"),
    ],
)
def test_a_fault_is_said_in_the_form_and_nothing_is_published(
    staff: Client, wrong: dict[str, str], said: str
) -> None:
    load("a_view")
    answer = staff.post("/admin/core/layer/add/", {**NEW, **wrong})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Layer.objects.filter(relation_schema="odd").exists()


def test_columns_are_chosen_and_the_generation_rises(staff: Client, odd: OddTable) -> None:
    layer = odd("typed_columns", max_zoom=14).layer
    shown = [one["name"] for one in layer.fields]
    data = {**NEW, "relation": layer.relation, "columns": shown[:1], "title": "Chosen"}
    answer = staff.post(f"/admin/core/layer/{layer.pk}/change/", data)
    assert answer.status_code == 302, answer.content
    before = layer.generation
    layer.refresh_from_db()
    assert [one["name"] for one in layer.fields] == shown[:1]
    assert layer.title == "Chosen"
    assert layer.generation == before + 1


def test_the_list_of_layers_has_a_word_for_the_freshness(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    row = staff.get("/admin/core/layer/").content.decode().partition("<tbody>")[2]
    [cell] = re.findall('<td class="field-keeps">(.*?)</td>', row.partition("</tr>")[0])
    meaning = layer.get_freshness_display()
    assert cell == f'<span title="{meaning}">{layer.freshness}</span>'
    assert row.index("field-access") < row.index("field-relation"), "who may see it is in sight"


def test_purging_raises_the_generation(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    staff.post(
        "/admin/core/layer/", {"action": "purge", "_selected_action": str(layer.pk)}, follow=True
    )
    before = layer.generation
    layer.refresh_from_db()
    assert layer.generation == before + 1


def test_purging_a_tileset_drops_the_tiles_of_its_layers(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    tileset = Tileset.objects.create(name="holder")
    tileset.members.create(layer=layer)
    staff.post("/admin/core/tileset/", {"action": "purge", "_selected_action": str(tileset.pk)})
    before = layer.generation
    layer.refresh_from_db()
    assert layer.generation == before + 1


def test_a_withdrawn_layer_is_gone_for_strangers(staff: Client, odd: OddTable) -> None:
    published = odd("no_primary_key")
    staff.post("/admin/core/layer/", {"action": "withdraw", "_selected_action": published.layer.pk})
    assert Client().get(f"/tiles/{published.layer.name}.json").status_code == 404
    assert staff.get(f"/tiles/{published.layer.name}.json").status_code == 200


def test_a_tileset_needs_layers_with_names_of_their_own(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    data = {
        "name": "both",
        "access": "public",
        "state": "published",
        "byte_budget": "500000",
        "members-TOTAL_FORMS": "0",
        "members-INITIAL_FORMS": "0",
    }
    refused = staff.post("/admin/core/tileset/add/", data)
    assert "at least one layer" in refused.content.decode()
    member = {"members-TOTAL_FORMS": "1", "members-0-layer": layer.pk, "members-0-position": "0"}
    assert staff.post("/admin/core/tileset/add/", {**data, **member}).status_code == 302
    assert [one.name for one in Tileset.objects.get(name="both").layers.all()] == [layer.name]


def test_a_tileset_says_which_layers_keep_the_public_out(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    tileset = Tileset.objects.create(name="town", state="published")
    tileset.members.create(layer=layer)
    pages = (f"/admin/core/tileset/{tileset.pk}/change/", "/admin/core/tileset/")

    def shown() -> tuple[bool, bool]:
        page, rows = (staff.get(path).content.decode() for path in pages)
        return "The public gets a 404" in page, f"from the public by {layer.name}" in rows

    assert shown() == (False, False)
    for values, why in (({"access": "staff"}, "for staff only"), ({"state": "draft"}, "a draft")):
        Layer.objects.filter(pk=layer.pk).update(access="public", state="published")
        Layer.objects.filter(pk=layer.pk).update(**values)
        assert shown() == (True, True)
        warning = staff.get(pages[0]).content.decode().partition("The public gets a 404")[2]
        assert f'href="/admin/core/layer/{layer.pk}/change/"' in warning
        assert why in warning.partition("</ul>")[0]
    Tileset.objects.filter(pk=tileset.pk).update(state="draft")
    assert shown() == (False, False), "it is for staff, and says so"
    tileset.delete()


def test_a_layer_in_a_tileset_is_not_deleted(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    tileset = Tileset.objects.create(name="holder")
    tileset.members.create(layer=layer)
    answer = staff.post(f"/admin/core/layer/{layer.pk}/delete/", {"post": "yes"})
    assert "protected" in answer.content.decode()
    assert Layer.objects.filter(pk=layer.pk).exists()


def test_a_form_says_how_many_tiles_it_asks_for(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key", max_zoom=6).layer
    query = {"resource": layer.pk, "west": -180, "south": -85, "east": 180, "north": 85}
    answer = staff.get("/admin/tasks/run/forecast/", {**query, "min_zoom": 0, "max_zoom": 9})
    assert answer.json()["total"] == sum(4**zoom for zoom in range(7))
    wrong = staff.get("/admin/tasks/run/forecast/", {**query, "west": 181, "min_zoom": 0})
    assert wrong.status_code == 400


def test_a_form_without_an_area_asks_for_where_there_is_data(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key", max_zoom=6).layer
    for kind in ("run", "schedule"):
        form = staff.get(f"/admin/tasks/{kind}/add/").content.decode()
        [west] = re.findall('<input[^>]*name="west"[^>]*>', form)
        assert "value" not in west
        assert "Leave all four empty to warm where there is data" in form
    query = {"resource": layer.pk, "min_zoom": 6, "max_zoom": 6}
    assert staff.get("/admin/tasks/run/forecast/", query).json()["total"] == 20
    half = staff.get("/admin/tasks/run/forecast/", {**query, "west": 1})
    assert "all four sides" in half.json()["error"]
    sides = dict.fromkeys(("west", "south", "east", "north"), "")
    assert staff.post("/admin/tasks/run/add/", {**query, **sides}).status_code == 302
    run = Run.objects.latest("pk")
    assert run.bbox is None
    page = staff.get(f"/admin/tasks/run/{run.pk}/change/").content.decode()
    assert f"warm {layer.name} --zooms 6-6" in page
    Run.objects.all().delete()


def test_a_run_is_watched_and_cancelled(staff: Client, odd: OddTable) -> None:
    run = Run.objects.create(resource=odd("no_primary_key").layer, max_zoom=2)
    page = staff.get(f"/admin/tasks/run/{run.pk}/change/").content.decode()
    assert "--zooms 0-2" in page
    assert staff.get(f"/admin/tasks/run/{run.pk}/live/").json()["state"] == "waiting"
    assert staff.get(f"/admin/tasks/run/{run.pk}/cancel/").status_code == 405
    staff.post(f"/admin/tasks/run/{run.pk}/cancel/")
    assert staff.get(f"/admin/tasks/run/{run.pk}/live/").json()["state"] == "cancelled"


def test_a_schedule_that_cannot_fit_is_refused_with_a_sentence(
    staff: Client, odd: OddTable
) -> None:
    layer = odd("no_primary_key", max_zoom=20).layer
    data = {
        "name": "nightly",
        "resource": layer.pk,
        "enabled": "on",
        "west": -180,
        "south": -85,
        "east": 180,
        "north": 85,
        "min_zoom": 0,
        "max_zoom": 15,
        "cron": "30 1 * * *",
        "timezone": "Europe/Berlin",
    }
    refused = staff.post("/admin/tasks/schedule/add/", data)
    assert "one run holds" in refused.content.decode()
    often = {**data, "max_zoom": 4, "cron": f"0 0 1 {'1,2,3,4,5,6,7,8,9,10,11,12,' * 3}1 *"}
    refused = staff.post("/admin/tasks/schedule/add/", often)
    assert refused.status_code == 200
    assert "room for 64" in refused.content.decode()
    assert staff.post("/admin/tasks/schedule/add/", {**data, "max_zoom": 4}).status_code == 302
    schedule = Schedule.objects.get(name="nightly")
    assert schedule.periodic_task is not None
    staff.post("/admin/tasks/schedule/", {"action": "pause", "_selected_action": schedule.pk})
    schedule.refresh_from_db()
    assert (schedule.enabled, schedule.periodic_task.enabled) == (False, False)
    schedule.delete()


def test_strangers_see_the_login_and_nothing_else(committed: None) -> None:
    for path in ("/admin/", "/admin/core/layer/", "/admin/tasks/run/1/live/"):
        answer = Client().get(path)
        assert answer.status_code == 302, path
        assert "/admin/login/" in answer.headers["Location"]


def test_the_form_says_what_a_layer_promises_and_refuses_what_it_cannot(staff: Client) -> None:
    load("a_view")
    answer = staff.post("/admin/core/layer/add/", {**NEW, "asked_freshness": "tracked"})
    assert "ask for &#x27;derived&#x27;" in answer.content.decode()
    answer = staff.post(
        "/admin/core/layer/add/",
        {**NEW, "derived_from": '["odd.a_view_base"]', "asked_freshness": "derived"},
    )
    assert "Write &#x27;derived from&#x27; as" in answer.content.decode()
    answer = staff.post(
        "/admin/core/layer/add/",
        {**NEW, "asked_freshness": "derived", "_continue": "1"},
        follow=True,
    )
    assert "derived: Its base tables say what changed" in answer.content.decode()
    assert Layer.objects.get(name="shown").freshness == "derived"
