"""Glyphs and sprites as `npm run build` made them."""

import gzip
import json
from collections.abc import Iterator

import pytest

from core.problems import BadRequest, NotFound
from styles import glyphs, sprites
from tileserver.encode import TileBytes

REGULAR, BOLD = "Noto Sans Regular", "Noto Sans Bold"
ALPHABETS = {
    "Latin": "Aé",
    "Kazakh": "ӘҒҚҢӨҰҮҺәғқңөұүһ",
    "Greek": "Ωλ",
    "Arabic": "\u0627\u0628",
    "Hebrew": "\u05d0\u05e9",
    "Devanagari": "कख",
    "Georgian": "თბ",
    "Thai": "กข",
    "Tibetan": "ཀཁ",
    "Ethiopic": "ሀለ",
}


def raw(packed: TileBytes) -> bytes:
    """The uncompressed content."""
    return gzip.decompress(packed.body) if packed.coding == "gzip" else packed.body


def codes(content: bytes) -> Iterator[int]:
    """The code points in a glyph file."""
    for stack in glyphs._fields(content, glyphs.STACK):
        for glyph in glyphs._fields(stack, glyphs.GLYPH):
            yield glyphs._id(glyph)


def test_the_three_faces_are_there() -> None:
    assert glyphs.fonts() == {REGULAR, BOLD, "Noto Sans Italic"}


@pytest.mark.parametrize("font", [REGULAR, BOLD, "Noto Sans Italic"])
@pytest.mark.parametrize("alphabet", list(ALPHABETS))
def test_every_face_has_the_letters_of(font: str, alphabet: str) -> None:
    for letter in ALPHABETS[alphabet]:
        start = ord(letter) // 256 * 256
        content = raw(glyphs.glyphs((font,), (start, start + 255)))
        assert ord(letter) in set(codes(content)), letter


def test_all_ranges_are_files() -> None:
    for font in glyphs.fonts():
        assert len(list((glyphs.folder() / font).glob("*.pbf"))) == 256


def test_a_range_without_letters_is_whole_and_empty() -> None:
    for start in (0xE000, 0x1F600):  # private use; beyond the built ranges
        content = raw(glyphs.glyphs((REGULAR,), (start, start + 255)))
        assert list(codes(content)) == []
        [stack] = glyphs._fields(content, glyphs.STACK)
        assert list(glyphs._fields(stack, glyphs.SPAN)) == [f"{start}-{start + 255}".encode()]


def test_in_a_stack_the_first_font_wins_and_the_next_fills_in() -> None:
    span = (0, 255)
    bold, regular = raw(glyphs.glyphs((BOLD,), span)), raw(glyphs.glyphs((REGULAR,), span))
    assert set(codes(raw(glyphs.glyphs((BOLD, REGULAR), span)))) == set(codes(bold))
    half = glyphs.merge("half", span, [_only(bold, {65})])
    mixed = glyphs.merge("mixed", span, [half, regular])
    assert set(codes(mixed)) == set(codes(regular))
    assert _letter(mixed, 65) == _letter(bold, 65) != _letter(regular, 65)
    assert _letter(mixed, 66) == _letter(regular, 66)


def _letter(content: bytes, code: int) -> bytes:
    [stack] = glyphs._fields(content, glyphs.STACK)
    return next(g for g in glyphs._fields(stack, glyphs.GLYPH) if glyphs._id(g) == code)


def _only(content: bytes, wanted: set[int]) -> bytes:
    letters = b"".join(glyphs._field(glyphs.GLYPH, _letter(content, code)) for code in wanted)
    return glyphs._field(glyphs.STACK, letters)


@pytest.mark.parametrize("text", ["0-255", "256-511", "65280-65535", "128512-128767"])
def test_ranges(text: str) -> None:
    first, last = glyphs.parse_range(text)
    assert f"{first}-{last}" == text


@pytest.mark.parametrize(
    "text",
    ["", "0", "0-256", "1-256", "255-0", "-256-1", "0-255x", "00-255", "0-0255", "٠-٢٥٥",
     "1114112-1114367", "99999999999-99999999999", "0-255\n", "a-b", "0x0-0xff"],
)  # fmt: skip
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(BadRequest):
        glyphs.parse_range(text)


def test_stacks() -> None:
    assert glyphs.parse_stack(f"{BOLD},{REGULAR},{BOLD}") == (BOLD, REGULAR)
    with pytest.raises(NotFound, match="Noto Sans Regular"):
        glyphs.parse_stack("Comic Sans")
    for odd in ("", "..", "../sprites", f"{REGULAR},", "\0", "."):
        with pytest.raises(NotFound):
            glyphs.parse_stack(odd)
    with pytest.raises(BadRequest):
        glyphs.parse_stack(",".join(str(n) for n in range(7)))


@pytest.mark.parametrize("ratio", ["", "@2x"])
def test_both_sheets_have_the_same_icons_and_only_one_has_distances(ratio: str) -> None:
    signed = json.loads(raw(sprites.sheet("sprite", ratio, "json")))
    plain = json.loads(raw(sprites.sheet("sprite-plain", ratio, "json")))
    assert set(signed) == set(plain) == sprites.icons()
    assert {"cafe", "park", "dot", "capital", "oneway", "shield"} <= set(signed)
    assert all(icon["sdf"] for icon in signed.values())
    assert not any("sdf" in icon for icon in plain.values())
    assert signed["cafe"]["pixelRatio"] == (2 if ratio else 1)


def test_a_shield_stretches_within_its_margin() -> None:
    for ratio, scale in (("", 1), ("@2x", 2)):
        shield = json.loads(raw(sprites.sheet("sprite", ratio, "json")))["shield"]
        assert shield["stretchX"] == [[8 * scale, 18 * scale]]
        assert shield["content"] == [6 * scale, 5 * scale, 20 * scale, 17 * scale]


def test_icons_do_not_overlap() -> None:
    index = json.loads(raw(sprites.sheet("sprite", "", "json")))
    taken: set[tuple[int, int]] = set()
    for icon in index.values():
        pixels = {
            (x, y)
            for x in range(icon["x"], icon["x"] + icon["width"])
            for y in range(icon["y"], icon["y"] + icon["height"])
        }
        assert not pixels & taken
        taken |= pixels


def test_the_image_is_a_png() -> None:
    assert raw(sprites.sheet("sprite", "@2x", "png")).startswith(b"\x89PNG")


def test_other_sheets_are_not_found() -> None:
    for address, ratio, kind in (
        ("x", "", "json"),
        ("sprite", "@9x", "png"),
        ("sprite", "", "gif"),
    ):
        with pytest.raises(NotFound):
            sprites.sheet(address, ratio, kind)
