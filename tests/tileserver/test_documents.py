"""TileJSON, its twin for GDAL, and the catalog."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.odd import OddTable
from tests.raw import request

HOSTILE = (
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    {"Forwarded": "host=evil.example;proto=https"},
    {"X-Forwarded-For": "evil.example", "X-Forwarded-Port": "666", "X-Original-URL": "/evil"},
    {"X-Script-Name": "/evil", "X-Forwarded-Prefix": "/evil", "Script-Name": "/evil"},
    {"Host": "localhost"},
)


def number(value: Any, low: float, high: float) -> bool:
    """True when it is a JSON number from `low` to `high`."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def assert_tilejson(document: dict[str, Any]) -> None:
    """What the TileJSON 3.0.0 specification asks for, sections 3.1 to 3.18."""
    assert document["tilejson"] == "3.0.0"
    assert all(isinstance(document[key], str) for key in ("name", "description", "attribution"))
    assert document["scheme"] in ("xyz", "tms")
    assert document["tiles"]
    assert all(url.startswith("http") for url in document["tiles"])
    assert all(part in url for url in document["tiles"] for part in ("{z}", "{x}", "{y}"))
    assert isinstance(document["minzoom"], int)
    assert isinstance(document["maxzoom"], int)
    assert 0 <= document["minzoom"] <= document["maxzoom"] <= 30
    west, south, east, north = document["bounds"]
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    longitude, latitude, zoom = document["center"]
    assert number(longitude, west, east)
    assert number(latitude, south, north)
    assert number(zoom, document["minzoom"], document["maxzoom"])
    for layer in document["vector_layers"]:
        assert_vector_layer(layer, document)
    ids = [layer["id"] for layer in document["vector_layers"]]
    assert len(ids) == len(set(ids)) > 0


def assert_vector_layer(layer: dict[str, Any], document: dict[str, Any]) -> None:
    """Section 3.3: id and fields are required, zooms lie in those of the document."""
    assert isinstance(layer["id"], str)
    assert isinstance(layer["description"], str)
    assert set(layer["fields"].values()) <= {"Number", "Boolean", "String"}
    assert document["minzoom"] <= layer["minzoom"] <= layer["maxzoom"] <= document["maxzoom"]


@pytest.mark.parametrize(
    "name", ["world", "astana", "world_places", "world_countries,world_lakes", "astana_parking"]
)
def test_tilejson_follows_its_specification(stranger: Client, name: str) -> None:
    answer = stranger.get(f"/tiles/{name}.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert_tilejson(answer.json())


def test_tilejson_describes_every_layer_of_the_tileset(stranger: Client) -> None:
    document = stranger.get("/tiles/world.json").json()
    layers = {layer["id"]: layer for layer in document["vector_layers"]}
    assert set(layers) == {
        "countries", "lakes", "rivers", "province_lines", "boundaries", "coastline",
        "marine_labels", "province_labels", "places", "country_labels",
    }  # fmt: skip
    assert layers["places"]["fields"] == {
        "name": "String", "name_en": "String", "country": "String", "population": "Number",
        "capital": "Number", "rank": "Number", "min_zoom": "Number",
    }  # fmt: skip
    assert (layers["places"]["minzoom"], layers["places"]["geometry_type"]) == (2, "POINT")
    assert (document["name"], document["minzoom"], document["maxzoom"]) == ("World", 0, 10)
    assert document["attribution"] == "Made with Natural Earth · GeoNames, CC BY 4.0"


def test_bounds_are_those_of_the_data_cut_to_what_a_map_shows(odd: OddTable) -> None:
    odd("beyond_mercator", id_column="id")
    document = Client().get("/tiles/beyond_mercator.json").json()
    assert document["bounds"] == [-180, -85.051129, 180, 85.051129]


def test_bounds_of_a_national_grid_are_in_degrees(odd: OddTable) -> None:
    odd("srid_27700")
    bounds = Client().get("/tiles/srid_27700.json").json()["bounds"]
    # A box in metres is a bent figure in degrees: the bounds hold all of it, and little more.
    assert bounds == pytest.approx([-6, 50, 1, 60], abs=1.5)
    assert bounds[0] <= -6
    assert bounds[1] <= 50
    assert bounds[2] >= 1
    assert bounds[3] >= 60


def test_an_empty_layer_has_the_bounds_of_the_world(odd: OddTable) -> None:
    odd("no_rows")
    document = Client().get("/tiles/no_rows.json").json()
    assert_tilejson(document)
    assert document["bounds"] == [-180, -85.051129, 180, 85.051129]


def test_gdal_finds_field_types_in_the_json_member(stranger: Client) -> None:
    document = stranger.get("/tiles/world/metadata.json").json()
    assert document["format"] == "pbf"
    assert json.loads(document["json"])["vector_layers"] == document["vector_layers"]
    assert_tilejson(document)


def test_documents_are_conditional_like_tiles(stranger: Client) -> None:
    for path in ("/tiles/world.json", "/tiles/world/metadata.json", "/catalog.json"):
        answer = stranger.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        tag = answer.headers["ETag"]
        assert stranger.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert stranger.head(path).status_code == 200


def test_the_catalog_lists_names_titles_and_absolute_urls(stranger: Client) -> None:
    catalog = stranger.get("/catalog.json").json()
    world = next(one for one in catalog["tilesets"] if one["name"] == "world")
    assert world["title"] == "World"
    assert world["tilejson"] == "http://127.0.0.1:8000/tiles/world.json"
    assert world["tiles"] == ["http://127.0.0.1:8000/tiles/world/{z}/{x}/{y}.mvt"]
    assert {"world-light", "streets-dark"} <= {one["name"] for one in catalog["styles"]}
    assert all(one["url"].startswith("http://127.0.0.1:8000/styles/") for one in catalog["styles"])
    for one in [*catalog["tilesets"], *catalog["layers"]]:
        path = one["tilejson"].removeprefix("http://127.0.0.1:8000")
        assert_tilejson(stranger.get(path).json())


@pytest.mark.parametrize("path", ["/tiles/world.json", "/tiles/world/metadata.json",
                                  "/catalog.json", "/styles/world-light/style.json"])  # fmt: skip
@pytest.mark.parametrize("headers", HOSTILE, ids=str)
def test_urls_come_from_public_url_whatever_the_headers_say(
    site: str, path: str, headers: dict[str, str]
) -> None:
    answer = request(site, path, headers=headers)
    assert answer.status == 200
    text = answer.body.decode()
    assert "evil" not in text
    assert "gopher" not in text
    assert f"{site}/tiles/world" in text


@pytest.mark.parametrize("path", ["/tiles/world.json", "/catalog.json"])
def test_public_url_may_hold_a_path(stranger: Client, settings: Any, path: str) -> None:
    settings.PUBLIC_URL = "https://town.example/maps"
    text = stranger.get(path, headers={"Host": "localhost"}).content.decode()
    assert "https://town.example/maps/tiles/world" in text
    assert "127.0.0.1" not in text
    assert "localhost" not in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1@evil", "a b", ""])
def test_another_host_is_refused_before_anything_else(site: str, host: str) -> None:
    for path in ("/tiles/world.json", "/tiles/world/0/0/0.mvt", "/", "/admin/login/"):
        answer = request(site, path, headers={"Host": host, "Accept": "application/json"})
        assert answer.status == 400
        assert "ALLOWED_HOSTS" in answer.problem()["detail"]
        assert "evil" not in answer.body.decode()
