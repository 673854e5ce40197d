"""Tiles over budget in the admin, the API and on the command line: worst first, and why."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.database import execute
from tests.odd import OddTable, Published, forget_tiles
from tileserver.admin.budget import savings
from tileserver.budget import worst
from tileserver.tile import Tile
from tileserver.weights import LayerWeight

TILE = Tile(3, 4, 3)
URL = "/admin/budget/heavy/3/4/3/"


@pytest.fixture
def heavy(odd: OddTable) -> Published:
    """A Layer of which a tile was cut."""
    forget_tiles()
    table = odd("heavy", rank_column="rank", byte_budget=10_000)
    assert table.answer((3, 4, 3)).status_code == 200
    return table


def shown(answer: Any) -> str:
    """A page as text."""
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_worst_come_first_with_what_was_cut(operator: Client, heavy: Published) -> None:
    heavy.answer((0, 0, 0))
    page = shown(operator.get("/admin/budget/"))
    found = worst()
    places = [page.index(f'data-key="heavy {one.tile} 10000"') for one in found]
    assert len(places) > 1
    assert places == sorted(places)
    assert f"{found[0].features_after} of {found[0].features_before}" in page


def test_one_tile_says_what_its_bytes_are_spent_on(operator: Client, heavy: Published) -> None:
    page = shown(operator.get(URL))
    assert "uncut" in page
    assert "name" in page
    assert "geometry" in page
    assert "./manage.py tile heavy 3/4/3" in page
    assert f"/admin/core/layer/{heavy.layer.pk}/change/" in page


def test_a_tile_that_fits_is_said_to_fit(operator: Client, odd: OddTable) -> None:
    odd("ranked")
    assert "was not cut" in shown(operator.get("/admin/budget/ranked/0/0/0/"))
    assert "The tile is empty" in shown(operator.get("/admin/budget/ranked/9/0/0/"))


@pytest.mark.parametrize("path", ["nothing/0/0/0", "heavy/0/1/0", "heavy/30/0/0"])
def test_what_is_no_tile_is_a_404(operator: Client, heavy: Published, path: str) -> None:
    assert operator.get(f"/admin/budget/{path}/").status_code == 404


def test_a_layer_that_cannot_be_read_is_said(operator: Client, heavy: Published) -> None:
    execute("DROP TABLE odd.heavy")
    assert "was dropped" in shown(operator.get(URL))


def test_a_saving_fits_when_what_is_left_is_within_the_budget(heavy: Published) -> None:
    [over] = worst()
    weight = LayerWeight("heavy", 1, 1000, 100, {"name": 800, "rank": 50})
    big, small = savings(weight, over)
    assert (big.name, big.share, small.share) == ("name", 80.0, 5.0)
    assert big.left == round(over.bytes_before * 0.2)
    assert big.fits is (big.left <= over.budget)
    assert not small.fits
    assert [one.left for one in savings(weight, None)] == [0, 0]


def test_strangers_see_nothing(client: Client, heavy: Published) -> None:
    assert client.get("/admin/budget/").status_code == 302
    assert client.get(URL).status_code == 302
    assert client.get("/api/v1/over-budget").status_code == 403


def test_the_api_and_the_command_tell_the_same(operator: Client, heavy: Published) -> None:
    answer = operator.get("/api/v1/over-budget")
    assert answer.status_code == 200
    [told] = answer.json()
    [found] = worst()
    assert (told["tile"], told["layer"]) == (str(TILE), "heavy")
    assert told["bytes_before"] == found.bytes_before > found.bytes_after
    out = StringIO()
    call_command("over_budget", "--json", stdout=out)
    assert json.loads(out.getvalue())[0]["bytes_before"] == found.bytes_before
    out = StringIO()
    call_command("over_budget", stdout=out)
    assert f"heavy {TILE}" in out.getvalue()
