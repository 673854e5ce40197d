"""GDAL, and so QGIS, reads us with the types of the fields."""

import shutil
import subprocess
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.conf import settings
from pyogrio.raw import read

from core.admin.addresses import addresses
from core.models import Resource, Tileset
from tests.odd import OddTable

pytestmark = pytest.mark.clients


def layer(site: str, name: str, address: str = "0/0/0") -> tuple[Any, dict[str, Any], Any]:
    """Meta data, columns by name, and geometries of a layer of a tile."""
    meta, _, geometry, columns = read(f"MVT:{site}/tiles/world/{address}.mvt", layer=name)
    return meta, dict(zip(meta["fields"], columns, strict=True)), shapely.from_wkb(geometry)


def test_the_layers_of_a_tile_are_listed(site: str) -> None:
    listed = pyogrio.list_layers(f"MVT:{site}/tiles/world/2/2/1.mvt")
    assert {"countries", "places", "boundaries", "country_labels"} <= {row[0] for row in listed}


def test_fields_have_types(site: str) -> None:
    meta, columns, _ = layer(site, "places", "2/2/1")
    kinds = dict(zip(meta["fields"], meta["dtypes"], strict=True))
    assert {name: kinds[name] for name in ("name", "population", "rank", "min_zoom")} == {
        "name": "object", "population": "int32", "rank": "int32", "min_zoom": "float32"
    }  # fmt: skip
    assert set(columns["name"]) == {"Astana", "Алматы"}
    assert dict(zip(columns["name"], columns["population"], strict=True))["Astana"] == 1350000


def test_places_lie_where_they_should(site: str) -> None:
    meta, columns, points = layer(site, "places", "2/2/1")
    assert "3857" in meta["crs"]
    astana = points[list(columns["name"]).index("Astana")]
    turn = 20037508.342789244 / 180
    latitude = np.degrees(np.arctan(np.sinh(np.radians(shapely.get_y(astana) / turn))))
    assert shapely.get_x(astana) / turn == pytest.approx(71.43, abs=0.03)
    assert latitude == pytest.approx(51.13, abs=0.03)


def test_ids_come_through(site: str) -> None:
    _, columns, _ = layer(site, "countries")
    assert dict(zip(columns["iso_a2"], columns["mvt_id"], strict=True)) == {
        "KZ": 1, "BR": 2, "AU": 3, "FJ": 4, "AQ": 5
    }  # fmt: skip


def test_a_whole_zoom_is_read_with_the_fields_of_the_metadata(site: str) -> None:
    meta, _, _, columns = read(f"MVT:{site}/tiles/world/2", layer="places")
    fields = dict(zip(meta["fields"], columns, strict=True))
    kinds = dict(zip(meta["fields"], meta["dtypes"], strict=True))
    assert sorted(fields["name"]) == ["Astana", "Brasília", "Алматы"]
    # A tile that lacks a value knows no type for it; TileJSON calls every number a Number.
    assert {name: kind for name, kind in kinds.items() if name != "mvt_id"} == {
        "name": "object", "name_en": "object", "country": "object", "population": "float64",
        "capital": "float64", "rank": "float64", "min_zoom": "float64",
    }  # fmt: skip


def address_to_copy(resource: Resource, site: str) -> str:
    """What the admin gives for GDAL, at the tests' server."""
    [found] = [one.url for one in addresses(resource) if one.use.startswith("GDAL")]
    return found.replace(settings.PUBLIC_URL, site)


@pytest.mark.parametrize(("low", "high"), [(0, 6), (4, 16), (14, 14), (20, 24)])
def test_the_address_to_copy_opens_whatever_the_zooms(
    site: str, odd: OddTable, low: int, high: int
) -> None:
    layer = odd("text_ids", min_zoom=low, max_zoom=high).layer
    tileset = Tileset.objects.create(name="copied", state="published")
    tileset.members.create(layer=layer)
    try:
        for resource in (layer, tileset):
            copied = address_to_copy(resource, site)
            assert copied.endswith(f"/{low}")
            assert [row[0] for row in pyogrio.list_layers(copied)] == ["text_ids"]
            if ogrinfo := shutil.which("ogrinfo"):
                command = [ogrinfo, "-ro", copied]
                said = subprocess.run(command, capture_output=True, text=True, check=True)
                assert "1: text_ids" in said.stdout
    finally:
        tileset.delete()


def test_the_address_to_copy_has_the_features_of_the_lowest_zoom(site: str, odd: OddTable) -> None:
    # A name of its own: for a second the site may have the Layer of the test before under another.
    layer = odd("text_ids", name="from_nine", min_zoom=9, max_zoom=14).layer
    _, _, _, columns = read(address_to_copy(layer, site), layer="from_nine", columns=["code"])
    assert sorted(columns[0]) == ["7", "KZ-1"]
