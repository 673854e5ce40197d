"""The documentation as the tests read it: files, tables, links, headings."""

import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page that people read."""
    return [*CHECKOUT.glob("*.md"), *DOCS.rglob("*.md"), *CHECKOUT.glob("compose/**/*.md")]


def everything() -> str:
    """The text of all pages."""
    return "\n".join(page.read_text("utf-8") for page in pages())


def links(page: Path) -> Iterator[str]:
    """Where the links of a page lead, those in code left out."""
    yield from LINK.findall(FENCE.sub("", page.read_text("utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {anchor(heading) for heading in headings}


def anchor(heading: str) -> str:
    """A heading in lower case, hyphens for spaces, without other signs."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.replace(" ", "-")


def rows(page: Path) -> list[list[str]]:
    """The cells of every table row of a page, without the backticks around a whole cell."""
    lines = (line.strip() for line in page.read_text("utf-8").splitlines())
    cells = (re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("|"))
    return [[cell.strip().strip("`") for cell in row] for row in cells]


def documented(page: Path) -> dict[str, list[str]]:
    """Table rows by each name in code type in their first cell."""
    found: dict[str, list[str]] = {}
    for row in rows(page):
        for name in re.findall(r"[A-Za-z][A-Za-z0-9_.-]*", row[0]):
            found[name] = row
    return found
