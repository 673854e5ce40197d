"""What is read as a plain request, and what is left to the HTTP server; answers as bytes."""

import pytest

from tileserver import plain, wire

HEAD = b"GET /tiles/a/0/0/0.mvt HTTP/1.1\r\nHost: h\r\n"


def test_a_plain_request_is_read() -> None:
    found = plain.read(
        b"GET /tiles/a,b/1/0/1.pbf?v=1&utm_source=x HTTP/1.1\r\n"
        b"Host: h:80\r\naccept-encoding:  gzip, br \r\nX-Request-ID: abc\r\n\r\n"
    )
    assert found is not None
    assert (found.path, found.query) == ("/tiles/a,b/1/0/1.pbf", "v=1&utm_source=x")
    assert found.fields == {
        "HTTP_HOST": "h:80", "HTTP_ACCEPT_ENCODING": "gzip, br", "HTTP_X_REQUEST_ID": "abc",
    }  # fmt: skip


OTHERS = {
    "another method": HEAD.replace(b"GET", b"HEAD"),
    "another version": HEAD.replace(b"1.1", b"1.0"),
    "another path": HEAD.replace(b"/tiles/", b"/admin/"),
    "percent-encoded": HEAD.replace(b"/a/", b"/%61/"),
    "a whole address": HEAD.replace(b"/tiles", b"http://h/tiles"),
    "no host": HEAD.replace(b"Host", b"Most"),
    "two hosts": HEAD + b"Host: other\r\n",
    "said twice": HEAD + b"A: 1\r\na: 2\r\n",
    "a body": HEAD + b"Content-Length: 3\r\n",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n",
    "an expectation": HEAD + b"Expect: 100-continue\r\n",
    "an upgrade": HEAD + b"Connection: upgrade\r\n",
    "the last request": HEAD + b"Connection: close\r\n",
    "a folded line": HEAD + b"A: 1\r\n 2\r\n",
    "a space before the colon": HEAD + b"A : 1\r\n",
    "an underscore": HEAD + b"X_Request_ID: 1\r\n",
    "no colon": HEAD + b"A\r\n",
    "a control character": HEAD + b"A: 1\x00\r\n",
    "a bare line feed": HEAD + b"A: 1\nB: 2\r\n",
    "a bare return": HEAD + b"A: 1\rB: 2\r\n",
    "more than is read here": HEAD + b"A: " + b"x" * plain.LONGEST_PLAIN + b"\r\n",
}


@pytest.mark.parametrize("what", OTHERS)
def test_anything_else_is_no_plain_request(what: str) -> None:
    assert plain.read(HEAD + b"\r\n") is not None
    assert plain.read(OTHERS[what] + b"\r\n") is None


@pytest.mark.parametrize("more", [b"x", HEAD + b"\r\n", b"\r\n"])
def test_what_comes_after_a_request_is_not_lost(more: bytes) -> None:
    assert plain.read(HEAD + b"\r\n" + more) is None


def test_an_answer_has_its_length_where_it_may_have_one() -> None:
    start, lines, end, body = wire.answer("200 OK", [("ETag", '"a"')], b"four")
    assert bytes(start).startswith(b"HTTP/1.1 200 OK\r\nDate: ")
    assert (lines, end, body) == (b'ETag: "a"\r\nContent-Length: 4\r\n', b"\r\n", b"four")
    assert wire.answer("204 No Content", [], b"")[1:] == (b"", b"\r\n")
    assert wire.answer("304 Not Modified", [("A", "b")], b"")[1:] == (b"A: b\r\n", b"\r\n")
    assert wire.fields(b"A: b\r\nC: d: e\r\n") == [("A", "b"), ("C", "d: e")]


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\rb"])
def test_a_header_stays_in_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        wire.lines([("A", value)])
