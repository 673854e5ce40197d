"""How labels are lettered: one family in three faces, thin halos in the colour of the ground."""

from typing import Any

from styles.demo.expressions import Layer

REGULAR, BOLD, ITALIC = ["Noto Sans Regular"], ["Noto Sans Bold"], ["Noto Sans Italic"]
UPPER: Layer = {"text-transform": "uppercase", "text-letter-spacing": 0.12}


def text(field: Any, font: list[str], size: Any) -> Layer:
    """The layout of a label at a point."""
    words = {"text-field": field, "text-font": font, "text-size": size}
    return {**words, "text-max-width": 8, "text-padding": 3}


def along(spacing: int = 600, letters: float = 0.02) -> Layer:
    """The layout that sets a label along its line, at least `spacing` CSS pixels apart."""
    return {
        "symbol-placement": "line",
        "symbol-spacing": spacing,
        "text-max-angle": 30,
        "text-letter-spacing": letters,
    }


def ink(colour: Any, halo: str, opacity: Any = 1, width: float = 1.3) -> Layer:
    """The paint of a label; `width` is the halo's, in CSS pixels."""
    return {
        "text-color": colour,
        "text-halo-color": halo,
        "text-halo-width": width,
        "text-halo-blur": 0.3,
        "text-opacity": opacity,
    }
