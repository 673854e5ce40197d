"""What `/catalog.json` lists beside tilesets: packages add their sections here at start-up."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Section = Callable[[HttpRequest], list[dict[str, Any]]]
sections: dict[str, Section] = {}


def add_section(name: str, section: Section) -> None:
    """Add a member to the catalog: `section(request)` lists what this caller may see."""
    sections[name] = section
