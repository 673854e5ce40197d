"""Why was this tile dropped? The answer follows the listener's own rule."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import snapshot
from core.feed import log
from core.selection import select
from tests.admin.conftest import Log
from tests.odd import OddTable, Published
from tileserver import dirty, grid
from tileserver.dropped import read, reasons
from tileserver.tile import BadAddress, Tile

HERE = [1.0, 1.0, 1.5, 1.5]
FAR = [100.0, 50.0, 101.0, 51.0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("roads 12/2200/1343", "roads"),
        ("  roads/12/2200/1343 ", "roads"),
        ("/tiles/roads/12/2200/1343.mvt", "roads"),
        ("https://town.example/maps/tiles/a,b/12/2200/1343.pbf?properties=name", "a,b"),
    ],
)
def test_a_tile_is_read_out_of_what_people_have_at_hand(text: str, name: str) -> None:
    assert read(text) == (name, Tile(12, 2200, 1343))


@pytest.mark.parametrize("text", ["", "roads", "12/2200/1343", "roads 1/2/x", "roads 1/2/0"])
def test_what_is_no_tile_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        read(text)


def found(published: Published, tile: Tile) -> list[str]:
    """The keys of what is given as a reason."""
    selection = select(snapshot.current(), published.layer.name)
    return [entry.key for entry in reasons(selection, tile)]


def test_only_what_touches_the_tile_is_a_reason(changelog: Log, odd: OddTable) -> None:
    table = odd("text_ids")
    near = changelog.write("text_ids", boxes=HERE)
    changelog.write("text_ids", boxes=FAR)
    changelog.write("text_ids", boxes=[])
    anywhere = changelog.write("text_ids", "truncate", boxes=None)
    listed = changelog.write("text_ids", "tiles", boxes=None, tiles=[9, 257, 254])
    changelog.write("text_ids", "tiles", boxes=None, tiles=[9, 400, 100])
    log.note_raised([table.layer.pk], "by hand")
    keys = found(table, Tile(8, 128, 127))
    assert {f"c{one}" for one in (near, anywhere, listed)} == {k for k in keys if k[0] == "c"}
    assert len([key for key in keys if key[0] == "r"]) == 1


def test_parts_are_tighter_than_boxes_unless_a_limit_counts_rows(
    changelog: Log, odd: OddTable
) -> None:
    table = odd("text_ids")
    changelog.write("text_ids", boxes=[0.0, 0.0, 90.0, 60.0], parts=HERE)
    inside = Tile(8, 150, 110)
    assert found(table, inside) == []
    assert len(found(table, Tile(8, 128, 127))) == 1
    type(table.layer).objects.filter(pk=table.layer.pk).update(feature_limit=10)
    snapshot.forget()
    assert len(found(table, inside)) == 1


def test_another_reference_system_is_compared_in_its_own_units(
    changelog: Log, odd: OddTable
) -> None:
    table = odd("srid_27700")
    changelog.write("srid_27700", srid=27700, boxes=[530000.0, 180000.0, 530100.0, 180100.0])
    assert len(found(table, Tile(10, 511, 340))) == 1
    assert found(table, Tile(10, 500, 340)) == []


coordinates = st.tuples(st.floats(-179, 178), st.floats(-84, 83))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    corner=coordinates,
    size=st.floats(0, 40),
    place=st.tuples(coordinates, st.integers(0, 16)),
    parts=st.booleans(),
)
def test_it_never_misses_what_the_listener_would_drop(
    changelog: Log,
    hidden: Published,
    corner: tuple[float, float],
    size: float,
    place: tuple[tuple[float, float], int],
    parts: bool,
) -> None:
    """A tile that `tileserver.dirty` calls dirty has the change among its reasons."""
    box = (*corner, min(180.0, corner[0] + size), min(85.0, corner[1] + size))
    (east, north), zoom = place
    column, row = int((east + 180) / 360 * 2**zoom), int((90 - north) / 180 * 2**zoom)
    layer = hidden.info()
    felt = grid.margin(layer.buffer, layer.extent, parts=parts)
    area = dirty.Area(dirty.from_degrees([box]), felt)
    [is_dirty] = area.dirty([column], [row], zoom)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM graticule.change")
    whole = [-180.0, -85.0, 180.0, 85.0] if parts else list(box)
    number = changelog.write("text_ids", boxes=whole, parts=list(box) if parts else None)
    assert (f"c{number}" in found(hidden, Tile(zoom, column, row))) == is_dirty


@pytest.fixture
def hidden(odd: OddTable) -> Published:
    """One table for all examples."""
    return odd("text_ids")


def page(client: Client, tile: str) -> str:
    """The page for a tile."""
    return client.get("/admin/dropped/", {"tile": tile}).content.decode()


def test_the_page_takes_a_pasted_address(operator: Client, changelog: Log, odd: OddTable) -> None:
    table = odd("text_ids")
    assert table.answer((8, 128, 127)).status_code == 200
    assert "cached since" in page(operator, "text_ids 8/128/127")
    changelog.applied(changelog.write("text_ids", boxes=HERE, who="ada"))
    shown = page(operator, "http://127.0.0.1:8000/tiles/text_ids/8/128/127.mvt")
    assert "not cached in Redis just now" in shown
    assert "ada" in shown
    assert "./manage.py dropped text_ids 8/128/127" in shown


@pytest.mark.parametrize(
    ("tile", "said"),
    [
        ("", "Paste the address of a tile"),
        ("nonsense", "Give the URL of a tile"),
        ("nothing 1/0/0", "There is no tileset or layer named"),
        ("text_ids 3/7/0", "No change in the log touches it"),
    ],
)
def test_the_page_says_what_it_cannot_answer(
    operator: Client, changelog: Log, odd: OddTable, tile: str, said: str
) -> None:
    odd("text_ids")
    assert said in page(operator, tile)


def test_the_api_and_the_command_say_the_same(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids")
    number = changelog.write("text_ids", boxes=HERE)
    answer = operator.get("/api/v1/dropped", {"tile": "text_ids 8/128/127"})
    assert [one["key"] for one in answer.json()] == [f"c{number}"]
    assert operator.get("/api/v1/dropped", {"tile": "x"}).status_code == 400
    assert operator.get("/api/v1/dropped", {"tile": "nothing 1/0/0"}).status_code == 404
    said = StringIO()
    call_command("dropped", "text_ids", "8/128/127", stdout=said)
    assert "text_ids  1 update" in said.getvalue()
    call_command("dropped", "text_ids", "3/7/0", stdout=said)
    assert "No change in the log touches text_ids 3/7/0." in said.getvalue()
    with pytest.raises(CommandError, match="x and y must be from 0 to 1"):
        call_command("dropped", "text_ids", "1/9/9")
