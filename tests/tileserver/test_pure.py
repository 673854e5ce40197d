"""Addresses, parameters and codings: pure, and so tested without any server."""

import gzip
import re

import pytest

from tileserver import params
from tileserver.encode import accepts, encode
from tileserver.tile import BadAddress, Tile, parse


def test_a_tile_knows_its_bounds() -> None:
    assert Tile(0, 0, 0).bounds == pytest.approx((-180, -85.0511, 180, 85.0511), abs=1e-4)
    assert Tile(1, 1, 0).bounds == pytest.approx((0, 0, 180, 85.0511), abs=1e-4)
    assert str(Tile(3, 1, 2)) == "3/1/2"


@pytest.mark.parametrize("address", [(0, 0, 0), (24, 2**24 - 1, 2**24 - 1), (5, 31, 0)])
def test_the_last_column_and_row_are_tiles(address: tuple[int, int, int]) -> None:
    assert parse(*map(str, address)) == Tile(*address)


@pytest.mark.parametrize("address", [(25, 0, 0), (0, 1, 0), (0, 0, 1), (24, 2**24, 0), (-1, 0, 0)])
def test_what_lies_outside_is_none(address: tuple[int, int, int]) -> None:
    with pytest.raises(BadAddress):
        Tile(*address)


@pytest.mark.parametrize("text", ["", "00", "+1", "-0", "1.0", "1e1", "١", "²", " 1", "1\n", "1_0"])
def test_only_plain_decimals_are_numbers(text: str) -> None:
    for parts in ((text, "0", "0"), ("9", text, "0"), ("9", "0", text)):
        with pytest.raises(BadAddress, match="must be a whole number"):
            parse(*parts)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("", ""), ("v=5", ""), ("_=1&utm_source=x", ""), ("properties=b,a", "properties=a,b"),
        ("properties=a,a,", "properties=a"), ("properties=", "properties="),
        ("properties=a%2Cb&v=1", "properties=a,b"), ("properties=a,b,c", ""),
    ],
)  # fmt: skip
def test_a_query_string_has_one_canonical_form(query: str, key: str) -> None:
    assert params.parse(query, ["a", "b", "c"]).key == key


@pytest.mark.parametrize("query", ["x=1", "properties=d", "key=1", "properties=a&properties=b",
                                   "&".join(["v=1"] * 65), "a" * 2049])  # fmt: skip
def test_a_query_string_that_is_not_known_is_refused(query: str) -> None:
    with pytest.raises(params.BadParameter):
        params.parse(query, ["a", "b", "c"])


def test_what_gzip_shrinks_is_kept_packed_and_the_rest_as_it_is() -> None:
    long, short = encode(b"a" * 1000), encode(b"abc")
    assert (long.coding, short.coding) == ("gzip", "identity")
    assert gzip.decompress(long.body) == long.as_identity().body == b"a" * 1000
    assert gzip.decompress(short.as_gzip().body) == short.body == b"abc"
    assert re.fullmatch('"[0-9a-f]{32}-gzip"', long.etag)
    assert re.fullmatch('"[0-9a-f]{32}"', long.as_identity().etag)


def test_nothing_is_an_empty_tile() -> None:
    assert encode(b"").empty
    assert not encode(b"x").empty


@pytest.mark.parametrize(
    ("header", "gzip_too", "identity_too"),
    [(None, True, True), ("", False, True), ("*", True, True), ("*;q=0", False, False),
     ("gzip", True, True), ("gzip, identity;q=0", True, False), ("x, y;q=1", False, True)],
)  # fmt: skip
def test_codings_that_a_client_takes(
    header: str | None, gzip_too: bool, identity_too: bool
) -> None:
    assert accepts(header, "gzip") is gzip_too
    assert accepts(header, "identity") is identity_too
