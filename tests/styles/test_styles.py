"""Stories of a style: written, published, gone back, withdrawn, removed, restored."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from core import snapshot
from core.models import Revision
from styles import shipped
from styles.models import Origin, Style, StyleVersion
from styles.publishing import (
    CannotPublishError,
    add_version,
    publish,
    remove,
    restore,
    withdraw,
)
from tests.styles.conftest import DOCUMENT, served, text

BROKEN = text("no-colour")


def ground(client: Client) -> str:
    """The ground colour of the style that this client gets, or the status."""
    answer = served(client)
    if answer.status_code != 200:
        return str(answer.status_code)
    return str(answer.json()["layers"][0]["paint"]["background-color"])


def test_a_new_version_is_seen_only_when_it_is_published(night: Style, stranger: Client) -> None:
    second = add_version(night, text("#222222"))
    assert (second.number, ground(stranger)) == (2, "#123456")
    publish(second)
    assert ground(stranger) == "#222222"


def test_going_back_is_publishing_an_earlier_version(night: Style, stranger: Client) -> None:
    publish(add_version(night, text("#222222")))
    publish(night.versions.get(number=1))
    assert ground(stranger) == "#123456"
    assert night.versions.count() == 2


def test_a_version_with_errors_is_kept_and_not_published(night: Style, stranger: Client) -> None:
    version = add_version(night, BROKEN)
    assert version.error_count == 1
    with pytest.raises(CannotPublishError, match="color expected"):
        publish(version)
    assert ground(stranger) == "#123456"


def test_a_draft_is_seen_by_staff_alone(db: None, stranger: Client, staff: Client) -> None:
    style = Style.objects.create(name="night")
    assert served(staff).status_code == 404  # there is nothing to draw yet
    add_version(style, text())
    add_version(style, BROKEN)
    assert ground(staff) == "#123456"  # the newest that can be drawn
    assert ground(stranger) == "404"


def test_withdrawn_and_published_again(night: Style, stranger: Client, staff: Client) -> None:
    withdraw(night)
    assert (ground(stranger), ground(staff)) == ("404", "#123456")
    publish(night.versions.get())
    assert ground(stranger) == "#123456"


@pytest.mark.parametrize("path", ["/styles/night/style.json", "/embed/night"])
def test_what_was_just_published_is_there_at_once(
    night: Style, stranger: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(snapshot, "CHECK_SECONDS", 1000.0)
    monkeypatch.setattr(snapshot, "MISSING_SECONDS", 0.0)
    withdraw(night)
    assert stranger.get(path).status_code == 404
    publish(night.versions.get())
    assert stranger.get(path).status_code == 200


def test_removed_and_restored(night: Style, stranger: Client, staff: Client) -> None:
    remove(night)
    assert (ground(stranger), ground(staff)) == ("404", "404")
    restore(night)
    assert ground(stranger) == "#123456"


def test_a_style_for_staff(night: Style, stranger: Client, staff: Client) -> None:
    Style.objects.filter(pk=night.pk).update(access="staff")
    hidden, missing = served(stranger), served(stranger, "nowhere")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["detail"].replace("night", "nowhere") == missing.json()["detail"]
    answer = served(staff)
    assert answer.headers["Cache-Control"].startswith("private")
    assert "Cookie" in answer.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_version_never_changes(night: Style) -> None:
    version = night.versions.get()
    with pytest.raises(TypeError, match="never changes"):
        version.save()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        StyleVersion.objects.filter(pk=version.pk).update(text="{}")


def test_the_author_may_leave(night: Style, user: User) -> None:
    version = add_version(night, text("#222222"), author=user)
    user.delete()
    version.refresh_from_db()
    assert version.author is None


def test_the_same_text_again_is_no_new_version(night: Style) -> None:
    assert add_version(night, text()).number == 1


def test_our_own_absolute_addresses_are_kept_relative(night: Style, stranger: Client) -> None:
    exported = served(stranger).content.decode()
    assert add_version(night, exported).document == DOCUMENT


def test_a_published_style_needs_a_version(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Style.objects.create(name="empty", state="published")


def test_every_change_raises_the_revision(night: Style) -> None:
    def revision() -> int:
        return Revision.objects.get(pk=1).value

    for change in (
        lambda: add_version(night, text("#222222")),
        lambda: publish(night.versions.get(number=2)),
        lambda: withdraw(night),
        lambda: remove(night),
        lambda: Style.objects.filter(pk=night.pk).update(access="staff"),
    ):
        before = revision()
        change()
        assert revision() > before


class TestShippedStyles:
    """`load_styles` brings new versions and leaves an admin's decisions alone."""

    FIRST = shipped.Shipped("dusk", text())
    SECOND = shipped.Shipped("dusk", text("#222222"))

    @pytest.fixture
    def dusk(self, db: None) -> Style:
        assert shipped.load(self.FIRST) == "dusk: published."
        return Style.objects.get(name="dusk")

    def test_loading_again_changes_nothing(self, dusk: Style) -> None:
        assert "up to date" in shipped.load(self.FIRST)
        assert dusk.versions.get().origin == Origin.DEMO
        assert dusk.title == "Night"

    def test_a_newer_file_is_a_new_published_version(self, dusk: Style) -> None:
        assert "version 2 published" in shipped.load(self.SECOND)
        dusk.refresh_from_db()
        assert dusk.published is not None
        assert dusk.published.number == 2

    def test_an_edit_stays(self, dusk: Style) -> None:
        publish(add_version(dusk, text("#333333")))
        assert "your version 2 stays" in shipped.load(self.SECOND)
        assert dusk.versions.count() == 2

    def test_an_unpublished_edit_stays_newest(self, dusk: Style) -> None:
        add_version(dusk, text("#333333"))
        assert "edited here" in shipped.load(self.SECOND)

    def test_gone_back_to_what_was_shipped_it_is_ours_again(self, dusk: Style) -> None:
        shipped.load(self.SECOND)
        publish(dusk.versions.get(number=1))
        assert "up to date" in shipped.load(self.SECOND)
        dusk.refresh_from_db()
        assert dusk.published is not None
        assert dusk.published.number == 1  # the admin's decision

    def test_withdrawn_and_removed_stay_so(self, dusk: Style) -> None:
        withdraw(dusk)
        assert "is a draft here" in shipped.load(self.SECOND)
        remove(dusk)
        assert "stays removed" in shipped.load(self.FIRST)
        dusk.refresh_from_db()
        assert dusk.state == "draft"

    def test_a_broken_file_is_refused(self, dusk: Style) -> None:
        with pytest.raises(CannotPublishError):
            shipped.load(shipped.Shipped("dusk", BROKEN))


def test_the_catalog_lists_what_a_caller_sees(
    night: Style, stranger: Client, staff: Client
) -> None:
    Style.objects.create(name="secret", access="staff")
    add_version(Style.objects.get(name="secret"), text())
    urls = {one["name"]: one["url"] for one in stranger.get("/catalog.json").json()["styles"]}
    assert urls == {"night": "http://127.0.0.1:8000/styles/night/style.json"}
    assert {one["name"] for one in staff.get("/catalog.json").json()["styles"]} == {
        "night",
        "secret",
    }
    assert json.loads(served(stranger).content)["name"] == "Night"
