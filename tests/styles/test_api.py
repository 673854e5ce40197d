"""The REST API of styles: strangers read what is published, staff write."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from styles.models import Style, StyleVersion
from styles.publishing import add_version, publish
from tests.styles.conftest import DOCUMENT, served, text

pytestmark = pytest.mark.django_db
STYLES = "/api/v1/styles"


def post(client: Client, path: str = "", body: Any = None) -> Any:
    """A POST of JSON."""
    return client.post(f"{STYLES}{path}", body or {}, content_type="application/json")


def test_a_style_from_draft_to_published_and_back(staff: Client, stranger: Client) -> None:
    made = post(staff, body={"name": "night", "document": DOCUMENT})
    assert made.status_code == 201
    assert made.json()["state"] == "draft"
    assert served(stranger).status_code == 404
    assert post(staff, "/night/publish").json()["version"] == 1
    assert served(stranger).json()["name"] == "Night"

    second = post(staff, "/night/versions", {"document": {**DOCUMENT, "name": "Dusk"}, "note": "n"})
    assert (second.status_code, second.json()["number"]) == (201, 2)
    assert post(staff, "/night/publish", {"version": 2}).json()["version"] == 2
    assert served(stranger).json()["name"] == "Dusk"
    assert post(staff, "/night/publish", {"version": 1}).json()["version"] == 1
    assert served(stranger).json()["name"] == "Night"

    assert post(staff, "/night/withdraw").json()["state"] == "draft"
    assert served(stranger).status_code == 404


def test_a_deleted_style_can_be_restored(night: Style, staff: Client, stranger: Client) -> None:
    assert staff.delete(f"{STYLES}/night").status_code == 204
    assert staff.get(f"{STYLES}/night").status_code == 404
    assert served(stranger).status_code == 404
    assert post(staff, "/night/restore").status_code == 200
    assert served(stranger).status_code == 200


def test_strangers_see_what_is_published(night: Style, stranger: Client) -> None:
    add_version(night, text("#222222"))
    Style.objects.create(name="secret", access="staff")
    listed = stranger.get(STYLES).json()["results"]
    assert [(one["name"], one["version"]) for one in listed] == [("night", 1)]
    versions = stranger.get(f"{STYLES}/night/versions").json()
    assert [one["number"] for one in versions] == [1]
    assert stranger.get(f"{STYLES}/night/versions/1").json()["document"] == DOCUMENT
    assert stranger.get(f"{STYLES}/night/versions/2").status_code == 404
    assert stranger.get(f"{STYLES}/secret").status_code == 404


@pytest.mark.parametrize("path", ["", "/2"])
def test_who_wrote_it_and_why_and_findings_are_for_staff(
    night: Style, staff: Client, stranger: Client, user: User, path: str
) -> None:
    document = text().replace("/tiles/world.json", "/tiles/secret.json")
    publish(add_version(night, document, note="For the ministry", author=user))

    def newest(client: Client) -> Any:
        found = client.get(f"{STYLES}/night/versions{path}").json()
        return found if path else found[0]

    shown, told = newest(staff), newest(stranger)
    assert (shown["note"], shown["author"]) == ("For the ministry", "ada")
    assert "secret" in shown["findings"][0]["message"]
    assert told == {**shown, "note": "", "author": None, "findings": []}


def test_the_description_says_what_is_for_staff(db: None) -> None:
    schema = Client().get("/api/schema/", HTTP_ACCEPT="application/json").json()
    for name in ("StyleVersion", "WholeVersion"):
        told = schema["components"]["schemas"][name]["properties"]
        assert told["author"]["type"] == ["string", "null"]
        assert all("or staff" in told[one]["description"] for one in ("note", "author", "findings"))


def test_strangers_change_nothing(night: Style, stranger: Client) -> None:
    for path in ("", "/night/versions", "/night/publish", "/night/withdraw", "/night/restore"):
        assert post(stranger, path, {"name": "x", "document": {}}).status_code == 403
    assert stranger.delete(f"{STYLES}/night").status_code == 403
    assert stranger.patch(f"{STYLES}/night").status_code == 403


def test_staff_see_findings(night: Style, staff: Client) -> None:
    made = post(
        staff, "/night/versions", {"document": {**DOCUMENT, "sources": {"world": {}}}}
    ).json()
    assert "type" in made["findings"][0]["message"]
    refused = post(staff, "/night/publish")
    assert refused.status_code == 400
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "document", ["text", [], 1, None, {"a": "\ud800"}, {"a": "\0"}, {"x": "y" * 2_100_000}]
)
def test_what_is_no_document_is_400(night: Style, staff: Client, document: Any) -> None:
    assert post(staff, "/night/versions", {"document": document}).status_code == 400
    assert post(staff, "", {"name": "other", "document": document}).status_code == 400
    assert not Style.objects.filter(name="other").exists()


@pytest.mark.parametrize(
    ("number", "says"), [("1e999", "too large"), ("7" * 400, "too large"), ("7" * 5000, "digits")]
)
def test_a_number_that_is_infinity_to_maps_is_400(
    night: Style, staff: Client, number: str, says: str
) -> None:
    body = f'{{"document": {{"version": 8, "zoom": {number}}}}}'
    answer = staff.post(f"{STYLES}/night/versions", body, content_type="application/json")
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert night.versions.count() == 1


def test_what_was_stored_before_it_was_refused_harms_no_other(
    night: Style, staff: Client, stranger: Client
) -> None:
    old = Style.objects.create(name="old")
    made = {"text": '{"version": 8, "zoom": 1e999}', "digest": "0", "number": 1}
    publish(StyleVersion.objects.create(style=old, **made))
    assert served(stranger).status_code == 200
    assert served(stranger, "old").status_code == 404
    answer = stranger.get(f"{STYLES}/old/versions/1")
    assert (answer.status_code, "1e999" in answer.json()["detail"]) == (404, True)
    assert (
        "1e999" in staff.get(reverse("admin:styles_style_change", args=[old.pk])).content.decode()
    )
    preview = staff.get(reverse("admin:styles_version", args=[old.pk, 1]))
    assert (preview.status_code, "1e999" in preview.json()["detail"]) == (404, True)


@pytest.mark.parametrize("version", [0, -1, 99, "x", 2**40])
def test_other_versions_cannot_be_published(night: Style, staff: Client, version: Any) -> None:
    assert post(staff, "/night/publish", {"version": version}).status_code == 400


def test_words_change_and_a_name_stays(night: Style, staff: Client) -> None:
    answer = staff.patch(
        f"{STYLES}/night", {"title": "Nacht", "access": "staff"}, content_type="application/json"
    )
    assert (answer.json()["title"], answer.json()["access"]) == ("Nacht", "staff")
    renamed = staff.patch(f"{STYLES}/night", {"name": "x"}, content_type="application/json")
    assert renamed.status_code == 400
    assert post(staff, body={"name": "night"}).status_code == 400
    assert post(staff, body={"name": "Not A Name"}).status_code == 400
