"""The admin screens: what waits, a dry run first, and then for real."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.models import Layer
from core.publishing import publish_tileset
from tasks import releasing
from tasks.models import Act, Release
from tests.database import execute
from tests.release.town import content


@pytest.fixture
def admin(trees: Layer) -> Iterator[Client]:
    """A logged-in superuser."""
    user = User.objects.create_superuser("operator", password="a long one indeed")
    client = Client()
    client.force_login(user)
    yield client
    user.delete()


def newest() -> Release:
    """The release that was asked for last, carried out as a worker would."""
    found = Release.objects.order_by("-pk")[0]
    releasing.carry_out(found.pk)
    found.refresh_from_db()
    return found


def test_a_load_is_tried_and_then_done_for_real(admin: Client, trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'new' WHERE id < 4")
    assert "dry_run" in admin.get("/admin/tasks/release/add/").content.decode()
    form = {"resource": trees.pk, "source": "odd.load", "max_removed": "20", "dry_run": "on"}
    answer = admin.post("/admin/tasks/release/add/", form)
    tried = newest()
    assert answer.headers["Location"] == f"/admin/tasks/release/{tried.pk}/change/"
    page = admin.get(answer.headers["Location"]).content.decode()
    assert "97 the same, would be 3 changed" in page
    assert "./manage.py release trees --from &#x27;odd.load&#x27; --dry-run" in page
    live = admin.get(f"/admin/tasks/release/{tried.pk}/live/").json()
    assert (live["over"], live["percent"], live["error"]) == (True, 100.0, "")
    admin.post(f"/admin/tasks/release/{tried.pk}/for-real/")
    done = newest()
    assert (done.dry_run, done.source, done.state) == (False, "odd.load", "done")
    assert content("odd", "trees") == content("odd", "load")
    assert "3 changed" in admin.get("/admin/tasks/release/").content.decode()


def test_a_load_without_a_table_is_refused_in_the_form(admin: Client, trees: Layer) -> None:
    form = {"resource": trees.pk, "source": "", "max_removed": "20"}
    answer = admin.post("/admin/tasks/release/add/", form)
    assert "This field is required" in answer.content.decode()


def test_what_waits_is_shown_held_released_and_let_go(admin: Client, trees: Layer) -> None:
    tileset = publish_tileset("town", ["trees"])
    action = {"action": "hold", "_selected_action": str(tileset.pk)}
    page = admin.post("/admin/core/tileset/", action).headers["Location"]
    assert page == f"/admin/tasks/release/hold/?ids={tileset.pk}"
    assert "live" in admin.get(page).content.decode()
    for act, state in ((Act.HOLD, True), (Act.RELEASE, True), (Act.UNHOLD, False)):
        answer = admin.post(page, {"act": act})
        assert newest().state == "done"
        assert answer.status_code == 302
        trees.refresh_from_db()
        assert trees.held is state
        listed = admin.get("/admin/core/layer/?q=trees").content.decode()
        assert ("held" in listed.split("field-shown")[1][:60]) is state
        shown = admin.get(f"/admin/core/layer/{trees.pk}/change/").content.decode()
        assert ("preview/tiles/trees.json" in shown) is state


@pytest.mark.parametrize("data", [{}, {"act": "load"}, {"act": "nonsense"}])
def test_a_page_that_is_not_told_what_to_do_says_so(
    admin: Client, trees: Layer, data: dict[str, str]
) -> None:
    before = Release.objects.count()
    answer = admin.post(f"/admin/tasks/release/hold/?ids={trees.pk}", data, follow=True)
    assert "Choose what to do" in answer.content.decode()
    assert Release.objects.count() == before


def test_a_release_is_cancelled_in_the_list_and_on_its_page(admin: Client, trees: Layer) -> None:
    for path, data in (
        ("/admin/tasks/release/", {"action": "cancel_releases"}),
        ("/admin/tasks/release/{}/cancel/", {}),
    ):
        asked = Release.objects.create(resource=trees, act=Act.LOAD, source="odd.load")
        admin.post(path.format(asked.pk), {**data, "_selected_action": asked.pk})
        asked.refresh_from_db()
        assert asked.state == "cancelled"


def test_staff_without_the_right_may_not_release(trees: Layer) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    client = Client()
    client.force_login(user)
    assert client.get(f"/admin/tasks/release/hold/?ids={trees.pk}").status_code == 403
    for act in ("cancel", "for-real"):
        assert client.post(f"/admin/tasks/release/1/{act}/").status_code == 403
    assert Client().get("/admin/tasks/release/hold/").status_code == 302
    user.delete()
