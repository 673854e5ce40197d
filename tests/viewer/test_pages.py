"""The viewer's pages as documents: what is in them, and who may frame them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from pytest_django import Settings

from core import snapshot
from styles import shelf
from styles.models import Style
from styles.publishing import add_version, publish

WORLD = {"version": 8, "name": "World", "zoom": 1, "sources": {}, "layers": []}
TOWN = {**WORLD, "name": "Town", "zoom": 12}


def make_style(name: str, document: dict[str, Any], access: str = "public") -> None:
    style = Style.objects.create(name=name, title=str(document["name"]), access=access)
    publish(add_version(style, json.dumps(document)))


def boot_of(client: Client, path: str) -> dict[str, Any]:
    """The boot blob of the page at `path`."""
    page = client.get(path).content.decode()
    found = re.search(r'<script id="boot"[^>]*>(.*?)</script>', page)
    assert found is not None
    blob: dict[str, Any] = json.loads(found[1])
    return blob


def remove_styles() -> None:
    """No styles, and none remembered."""
    Style.objects.update(state="draft", published=None)
    Style.objects.all().delete()
    snapshot.forget()
    shelf.forget()


@pytest.fixture
def _styles(db: None) -> Iterator[None]:
    remove_styles()
    make_style("town-light", TOWN)
    make_style("world-light", WORLD)
    make_style("world-dark", WORLD)
    make_style("secret", WORLD, access="staff")
    yield
    shelf.forget()


pytestmark = pytest.mark.usefixtures("_styles")


def test_the_boot_blob_has_public_addresses(client: Client) -> None:
    boot = boot_of(client, "/")
    assert boot["public_url"] == "http://127.0.0.1:8000"
    assert boot["root"] == "./"
    assert boot["urls"]["catalog"] == "http://127.0.0.1:8000/catalog.json"
    assert boot["urls"]["embed"] == "http://127.0.0.1:8000/embed/{style}"
    assert {"code": "kk", "name": "Қазақша"} in boot["languages"]


def test_the_world_opens_first(client: Client) -> None:
    assert boot_of(client, "/")["opens"] in ("world-light", "world-dark")


@pytest.mark.parametrize("named", ["world-light", "world-dark", ""])
def test_what_opens_first_is_the_same_after_another_style_is_published(
    client: Client, settings: Settings, named: str
) -> None:
    settings.OPENING_STYLE = named
    before = boot_of(client, "/")["opens"]
    assert before == (named or "town-light"), "the first that was made, where none is named"
    for name in ("aa-points", "zz-points"):
        make_style(name, {key: WORLD[key] for key in WORLD if key != "zoom"})
    assert boot_of(client, "/")["opens"] == before


@pytest.mark.parametrize("named", ["secret", "no-such-map", "World"])
def test_a_named_map_that_may_not_be_seen_does_not_open(
    client: Client, settings: Settings, named: str
) -> None:
    settings.OPENING_STYLE = named
    assert boot_of(client, "/")["opens"] == "town-light"


def test_a_server_without_maps_has_a_page(client: Client) -> None:
    remove_styles()
    assert boot_of(client, "/")["opens"] is None


def test_pages_run_no_inline_script(client: Client) -> None:
    page = client.get("/")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>", page.content.decode())
    assert all("src=" in one or 'type="application/json"' in one for one in scripts)
    assert not re.search(r"\son[a-z]+=|\sstyle=", page.content.decode())


def test_only_the_embed_page_may_be_framed_by_others(client: Client) -> None:
    own, embed = client.get("/"), client.get("/embed/world-light")
    assert own.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert embed.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert "X-Frame-Options" not in embed.headers


def test_the_embed_page_knows_both_coats(client: Client) -> None:
    boot = boot_of(client, "/embed/world-dark")
    assert boot["root"] == "../"
    assert boot["style"]["url"] == "http://127.0.0.1:8000/styles/world-dark/style.json"
    assert {theme: one["name"] for theme, one in boot["coats"].items()} == {
        "light": "world-light",
        "dark": "world-dark",
    }
    assert list(boot_of(client, "/embed/town-light")["coats"]) == ["light"]


@pytest.mark.parametrize("name", ["nope", "secret", "<b>x</b>", "x" * 5000, "world-light%00"])
def test_what_may_not_be_seen_is_not_there(client: Client, name: str) -> None:
    page = client.get(f"/embed/{name}", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "<b>x" not in page.content.decode()
    if "</" not in name:  # another path altogether
        assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")


def test_staff_see_what_is_theirs(client: Client, admin_client: Client) -> None:
    assert admin_client.get("/embed/secret").status_code == 200


@pytest.mark.parametrize("path", ["/", "/embed/world-light", "/favicon.ico"])
def test_pages_are_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code in (200, 302)


def test_the_icon_that_browsers_ask_for_is_there(client: Client) -> None:
    assert client.get("/favicon.ico").headers["Location"].endswith(".svg")


def test_the_preview_tag_escapes_what_it_is_given() -> None:
    text = "{% load graticule_preview %}{% graticule_preview tilejson=url bounds=bounds %}"
    context = Context({"url": '/tiles/a.json" onclick="x', "bounds": (1, 2, 3, 4.5)})
    html = Template(text).render(context)
    assert 'tilejson="/tiles/a.json&quot; onclick=&quot;x"' in html
    assert 'bounds="1.000000,2.000000,3.000000,4.500000"' in html
    assert "style-url" not in html
