"""Contract C3: statuses and headers of a tile."""

import gzip
from typing import Any

import pytest
from django.test import Client, RequestFactory

from core.wsgi import application
from tests.odd import OddTable, forget_tiles
from tests.raw import request

TILE = "/tiles/world/0/0/0.mvt"
# A tile of the sea: no feature of any layer.
EMPTY = "/tiles/world/8/0/100.mvt"


def ask(client: Client, path: str = TILE, **headers: str) -> Any:
    """GET with headers: `if_none_match` is sent as If-None-Match."""
    return client.get(
        path, headers={key.replace("_", "-"): value for key, value in headers.items()}
    )


def test_a_tile_says_what_it_is_and_who_may_read_it(stranger: Client) -> None:
    answer = ask(stranger, accept_encoding="gzip")
    assert answer.status_code == 200
    headers = answer.headers
    assert headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Timing-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert {"ETag", "Cache-Status", "Server-Timing"} <= set(
        headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert headers["Server-Timing"].startswith("render;dur=")
    assert headers["Content-Length"] == str(len(answer.content))
    assert "Set-Cookie" not in headers


def test_mvt_and_pbf_are_the_same_tile(stranger: Client) -> None:
    tile, same = ask(stranger), ask(stranger, TILE.replace(".mvt", ".pbf"))
    assert (tile.content, tile.headers["ETag"]) == (same.content, same.headers["ETag"])


def test_the_first_answer_is_rendered_and_the_second_is_from_redis(stranger: Client) -> None:
    forget_tiles()
    first, second = ask(stranger), ask(stranger)
    assert first.headers["Cache-Status"] == "graticule; fwd=miss; detail=render"
    assert second.headers["Cache-Status"] == "graticule; hit; detail=redis"
    assert first.content == second.content


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        (None, None), ("", None), ("identity", None), ("gzip", "gzip"), ("GZIP", "gzip"),
        ("gzip, deflate", "gzip"), ("gzip, deflate, br, zstd", "gzip"), ("*", "gzip"),
        ("br", None), ("gzip;q=0", None), ("gzip;q=0.001", "gzip"), ("gzip ; q=1.0", "gzip"),
        ("*;q=0, gzip", "gzip"), ("identity;q=0, gzip", "gzip"), ("gzip;q=x", None),
        (", ,", None), ("gzip;q=0, *", None),
    ],
)  # fmt: skip
def test_the_coding_is_one_that_the_client_takes(
    stranger: Client, accepted: str | None, sent: str | None
) -> None:
    answer = ask(stranger) if accepted is None else ask(stranger, accept_encoding=accepted)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == sent


@pytest.mark.parametrize("accepted", ["*;q=0", "identity;q=0", "gzip;q=0, identity;q=0"])
def test_a_client_that_takes_nothing_we_have_is_told(stranger: Client, accepted: str) -> None:
    answer = ask(stranger, accept_encoding=accepted)
    assert answer.status_code == 406
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "gzip" in answer.json()["detail"]


def test_a_tile_that_gzip_would_not_shrink_is_packed_for_who_insists(odd: OddTable) -> None:
    table = odd("text_ids")
    plain = table.answer((14, 8237, 8146), **{"Accept-Encoding": "gzip"})
    packed = table.answer((14, 8237, 8146), **{"Accept-Encoding": "gzip, identity;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content


def test_both_codings_are_the_same_content_under_tags_of_one_digest(stranger: Client) -> None:
    plain, packed = ask(stranger), ask(stranger, accept_encoding="gzip")
    assert gzip.decompress(packed.content) == plain.content
    digest = plain.headers["ETag"].strip('"')
    assert packed.headers["ETag"] == f'"{digest}-gzip"'


def test_the_same_tile_made_again_has_the_same_bytes(stranger: Client) -> None:
    first = ask(stranger, accept_encoding="gzip").content
    assert first[4:8] == b"\0\0\0\0", "the time in a gzip header would change each time"
    forget_tiles()
    assert ask(stranger, accept_encoding="gzip").content == first


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '{}, "other"', "*", '"x" , W/{}'])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_who_has_the_tile_gets_304(stranger: Client, form: str, coding: str) -> None:
    for tag in (
        ask(stranger).headers["ETag"],
        ask(stranger, accept_encoding="gzip").headers["ETag"],
    ):
        answer = ask(stranger, if_none_match=form.format(tag), accept_encoding=coding)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("tags", ['"other"', "", "garbage", 'W/"', '"', '"-gzip"', "\xff", '"*"'])
def test_who_has_another_tile_gets_this_one(stranger: Client, tags: str) -> None:
    assert ask(stranger, if_none_match=tags).status_code == 200


def test_an_empty_tile_is_204_with_a_tag(stranger: Client) -> None:
    answer = ask(stranger, EMPTY)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = ask(stranger, EMPTY, if_none_match=answer.headers["ETag"])
    assert again.status_code == 304


def test_an_empty_tile_is_empty_for_every_client(stranger: Client) -> None:
    assert ask(stranger, EMPTY, accept_encoding="gzip, identity;q=0").status_code == 204


@pytest.mark.parametrize("zoom", [11, 24])
def test_a_zoom_that_no_layer_has_is_204_without_sql(stranger: Client, zoom: int) -> None:
    answer = ask(stranger, f"/tiles/world/{zoom}/0/0.mvt")
    assert answer.status_code == 204
    assert answer.headers["Cache-Status"].endswith("detail=outside")


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_head_is_get_without_a_body(site: str, coding: str) -> None:
    accept = {"Accept-Encoding": coding}
    got, head = request(site, TILE, headers=accept), request(site, TILE, "HEAD", accept)
    assert head.body == b""
    changing = {"date", "server-timing", "cache-status", "x-request-id"}
    assert {key: value for key, value in head.headers.items() if key not in changing} == {
        key: value for key, value in got.headers.items() if key not in changing
    }
    assert int(head.headers["content-length"]) == len(got.body)


@pytest.mark.parametrize("path", [TILE, f"{TILE}?a=b", "/tiles/world.json", "/tiles/world/changes"])
def test_no_body_is_given_to_a_server_for_a_head(stranger: Client, path: str) -> None:
    told: list[str] = []
    environ = RequestFactory().head(path).environ
    body = application(environ, lambda status, *_: told.append(status))
    assert (told[0][:3] in ("200", "400"), list(body)) == (True, [])


@pytest.mark.parametrize("path", [TILE, "/tiles/world.json", "/catalog.json", "/tiles/nope.json"])
def test_options_answers_a_preflight(stranger: Client, path: str) -> None:
    answer = stranger.options(path, headers={"Origin": "https://other.example"})
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", [TILE, "/tiles/world.json", "/catalog.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO"])
def test_other_methods_are_405_and_told_which_are_not(
    stranger: Client, path: str, method: str
) -> None:
    answer = stranger.generic(method, path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "GET" in answer.json()["detail"]


@pytest.mark.parametrize("path", [EMPTY, "/tiles/world/24/0/0.mvt"])
def test_an_answer_without_a_body_says_nothing_of_one(site: str, path: str) -> None:
    empty = request(site, path)
    same = request(site, TILE, headers={"If-None-Match": "*"})
    options = request(site, TILE, "OPTIONS")
    assert [one.status for one in (empty, same, options)] == [204, 304, 204]
    for one in (empty, same, options):
        assert not {"content-length", "content-type", "transfer-encoding"} & set(one.headers)


def test_a_caller_chooses_properties_in_any_order(stranger: Client) -> None:
    one = ask(stranger, f"{TILE}?properties=name,iso_a2")
    two = ask(stranger, f"{TILE}?properties=iso_a2,name,name&utm_source=x&_=7&v=3")
    assert one.headers["ETag"] == two.headers["ETag"] != ask(stranger).headers["ETag"]
    assert two.headers["Cache-Status"] == "graticule; hit; detail=redis", "one key for both"
