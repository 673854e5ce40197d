"""Frozen tilesets: versioned tile URLs, kept by clients for good; everything else revalidates."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from core import snapshot
from core.models import Layer, Tileset
from core.publishing import publish_tileset
from styles.addresses import faults
from styles.serving import placed
from tests.odd import OddTable, publish_odd
from tileserver import db

VERSIONED = re.compile(r".*/tiles/([a-z0-9_,]+)/\{z\}/\{x\}/\{y\}\.mvt\?v=([0-9a-f]{12})\Z")


def tile_url(name: str) -> str:
    """The tile URL that TileJSON tells now."""
    snapshot.forget()
    [url] = Client().get(f"/tiles/{name}.json").json()["tiles"]
    return str(url)


def version(name: str) -> str:
    """The version in the tile URL of a frozen tileset."""
    found = VERSIONED.match(tile_url(name))
    assert found
    assert found[1] == name
    return found[2]


def test_a_frozen_layer_has_versioned_tile_urls_and_another_has_not(odd: OddTable) -> None:
    odd("ranked")
    assert tile_url("ranked").endswith("/tiles/ranked/{z}/{x}/{y}.mvt")
    publish_odd("ranked", frozen=True)
    assert version("ranked") == version("ranked")


def test_raising_the_generation_gives_another_version(odd: OddTable) -> None:
    layer = odd("ranked", frozen=True).layer
    old = version("ranked")
    layer.raise_generation()
    assert version("ranked") != old


def test_another_epoch_gives_another_version(odd: OddTable) -> None:
    odd("ranked", frozen=True)
    old = version("ranked")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_revision SET epoch = epoch + 1")
    try:
        db.epoch(again=True)
        assert version("ranked") != old
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_revision SET epoch = epoch - 1")
        db.epoch(again=True)
    assert version("ranked") == old


def test_a_frozen_tileset_goes_by_its_own_generation_and_its_members(odd: OddTable) -> None:
    one, _ = odd("ranked"), odd("mixed_types")
    tileset = publish_tileset("pair", ["ranked", "mixed_types"], frozen=True)
    seen = [version("pair")]
    tileset.raise_generation()
    seen.append(version("pair"))
    one.layer.raise_generation()
    seen.append(version("pair"))
    publish_tileset("pair", ["ranked"], frozen=True)
    seen.append(version("pair"))
    assert len(set(seen)) == len(seen)


def test_a_tileset_of_frozen_layers_is_frozen_and_one_that_is_not_thaws_it(odd: OddTable) -> None:
    for name in ("ranked", "mixed_types"):
        odd(name, frozen=True)
    publish_tileset("pair", ["ranked", "mixed_types"])
    assert version("pair")
    assert version("mixed_types,ranked")
    publish_odd("mixed_types")
    assert "?" not in tile_url("pair")
    assert "?" not in tile_url("mixed_types,ranked")


def test_the_catalog_tells_the_same_urls(odd: OddTable) -> None:
    odd("ranked", frozen=True)
    url = tile_url("ranked")
    entries = Client().get("/catalog.json").json()["layers"]
    assert [one["tiles"] for one in entries if one["name"] == "ranked"] == [[url]]


def test_a_style_with_tile_addresses_is_served_with_the_version_of_now(odd: OddTable) -> None:
    odd("ranked", frozen=True)
    plain = "/tiles/ranked/{z}/{x}/{y}.pbf"
    for kept in (plain, f"{plain}?v=0123456789ab"):
        document = {"version": 8, "sources": {"x": {"type": "vector", "tiles": [kept]}}}
        assert faults(document) == []
        served = placed(document, "/styles/x/sprite")
        assert served["sources"]["x"]["tiles"] == [tile_url("ranked")]
        publish_odd("ranked")
        served = placed(document, "/styles/x/sprite")
        assert served["sources"]["x"]["tiles"] == [tile_url("ranked")]
        publish_odd("ranked", frozen=True)


@pytest.mark.parametrize("name", ["ranked", "pair"])
def test_the_api_freezes_and_thaws(odd: OddTable, name: str) -> None:
    odd("ranked")
    publish_tileset("pair", ["ranked"])
    user = User.objects.create_superuser("grace", password="correct horse battery")
    staff = Client()
    staff.force_login(user)
    kind = "tilesets" if name == "pair" else "layers"
    for frozen in (True, False):
        answer: Any = staff.patch(
            f"/api/v1/{kind}/{name}", {"frozen": frozen}, content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        assert answer.json()["frozen"] is frozen
        assert ("?v=" in tile_url(name)) is frozen
    user.delete()


def test_the_command_freezes_and_keeps_it_so(odd: OddTable) -> None:
    odd("ranked")
    call_command("publish", "odd.ranked", "--name=ranked", "--frozen", verbosity=0)
    old = version("ranked")
    call_command("publish", "odd.ranked", "--name=ranked", "--title=Ranked", verbosity=0)
    assert version("ranked") != old, "who publishes again says that the rows have changed"
    call_command("publish", "odd.ranked", "--name=ranked", "--no-frozen", verbosity=0)
    assert not Layer.objects.get(name="ranked").frozen


def test_saying_that_it_is_frozen_drops_nothing_that_is_cached(odd: OddTable) -> None:
    before = odd("ranked").layer.generation
    assert publish_odd("ranked", frozen=True).layer.generation == before
    publish_tileset("pair", ["ranked"])
    assert publish_tileset("pair", ["ranked"], frozen=True).generation == 1
    assert Tileset.objects.get(name="pair").frozen
