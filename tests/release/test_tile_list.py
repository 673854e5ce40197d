"""Tile lists from outside: every line is looked at, and what is listed is dropped."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core import snapshot
from core.models import Layer
from core.release import tile_list
from core.release.tile_list import BadTileList, from_lines
from tests.database import execute
from tests.release.town import ask
from tests.truth.equality import settle

LOGGED = """
SELECT rows, tiles FROM graticule.change
WHERE what = 'tiles' AND relation = 'odd.trees'::regclass ORDER BY id
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("14/1/x", "no tile. Give z/x/y"),
        ("14/1", "no tile. Give z/x/y"),
        ("14/1/2/3", "no tile. Give z/x/y"),
        ("-1/0/0", "no tile. Give z/x/y"),
        ("1.0/0/0", "no tile. Give z/x/y"),
        ("١/0/0", "no tile. Give z/x/y"),
        ("25/0/0", "the highest zoom is 24"),
        ("3/8/0", "at zoom 3, x and y are below 8"),
        ("3/0/8", "at zoom 3, x and y are below 8"),
        ("0/0/99999999999999999999999999", "at zoom 0"),
    ],
)
def test_a_line_that_is_no_tile_is_named_with_its_number(line: str, said: str) -> None:
    with pytest.raises(BadTileList, match=said) as fault:
        list(from_lines(["1/0/0", "", line], "dirty.list"))
    assert str(fault.value).startswith(f"dirty.list, line 3: '{line[:40]}'")


def logged() -> list[tuple[int, list[int]]]:
    """What of tile lists for the trees is in the change log."""
    return [(rows, tiles) for rows, tiles in ask(LOGGED)]


def cached(layer: Layer, address: str) -> bool:
    """True when the tile is had without rendering it."""
    snapshot.forget()
    answer = Client().get(f"/tiles/{layer.name}/{address}.mvt")
    assert answer.status_code in (200, 204)
    return "hit" in answer.headers["Cache-Status"]


def test_a_file_a_folder_and_standard_input_are_read(
    trees: Layer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "20260101").mkdir()
    (tmp_path / "20260101" / "a.tiles").write_text("4/1/2\n4/3/4\n")
    (tmp_path / "b.tiles").write_text("5/1/2\n")
    (tmp_path / "dirty.list").write_text("6/1/2")
    monkeypatch.setattr("sys.stdin", io.StringIO("7/1/2\n"))
    call_command("expire", "trees", "--tiles", str(tmp_path), str(tmp_path / "dirty.list"), "-")
    assert logged() == [(5, [4, 1, 2, 4, 3, 4, 5, 1, 2, 6, 1, 2, 7, 1, 2])]


def test_a_table_is_read(trees: Layer) -> None:
    execute("CREATE TABLE odd.dirty AS SELECT 13::smallint AS z, n AS x, 0 AS y "
            "FROM generate_series(0, 4999) n")  # fmt: skip
    call_command("expire", "trees", "--table", "odd.dirty")
    assert [rows for rows, _ in logged()] == [4096, 904]


def test_what_is_listed_is_dropped_with_its_ancestors_and_descendants(trees: Layer) -> None:
    settle()
    addresses = ["0/0/0", "3/4/3", "4/8/7", "4/9/7", "6/40/10", "6/33/31"]
    for address in addresses:
        assert not cached(trees, address)
    assert all(cached(trees, address) for address in addresses)
    tile_list.expire(trees, [(4, 8, 7)])
    settle()
    kept = {address for address in addresses if cached(trees, address)}
    assert "6/40/10" in kept
    assert not {"0/0/0", "3/4/3", "4/8/7", "6/33/31"} & kept


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--tiles", "-"], "no layer 'nowhere'"),
        (["trees", "--tiles", "/nowhere/at/all"], "is no file, nor a folder"),
        (["trees", "--table", "odd.trees"], 'column "z" does not exist'),
        (["trees", "--table", "odd.nothing"], "cannot be read for z, x and y"),
        (["trees", "--table", "odd.wrong"], r"odd\.wrong: \(3, 0, None\) is no tile"),
    ],
)
def test_a_list_that_cannot_be_read_expires_nothing(
    trees: Layer, words: list[str], said: str
) -> None:
    execute("CREATE TABLE odd.wrong AS SELECT 3 AS z, 0 AS x, 1 AS y UNION ALL SELECT 3, 0, NULL")
    with pytest.raises(CommandError, match=said):
        call_command("expire", *words)
    assert ask("SELECT to_regclass('graticule.change')") == [(None,)] or logged() == []
