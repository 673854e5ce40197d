"""`manage.py expire LAYER --tiles FILE`: tiles that somebody else found to be dirty."""

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.changelog.values import Address
from core.models import Layer
from core.release import tile_list
from core.release.tile_list import BadTileList


class Command(BaseCommand):
    """Writes a list of tiles into the change log."""

    help = "Expire the tiles of a list, as osm2pgsql and imposm write them, and their families."

    def add_arguments(self, parser: CommandParser) -> None:
        """The Layer, and where the list is."""
        parser.add_argument("layer")
        given = parser.add_mutually_exclusive_group(required=True)
        given.add_argument("--tiles", nargs="+", metavar="FILE", help=FILES)
        given.add_argument("--table", help="schema.name of a table with columns z, x and y")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read all of it, and say how many there were."""
        layer = Layer.objects.filter(name=options["layer"]).first()
        if layer is None:
            raise CommandError(f"There is no layer {options['layer']!r}.")
        try:
            tiles = _from(options["tiles"]) if options["tiles"] else _table(options["table"])
            count = tile_list.expire(layer, tiles)
        except BadTileList as fault:
            raise CommandError(f"{fault} Nothing was expired.") from fault
        self.stdout.write(f"{layer.name}: {count:,} tiles, what is above and what is below them.")


FILES = "lines z/x/y; - for standard input, a folder for every *.tiles in it"


def _from(names: list[str]) -> Iterator[Address]:
    return chain.from_iterable(_one(name) for name in names)


def _one(name: str) -> Iterator[Address]:
    if name == "-":
        return tile_list.from_lines(sys.stdin, "standard input")
    return chain.from_iterable(tile_list.from_file(one) for one in tile_list.files(Path(name)))


def _table(relation: str) -> Iterator[Address]:
    return tile_list.from_table(relation)
