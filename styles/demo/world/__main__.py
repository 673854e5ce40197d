"""`python -m styles.demo.world` writes the two documents that are served."""

from pathlib import Path

from styles.demo.world.document import document
from styles.demo.world.palette import PALETTES
from styles.paint import PAINTED, text


def documents() -> dict[Path, str]:
    """The text of each document, by where it belongs."""
    return {
        PAINTED / f"world-{palette.name}.json": text(document(palette)) + "\n"
        for palette in PALETTES
    }


if __name__ == "__main__":
    for path, content in documents().items():
        path.write_text(content, encoding="utf-8")
