"""The admin of styles, as an operator uses it."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from styles.admin import StyleAdmin
from styles.models import Style
from styles.publishing import add_version, publish, remove
from tests.styles.conftest import served, text

pytestmark = pytest.mark.django_db
ADD = reverse("admin:styles_style_add")
LIST = reverse("admin:styles_style_changelist")


def form(document: str, **fields: str) -> dict[str, str]:
    """What the form sends."""
    return {"name": "night", "title": "Night", "access": "public", "text": document, **fields}


def change(style: Style) -> str:
    """The address of a style's form."""
    return reverse("admin:styles_style_change", args=[style.pk])


def test_written_and_published_in_one_go(staff: Client, stranger: Client, user: User) -> None:
    assert "/tiles/world.json" in staff.get(ADD).content.decode()
    answer = staff.post(ADD, form(text(), _publish="1", note="First"))
    assert answer.status_code == 302
    version = Style.objects.get().versions.get()
    assert (version.author, version.note) == (user, "First")
    assert served(stranger).status_code == 200


def test_saved_as_a_draft_first(staff: Client, stranger: Client) -> None:
    staff.post(ADD, form(text(), _continue="1"))
    assert served(stranger).status_code == 404
    assert served(staff).status_code == 200


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('{\n"version": 8,,', "Line 2: This is not JSON"),
        ("[]", "A style is a JSON object"),
        (text().replace(": 8", ": 1e999"), "The number 1e999 is too large."),
        (
            text().replace(": 8", ": 8" + "0" * 5000),
            "The number 80000000000000000000… is too large.",
        ),
        (text("no-colour"), "layers[0].paint.background-color: color expected"),
    ],
)
def test_errors_stand_in_the_form(staff: Client, document: str, says: str) -> None:
    answer = staff.post(ADD, form(document, _publish="1"))
    assert answer.status_code == 200
    assert says in answer.content.decode().replace("&quot;", '"')
    assert not Style.objects.exists()


def test_warnings_are_shown_after_saving(staff: Client) -> None:
    document = text().replace("/tiles/world.json", "/tiles/nowhere.json")
    answer = staff.post(ADD, form(document, _continue="1"), follow=True)
    assert "no tileset or layer &#x27;nowhere&#x27;" in answer.content.decode()


def test_the_history_offers_to_go_back(night: Style, staff: Client, stranger: Client) -> None:
    publish(add_version(night, text("#222222")))
    page = staff.get(change(night)).content.decode()
    back = reverse("admin:styles_style_publish", args=[night.pk, 1])
    assert back in page
    assert "Go back to this" in page
    assert staff.get(back).status_code == 302  # a link that is merely opened does nothing
    assert served(stranger).json()["layers"][0]["paint"]["background-color"] == "#222222"
    staff.post(back)
    assert served(stranger).json()["layers"][0]["paint"]["background-color"] == "#123456"


def test_a_name_stays(night: Style, staff: Client) -> None:
    staff.post(change(night), form(text(), name="day", _continue="1"))
    night.refresh_from_db()
    assert night.name == "night"


def test_an_unchanged_text_is_no_new_version(night: Style, staff: Client) -> None:
    sent = form(text().replace("\n", "\r\n"), title="Nacht", _continue="1")  # as browsers send it
    staff.post(change(night), sent)
    night.refresh_from_db()
    assert night.title == "Nacht"
    assert night.versions.count() == 1


@pytest.mark.parametrize("action", ["withdraw", "remove"])
def test_actions_and_how_to_undo_them(
    night: Style, staff: Client, stranger: Client, action: str
) -> None:
    undo = {"withdraw": "publish_newest", "remove": "restore"}[action]
    for name, status in ((action, 404), (undo, 200)):
        staff.post(LIST, {"action": name, "_selected_action": [night.pk]})
        assert served(stranger).status_code == status


def test_nothing_is_destroyed(night: Style, staff: Client) -> None:
    assert staff.post(reverse("admin:styles_style_delete", args=[night.pk])).status_code == 403
    assert "delete_selected" not in staff.get(LIST).content.decode()


def test_the_live_check(staff: Client) -> None:
    address = reverse("admin:styles_style_check")
    found = staff.post(address, {"text": text("no-colour")}).json()
    assert found["style"] is None
    assert found["findings"][0]["severity"] == "error"
    line = text("no-colour").split("no-colour")[0].count("\n") + 1
    assert found["findings"][0]["line"] == line
    drawn = staff.post(address, {"text": text()}).json()["style"]
    assert drawn["glyphs"].startswith("http://127.0.0.1:8000/fonts/")
    assert staff.post(address, {"text": "\0"}).json()["style"] is None
    for number in ("1e999", "1" * 5000):
        found = staff.post(address, {"text": f'{{"zoom": {number}}}'}).json()
        assert "is too large" in found["findings"][0]["message"]


def test_a_version_for_the_preview(night: Style, staff: Client) -> None:
    def version(number: int) -> Any:
        return staff.get(reverse("admin:styles_version", args=[night.pk, number]))

    assert version(1).json()["name"] == "Night"
    assert json.loads(version(0).content)["layers"] == []
    assert version(1).json()["sprite"] == "http://127.0.0.1:8000/admin/styles/style/sprite"
    sprite = staff.get("/admin/styles/style/sprite@2x.json")
    assert sprite.headers["Cache-Control"].startswith("private")
    assert "cafe" in json.loads(sprite.content)
    assert version(9).status_code == 404


def test_strangers_are_sent_to_the_login(night: Style, stranger: Client) -> None:
    for address in (LIST, ADD, change(night), reverse("admin:styles_style_check")):
        assert "login" in stranger.get(address).headers["Location"]


def test_a_clerk_without_rights_changes_nothing(night: Style) -> None:
    User.objects.create_user("clerk", password="correct horse battery", is_staff=True)
    clerk = Client()
    clerk.login(username="clerk", password="correct horse battery")
    add_version(night, text("#222222"))
    clerk.post(reverse("admin:styles_style_publish", args=[night.pk, 2]))
    night.refresh_from_db()
    assert night.published is not None
    assert night.published.number == 1
    assert clerk.post(reverse("admin:styles_style_check"), {"text": text()}).status_code == 403
    assert clerk.get(reverse("admin:styles_version", args=[night.pk, 1])).status_code == 403


@pytest.mark.parametrize("action", StyleAdmin.actions)
def test_who_may_only_look_runs_no_action(night: Style, staff: Client, action: str) -> None:
    looker = looks_only()
    add_version(night, text("#222222"))
    if action == "restore":
        remove(night)
    before = Style.objects.values().get()
    assert f'value="{action}"' in staff.get(LIST).content.decode()
    page = looker.get(LIST)
    assert page.status_code == 200
    assert f'value="{action}"' not in page.content.decode()
    looker.post(LIST, {"action": action, "_selected_action": [night.pk]})
    assert Style.objects.values().get() == before


def looks_only() -> Client:
    """A browser of a member of staff who may see styles, and nothing else."""
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_style"))
    client = Client()
    client.force_login(clerk)
    return client
