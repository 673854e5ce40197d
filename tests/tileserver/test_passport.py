"""A tile's passport, as an operator asks for it."""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core import snapshot
from core.selection import select
from tests.listening import wait_for_belief
from tests.odd import OddTable, forget_tiles, unpacked
from tileserver import passport
from tileserver.tile import Tile
from tileserver.weights import weights


def shown(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("tile", *words, stdout=out)
    return out.getvalue()


def test_the_weights_of_a_tile_add_up_to_the_tile(odd: OddTable) -> None:
    published = odd("typed_columns")
    mvt = unpacked(published.answer((0, 0, 0)))
    [layer] = weights(mvt)
    assert (layer.name, layer.features) == ("typed_columns", len(published.features(0, 0, 0)))
    parts = layer.geometry + sum(layer.attributes.values())
    assert layer.total <= len(mvt) <= layer.total + 8
    assert 0.6 * layer.total < parts < layer.total


def test_the_report_names_every_attribute_and_the_budget(odd: OddTable) -> None:
    published = odd("typed_columns")
    text = shown(published.layer.name, "0/0/0")
    [layer] = weights(unpacked(published.answer((0, 0, 0))))
    assert all(name in text for name in layer.attributes)
    assert "budget 500,000 bytes" in text


def test_where_tells_what_redis_holds(odd: OddTable) -> None:
    forget_tiles()
    name = odd("text_ids").layer.name
    assert json.loads(shown(name, "0/0/0", "--where"))["kept"] is False
    wait_for_belief()
    answer = Client().get(f"/tiles/{name}/0/0/0.mvt", headers={"Accept-Encoding": "gzip"})
    found = json.loads(shown(name, "0/0/0", "--where"))
    assert (found["kept"], found["etag"]) == (True, answer.headers["ETag"])


def test_the_statement_runs_as_it_is_shown_and_the_plan_is_postgresqls(odd: OddTable) -> None:
    name = odd("text_ids").layer.name
    selection = select(snapshot.current(), name)
    assert "ST_TileEnvelope(5, 1, 2)" in shown(name, "5/1/2", "--sql")
    assert "actual time" in shown(name, "5/1/2", "--explain")
    assert passport.rendered(selection, Tile(0, 0, 0)).mvt


def test_a_zoom_that_no_layer_has_is_an_empty_tile(odd: OddTable) -> None:
    name = odd("text_ids", max_zoom=6).layer.name
    assert passport.rendered(select(snapshot.current(), name), Tile(7, 0, 0)).mvt == b""
    assert shown(name, "7/0/0")


@pytest.mark.parametrize("words", [("nowhere", "0/0/0"), ("{name}", "0/0"), ("{name}", "0/1/0")])
def test_what_is_no_tile_is_said(odd: OddTable, words: tuple[str, str]) -> None:
    name = odd("text_ids").layer.name
    with pytest.raises(CommandError):
        shown(*(word.format(name=name) for word in words))


def test_a_web_process_loads_no_decoder_and_no_geometry_library() -> None:
    heavy = ("pyogrio", "pyarrow", "shapely", "pandas", "numpy", "mapbox_vector_tile", "pyproj")
    code = f"""
import core.wsgi, sys
from django.urls import get_resolver
get_resolver().url_patterns  # every view and the admin
print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SERVED = """
import sys, core.wsgi
from django.test import Client
answer = Client(headers={"Host": "localhost"}).get("/tiles/{name}/0/0/0.mvt")
heavy = ("pyogrio", "pyarrow", "shapely", "pandas", "numpy", "pyproj", "mapbox_vector_tile")
print(answer.status_code, [name for name in heavy if name in sys.modules])
"""


def test_a_web_process_that_serves_tiles_loads_them_neither(odd: OddTable) -> None:
    odd("srid_4326")
    odd("ranked", byte_budget=500)
    for name in ("srid_4326", "ranked"):
        code = SERVED.replace("{name}", name)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "200 []", done.stderr
