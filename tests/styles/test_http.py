"""The addresses of styles, sprites and glyphs, and how they answer."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from core import snapshot
from styles.models import Style
from tests.styles.conftest import served

GLYPHS = "/fonts/Noto%20Sans%20Regular/0-255.pbf"
pytestmark = pytest.mark.django_db


def test_a_style_is_complete_and_absolute(night: Style, stranger: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://town.example/maps"
    answer = stranger.get("/styles/night/style.json", HTTP_HOST="localhost")
    document = answer.json()
    assert document["sources"]["world"]["url"] == "https://town.example/maps/tiles/world.json"
    assert document["glyphs"] == "https://town.example/maps/fonts/{fontstack}/{range}.pbf"
    assert document["sprite"] == "https://town.example/maps/styles/night/sprite"


def test_headers(night: Style, stranger: Client) -> None:
    answer = served(stranger)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "/styles/night/style.json",
        "/styles/night/sprite.json",
        "/styles/night/sprite@2x.png",
        "/styles/night/sprite-plain.json",
        GLYPHS,
    ],
)
def test_conditional_head_options_and_method(night: Style, stranger: Client, address: str) -> None:
    answer = stranger.get(address)
    assert answer.status_code == 200
    tag = answer.headers["ETag"]
    again = stranger.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    packed = stranger.get(address, headers={"Accept-Encoding": "gzip"})
    if packed.headers.get("Content-Encoding") == "gzip":
        assert gzip.decompress(packed.content) == answer.content
        tag = packed.headers["ETag"]
        assert stranger.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert stranger.head(address).status_code == 200
    assert stranger.options(address).headers["Allow"] == "GET, HEAD, OPTIONS"
    refused = stranger.post(address)
    assert refused.status_code == 405
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_languages(night: Style, stranger: Client) -> None:
    document = served(stranger, query="?lang=kk").json()
    assert document["layers"][1]["layout"]["text-field"][1] == ["get", "name_kk"]
    tags = {served(stranger, query=query).headers["ETag"] for query in ("", "?lang=kk", "?lang=en")}
    assert len(tags) == 3


def test_for_qgis(night: Style, stranger: Client) -> None:
    document = served(stranger, query="?for=qgis").json()
    assert document["sprite"].endswith("/styles/night/sprite-plain")


@pytest.mark.parametrize(
    "query",
    ["?colour=red", "?lang=english", "?lang=EN", "?lang=kk&lang=en", "?for=arcgis", "?for=",
     "?key=x", "?lang=%00", "?" + "a" * 8000, "?" + "&".join(f"_{n}=1" for n in range(100))],
)  # fmt: skip
def test_bad_queries_are_400(night: Style, stranger: Client, query: str) -> None:
    answer = served(stranger, query=query)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_ignored_parameters(night: Style, stranger: Client) -> None:
    assert served(stranger, query="?v=3&_=12&utm_source=x").status_code == 200
    assert stranger.get(f"{GLYPHS}?v=1").status_code == 200
    assert stranger.get(f"{GLYPHS}?x=1").status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/styles/nowhere/style.json", 404),
        ("/styles/%00/style.json", 404),
        ("/styles/" + "x" * 5000 + "/style.json", 404),
        ("/styles/nowhere/sprite.json", 404),
        ("/styles/night/sprite@3x.json", 404),
        ("/styles/night/sprite.gif", 404),
        ("/fonts/Comic%20Sans/0-255.pbf", 404),
        ("/fonts/Comic%20Sans/0-256.pbf", 400),
        ("/fonts/Noto%20Sans%20Regular/1-255.pbf", 400),
        ("/fonts/Noto%20Sans%20Regular/%D9%A0-255.pbf", 400),
        ("/fonts/" + ",".join("abcdefg") + "/0-255.pbf", 400),
        ("/fonts/..%2F..%2Fetc/0-255.pbf", 404),
        ("/fonts/Noto%20Sans%20Regular/..%2F0-255.pbf", 404),
        ("/fonts/Noto%20Sans%20Bold,Noto%20Sans%20Regular/0-255.pbf", 200),
        ("/fonts/Noto%20Sans%20Regular/57344-57599.pbf", 200),
        ("/fonts/Noto%20Sans%20Regular/128512-128767.pbf", 200),
    ],
)
def test_addresses(night: Style, stranger: Client, address: str, status: int) -> None:
    answer = stranger.get(address)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_unknown_font_is_told_the_known_ones(stranger: Client) -> None:
    answer = stranger.get("/fonts/Comic%20Sans/0-255.pbf")
    assert "Noto Sans Regular" in answer.json()["detail"]


def test_a_sprite_is_seen_with_its_style(night: Style, stranger: Client, staff: Client) -> None:
    Style.objects.filter(pk=night.pk).update(access="staff")
    assert served(stranger).status_code == 404
    assert stranger.get("/styles/night/sprite.json").status_code == 404
    assert json.loads(staff.get("/styles/night/sprite.json").content)["cafe"]["sdf"]


def test_glyphs_and_styles_cost_no_query(
    night: Style,
    stranger: Client,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "CHECK_SECONDS", 60)
    served(stranger)
    stranger.get(GLYPHS)
    with django_assert_num_queries(0):
        assert stranger.get("/styles/night/style.json").status_code == 200
        assert stranger.get("/styles/night/sprite.json").status_code == 200
        assert stranger.get(GLYPHS).status_code == 200
