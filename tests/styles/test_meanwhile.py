"""Two who change one style: nobody unsays what the other has said while a document is checked."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from styles import publishing, validation
from styles.models import Style
from tests.styles.conftest import DOCUMENT, served, text

STYLE = "/api/v1/styles/night"
Act = Callable[[], Any]


def hide(**values: Any) -> Act:
    """Another's change of the style."""
    return lambda: publishing.reword(Style.objects.get(name="night"), **values)


HIDE: dict[str, Act] = {
    "withdrawn": lambda: publishing.withdraw(Style.objects.get(name="night")),
    "removed": lambda: publishing.remove(Style.objects.get(name="night")),
    "for staff": hide(access="staff"),
}


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], None]:
    """Has something done while a document is checked."""

    def during_check(act: Act) -> None:
        def checked(*words: Any) -> Any:
            act()
            return validation.check(*words)

        monkeypatch.setattr(publishing, "check", checked)

    return during_check


def patch(client: Client, **words: Any) -> Any:
    """A PATCH of JSON."""
    return client.patch(STYLE, words, content_type="application/json")


def changed() -> dict[str, Any]:
    """Another document."""
    return {**DOCUMENT, "name": "Dusk"}


@pytest.mark.parametrize("act", ["withdrawn", "for staff"])
def test_what_is_hidden_during_a_patch_stays_hidden(
    night: Style, staff: Client, stranger: Client, meanwhile: Callable[[Act], None], act: str
) -> None:
    meanwhile(HIDE[act])
    assert patch(staff, document=changed(), title="Nacht").status_code == 200
    assert served(stranger).status_code == 404
    assert stranger.get(STYLE).status_code == 404


@pytest.fixture
def lasting(committed: None) -> Iterator[Style]:
    """A style, and `ada` of the staff, that other connections see too."""
    style = Style.objects.create(name="night", title="Night")
    publishing.publish(publishing.add_version(style, text()))
    user = User.objects.create_superuser("ada", password="correct horse battery")
    yield style
    Style.objects.filter(pk=style.pk).update(state="draft", published=None)
    style.delete()
    user.delete()


def elsewhere(act: Act) -> Act:
    """The same over a connection of its own."""

    def run() -> None:
        act()
        connection.close()

    def wait() -> None:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    return wait


def test_what_is_removed_during_a_patch_does_not_come_back(
    lasting: Style, meanwhile: Callable[[Act], None]
) -> None:
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    meanwhile(elsewhere(HIDE["removed"]))
    assert patch(client, document=changed(), title="Nacht").status_code == 404
    lasting.refresh_from_db()
    assert lasting.removed
    assert (lasting.title, lasting.versions.count()) == ("Night", 1)


def test_words_of_another_stay(
    night: Style, staff: Client, meanwhile: Callable[[Act], None]
) -> None:
    meanwhile(hide(description="Theirs"))
    answer = patch(staff, document=changed(), title="Mine").json()
    assert (answer["title"], answer["description"]) == ("Mine", "Theirs")


def form(**words: str) -> dict[str, str]:
    """What the admin's form sends."""
    return {"title": "Night", "access": "public", "text": text(), "initial-access": "public",
            "initial-title": "Night", **words}  # fmt: skip


@pytest.mark.parametrize("act", HIDE)
def test_what_is_hidden_while_the_form_is_saved_stays_hidden(
    night: Style, staff: Client, stranger: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    address = reverse("admin:styles_style_change", args=[night.pk])
    monkeypatch.setattr("styles.forms.parse", lambda _: HIDE[act]())
    assert staff.post(address, form(title="Nacht", _continue="1")).status_code == 302
    night.refresh_from_db()
    assert night.title == "Nacht"
    assert served(stranger).status_code == 404


def test_a_page_from_before_it_was_hidden_does_not_show_it(night: Style, staff: Client) -> None:
    address = reverse("admin:styles_style_change", args=[night.pk])
    assert 'name="initial-access" value="public"' in staff.get(address).content.decode()
    HIDE["for staff"]()
    staff.post(address, form(title="Nacht", _continue="1"))
    night.refresh_from_db()
    assert (night.title, night.access) == ("Nacht", "staff")


def test_a_stored_style_is_not_written_whole(night: Style) -> None:
    with pytest.raises(TypeError, match="a field at a time"):
        night.save()
    night.title = "Nacht"
    night.save(update_fields=["title"])
    assert Style.objects.get().title == "Nacht"
