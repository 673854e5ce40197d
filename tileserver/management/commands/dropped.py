"""`manage.py dropped TILESET Z/X/Y`: why a tile was dropped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import snapshot
from core.feed import log, text
from core.problems import Problem
from core.selection import select
from tileserver import dropped
from tileserver.tile import BadAddress


class Command(BaseCommand):
    """The changes that may have altered a tile, oldest first."""

    help = "List the changes that may have dropped a cached tile."

    def add_arguments(self, parser: CommandParser) -> None:
        """The tile."""
        parser.add_argument("tileset", help="a tileset, a layer, or several with commas between")
        parser.add_argument("tile", metavar="Z/X/Y")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each."""
        if not log.is_there():
            raise CommandError("There is no change log in this database: nothing is dropped.")
        try:
            name, tile = dropped.read(f"{options['tileset']} {options['tile']}")
            found = dropped.reasons(select(snapshot.current(), name), tile)
        except (BadAddress, Problem) as fault:
            raise CommandError(str(fault)) from fault
        for entry in reversed(found):
            self.stdout.write(text.line(entry))
        if not found:
            self.stdout.write(f"No change in the log touches {name} {tile}.")
