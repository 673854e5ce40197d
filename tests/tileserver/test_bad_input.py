"""What nobody should send, sent as bytes to real web processes: each gets its status and reason."""

import random
import string

import pytest

from tests.raw import Answer, exchange, request

TILES = "/tiles/world"
LONG_NAME = "a" * 10_000
MANY_NAMES = ",".join(f"a{n}" for n in range(200))

ADDRESSES = {
    "z beyond the last zoom": ("25/0/0", "from 0 to 24"),
    "z huge": ("99999999999999999999/0/0", "z must be a whole number"),
    "z negative": ("-1/0/0", "z must be a whole number"),
    "x outside": ("3/8/0", "from 0 to 7"),
    "y outside": ("0/0/1", "from 0 to 0"),
    "y negative": ("1/0/-1", "y must be a whole number"),
    "y of 9000 digits": (f"0/0/{'9' * 9000}", "y must be a whole number"),
    "x with a sign": ("1/+1/0", "x must be a whole number"),
    "z with leading zeros": ("01/0/0", "z must be a whole number"),
    "z in scientific notation": ("1e0/0/0", "z must be a whole number"),
    "z in hexadecimal": ("0x1/0/0", "z must be a whole number"),
    "z a fraction": ("1.0/0/0", "z must be a whole number"),
    "z a word": ("abc/0/0", "z must be a whole number"),
    "z not a number": ("NaN/0/0", "z must be a whole number"),
    "x with an underscore": ("10/1_0/0", "x must be a whole number"),
    "Arabic digits": ("%D9%A1/0/0", "z must be a whole number"),
    "Arabic digits unescaped": ("٠/0/0", "request line"),
    "full-width digits": ("0/%EF%BC%90/0", "x must be a whole number"),
    "superscript": ("0/%C2%B2/0", "x must be a whole number"),
    "a space": ("0/%200/0", "x must be a whole number"),
    "a line end": ("0/0/0%0A", "y must be a whole number"),
    "NUL": ("0/%00/0", "x must be a whole number"),
    "bad UTF-8": ("0/%FF/0", "x must be a whole number"),
    "broken percent": ("0/%zz/0", "x must be a whole number"),
    "a scale": ("0/0/0@2x", "y must be a whole number"),
    "SQL": ("0/0/0'--", "y must be a whole number"),
    "a template": ("%7Bz%7D/0/0", "z must be a whole number"),
}

QUERIES = {
    "unknown": ("colour=red", "colour"),
    "one of 8 kB": ("a" * 8192, "longer than 2048 bytes"),
    "8 kB that would be ignored": ("_=" + "a" * 8192, "longer than 2048 bytes"),
    "a hundred": ("&".join(f"_{n}=1" for n in range(100)), "more than 64 parameters"),
    "repeated": ("properties=name&properties=name", "stands twice"),
    "reserved": ("filter=name", "reserved"),
    "a key": ("key=abc", "reserved"),
    "a signature": ("sig=abc&exp=1", "reserved"),
    "a column that is not published": ("properties=geom", "no property 'geom'"),
    "one unknown among known": ("properties=name,secret", "no property 'secret'"),
    "NUL": ("%00=1", "Unknown parameter"),
    "a value with NUL": ("properties=%00", "no property"),
    "bad UTF-8": ("%FF=%FE", "Unknown parameter"),
    "no name": ("=1", "Unknown parameter"),
    "other case": ("PROPERTIES=name", "Unknown parameter"),
    "SQL": ("properties=name%27--", "no property"),
}

PATHS = {
    "an unknown tileset": ("/tiles/nope/0/0/0.mvt", 404, "'nope'"),
    "its TileJSON": ("/tiles/nope.json", 404, "'nope'"),
    "its metadata": ("/tiles/nope/metadata.json", 404, "'nope'"),
    "a bad address of an unknown tileset": ("/tiles/nope/x/0/0.mvt", 400, "tile address"),
    "another case": ("/tiles/World/0/0/0.mvt", 404, "'World'"),
    "a name of 10 kB": (f"/tiles/{LONG_NAME}/0/0/0.mvt", 404, "no tileset"),
    "a composite of 200": (f"/tiles/{MANY_NAMES}/0/0/0.mvt", 400, "at most 16"),
    "a composite of nothing": ("/tiles/,/0/0/0.mvt", 404, "','"),
    "a composite with an end": ("/tiles/world,/0/0/0.mvt", 404, "'world,'"),
    "a composite with a space": ("/tiles/world,%20astana/0/0/0.mvt", 404, "no tileset"),
    "NUL in a name": ("/tiles/%00/0/0/0.mvt", 404, "no tileset"),
    "NUL after a name": ("/tiles/world%00/0/0/0.mvt", 404, "no tileset"),
    "bad UTF-8 in a name": ("/tiles/%FF%FE/0/0/0.mvt", 404, "no tileset"),
    "a surrogate": ("/tiles/%ED%A0%80/0/0/0.mvt", 404, "no tileset"),
    "a line end in a name": ("/tiles/world%0A.json", 404, "no tileset"),
    "up and away": ("/tiles/../../etc/passwd", 404, "nothing at this address"),
    "up, escaped": ("/tiles/..%2F..%2Fetc%2Fpasswd/0/0/0.mvt", 404, "nothing at this address"),
    "up as a name": ("/tiles/%2E%2E/0/0/0.mvt", 404, "'..'"),
    "a backslash": ("/tiles/..%5C..%5Cetc/0/0/0.mvt", 404, "no tileset"),
    "no name": ("/tiles//0/0/0.mvt", 404, "nothing at this address"),
    "another ending": ("/tiles/world/0/0/0.png", 404, "nothing at this address"),
    "no ending": ("/tiles/world/0/0/0", 404, "nothing at this address"),
    "an ending in capitals": ("/tiles/world/0/0/0.MVT", 404, "nothing at this address"),
    "a path parameter": ("/tiles/world/0/0/0.mvt;a=1", 404, "nothing at this address"),
    "too many parts": ("/tiles/world/0/0/0/0.mvt", 404, "nothing at this address"),
    "a parameter of TileJSON": ("/tiles/world.json?x=1", 400, "takes: none"),
    "a parameter of the catalog": ("/catalog.json?x=1", 400, "takes: none"),
    "many for the catalog": ("/catalog.json?" + "&".join(["_=1"] * 100), 400, "64 parameters"),
    "an unknown style": ("/styles/nope/style.json", 404, "'nope'"),
    "NUL as a style": ("/styles/%00/style.json", 404, "no style"),
    "an unknown font": ("/fonts/Comic%20Sans/0-255.pbf", 404, "no font"),
    "an unknown range": ("/fonts/Noto%20Sans%20Regular/0-1.pbf", 400, "'0-1'"),
    "a range of words": ("/fonts/Noto%20Sans%20Regular/a-b.pbf", 400, "'a-b'"),
    "a font up and away": ("/fonts/..%2F..%2Fetc/0-255.pbf", 404, ""),
    "a search without words": ("/api/v1/search", 400, ""),
    "a search for NUL": ("/api/v1/search?q=%00", 400, ""),
    "a search of 9 kB": (f"/api/v1/search?q={'a' * 9000}", 400, ""),
    "a search with a limit of words": ("/api/v1/search?q=a&limit=many", 400, ""),
}

HEADERS = {
    "an encoding of 7 kB": {"Accept-Encoding": "x" * 7000},
    "a thousand encodings": {"Accept-Encoding": ",".join(["gzip;q=0.1"] * 600)},
    "an encoding of no letters": {"Accept-Encoding": "\xff;q=\xfe"},
    "weights that are none": {"Accept-Encoding": "gzip;q=nan, identity;q=1e999, *;q=--1"},
    "a tag that is none": {"If-None-Match": "\xff\xfe"},
    "ten thousand tags": {"If-None-Match": '"a",' * 9000 + '"b"'},
    "a date that is none": {"If-Modified-Since": "yesterday"},
    "a range": {"Range": "bytes=5-1"},
    "a forged session": {"Cookie": "sessionid=\xff\xfe; sessionid=" + "x" * 4000},
    "a cookie that is none": {"Cookie": ";;;=;=\x01"},
    "a body": {"Content-Length": "5"},
    "another method": {"X-HTTP-Method-Override": "DELETE"},
    "a scheme": {"X-Forwarded-Proto": "\xff"},
    "a language": {"Accept-Language": "x" * 5000},
    "a header of 30 kB": {"X-Anything": "y" * 30_000},
}


@pytest.mark.parametrize("fault", ADDRESSES)
def test_what_is_no_tile_address_is_400_and_says_which_part(site: str, fault: str) -> None:
    address, reason = ADDRESSES[fault]
    answer = request(site, f"{TILES}/{address}.mvt")
    assert answer.status == 400
    assert reason in answer.problem()["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("fault", QUERIES)
def test_a_query_string_that_cannot_be_used_is_400_and_says_why(site: str, fault: str) -> None:
    query, reason = QUERIES[fault]
    answer = request(site, f"{TILES}/0/0/0.mvt?{query}")
    assert answer.status == 400
    assert reason in answer.problem()["detail"]


@pytest.mark.parametrize(
    "query", ["v=1&v=2", "_=1&_=2&__=", "utm_source=a&utm_medium=%FF", "", "&&"]
)
def test_parameters_that_mean_nothing_change_nothing(site: str, query: str) -> None:
    plain = request(site, f"{TILES}/0/0/0.mvt")
    answer = request(site, f"{TILES}/0/0/0.mvt?{query}")
    assert (answer.status, answer.headers["etag"]) == (200, plain.headers["etag"])


@pytest.mark.parametrize("fault", PATHS)
def test_an_address_that_is_not_there_says_so(site: str, fault: str) -> None:
    path, status, reason = PATHS[fault]
    answer = request(site, path)
    assert answer.status == status
    detail = answer.problem()["detail"]
    assert reason in detail
    assert len(detail) < 1000
    assert "Traceback" not in detail


@pytest.mark.parametrize("kind", HEADERS)
def test_odd_headers_do_no_harm(site: str, kind: str) -> None:
    answer = request(site, f"{TILES}/0/0/0.mvt", headers=HEADERS[kind])
    assert answer.status in (200, 400, 406, 431)


@pytest.mark.parametrize("path", ["/tiles/world/0/0/0.mvt", "/tiles/world.json", "/catalog.json"])
@pytest.mark.parametrize("method", ["POST", "TRACE", "CONNECT", "PROPFIND", "FOO", "G" * 200])
def test_odd_methods_are_405_even_as_bytes(site: str, path: str, method: str) -> None:
    answer = request(site, path, method)
    assert answer.status == 405
    assert "GET, HEAD, OPTIONS" in answer.problem()["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET /tiles/world .json HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /tiles/\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /tiles/\xff\xfe/0/0/0.mvt HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET tiles/world.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /catalog.json HTTP/1.0\r\n\r\n",
        b"GET /catalog.json HTTP/1.1\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_400(site: str, sent: bytes) -> None:
    assert exchange(site, sent).status == 400


def random_target(dice: random.Random) -> bytes:
    """A target that is near to a good one, or far from it."""
    letters = string.ascii_letters + string.digits + "{}@,.;:+-_~!$&'()*%[]|^`\"<>\\"
    word = "".join(dice.choice(letters) for _ in range(dice.randrange(12)))
    number = str(dice.choice([0, 1, 7, 24, 25, -1, 2**31, 2**63, 10**30, dice.randrange(99)]))
    part = dice.choice([word, number, "world", "%00", "%FF", "..", "", "world,astana"])
    pieces = [dice.choice(["tiles", "styles", "fonts", "api", "catalog.json", "embed", "health"])]
    pieces += [dice.choice([part, number, "world", "0"]) for _ in range(dice.randrange(6))]
    ending = dice.choice(["", ".mvt", ".pbf", ".json", "/style.json", "/0-255.pbf"])
    query = dice.choice(
        ["", f"?{word}", f"?properties={word}", "?v=1", "?q=%00", f"?limit={number}"]
    )
    return ("/" + "/".join(pieces) + ending + query).replace(" ", "").encode()


def test_nothing_that_is_sent_gives_a_5xx(site: str) -> None:
    dice = random.Random(20261124)
    for _ in range(400):
        target = random_target(dice)
        answer: Answer = request(site, target, dice.choice(["GET", "GET", "GET", "HEAD", "POST"]))
        assert answer.status < 500, target
        if answer.status >= 400 and answer.body:
            assert b"Traceback" not in answer.body, target
            assert b"SELECT" not in answer.body, target
