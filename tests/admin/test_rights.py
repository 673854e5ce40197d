"""What staff may do in the admin: who may only look changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from core.models import Layer, Tileset
from tasks import schedules
from tasks.models import Act, Release, Run, Schedule
from tests.admin.conftest import logged_in
from tests.odd import OddTable

MODELS = ("layer", "tileset", "run", "schedule", "release")


@pytest.fixture
def things(odd: OddTable) -> Iterator[dict[str, Any]]:
    """One of each that has actions."""
    layer = odd("ranked").layer
    tileset = Tileset.objects.create(name="both", state="published")
    tileset.members.create(layer=layer)
    schedule = Schedule.objects.create(name="nightly", resource=layer, cron="30 1 * * *")
    schedules.synchronise(schedule)
    yield {
        "core/layer": layer,
        "core/tileset": tileset,
        "tasks/run": Run.objects.create(resource=layer, max_zoom=2),
        "tasks/schedule": schedule,
        "tasks/release": Release.objects.create(resource=layer, act=Act.LOAD, source="odd.load"),
    }
    schedules.forget(schedule)
    Schedule.objects.all().delete()
    Run.objects.all().delete()


@pytest.fixture
def viewer(committed: None) -> Iterator[Client]:
    """Staff who may see all of it, and nothing else."""
    with logged_in("viewer") as client:
        allow("viewer", *(f"view_{name}" for name in MODELS))
        yield client


def allow(name: str, *codes: str) -> None:
    """Give a user these rights."""
    User.objects.get(username=name).user_permissions.add(
        *Permission.objects.filter(codename__in=codes)
    )


def stored() -> list[Any]:
    """All that an action could change."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Layer, Tileset, Release)]
    runs = list(Run.objects.order_by("pk").values("pk", "state"))
    return [*rows, runs, list(Schedule.objects.values("pk", "enabled", "periodic_task__enabled"))]


ACTIONS = [
    ("core/layer", "publish"), ("core/layer", "withdraw"), ("core/layer", "purge"),
    ("core/layer", "hold"), ("core/layer", "delete_selected"),
    ("core/tileset", "publish"), ("core/tileset", "withdraw"), ("core/tileset", "purge"),
    ("core/tileset", "hold"), ("tasks/run", "cancel_runs"), ("tasks/run", "start_again"),
    ("tasks/schedule", "run_now"), ("tasks/schedule", "pause"), ("tasks/schedule", "resume"),
    ("tasks/release", "cancel_releases"),
]  # fmt: skip


def act(client: Client, where: str, action: str, thing: Any) -> Any:
    """The answer to an action on one row of a list."""
    data = {"action": action, "_selected_action": str(thing.pk)}
    return client.post(f"/admin/{where}/", data)


@pytest.mark.parametrize(("where", "action"), ACTIONS)
def test_who_may_only_look_cannot_act(
    viewer: Client, things: dict[str, Any], where: str, action: str
) -> None:
    thing = things[where]
    before = stored()
    assert f'value="{action}"' not in viewer.get(f"/admin/{where}/").content.decode()
    answer = act(viewer, where, action, thing)
    assert "hold" not in answer.headers.get("Location", "")
    assert stored() == before


def test_who_may_only_look_cannot_cancel_a_run_on_its_page(
    viewer: Client, things: dict[str, Any]
) -> None:
    run = things["tasks/run"]
    assert (
        "Cancel this run" not in viewer.get(f"/admin/tasks/run/{run.pk}/change/").content.decode()
    )
    assert viewer.post(f"/admin/tasks/run/{run.pk}/cancel/").status_code == 403
    run.refresh_from_db()
    assert run.state == "waiting"


@pytest.mark.parametrize(
    ("where", "action", "right"),
    [
        ("core/layer", "withdraw", "change_layer"), ("core/tileset", "withdraw", "change_tileset"),
        ("core/layer", "purge", "change_layer"), ("tasks/run", "cancel_runs", "add_run"),
        ("tasks/schedule", "pause", "change_schedule"),
        ("tasks/release", "cancel_releases", "add_release"),
    ],
)  # fmt: skip
def test_who_has_the_right_acts(
    viewer: Client, things: dict[str, Any], where: str, action: str, right: str
) -> None:
    before = stored()
    allow("viewer", right)
    act(viewer, where, action, things[where])
    assert stored() != before


@pytest.mark.parametrize("where", ["core/layer", "core/tileset"])
def test_who_may_release_is_led_to_the_page_that_holds(
    viewer: Client, things: dict[str, Any], where: str
) -> None:
    allow("viewer", "add_release")
    answer = act(viewer, where, "hold", things[where])
    assert answer.headers["Location"].startswith("/admin/tasks/release/hold/")
    assert viewer.get(answer.headers["Location"]).status_code == 200
