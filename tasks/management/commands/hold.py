"""`manage.py hold NAME`: from now on edits wait for a release."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks.management.commands.release import carry_out
from tasks.models import Act


class Command(BaseCommand):
    """Holds, or ends a hold."""

    help = "Show the public a copy of a layer or tileset until edits are released."

    def add_arguments(self, parser: CommandParser) -> None:
        """What is held."""
        parser.add_argument("name", help="a layer, or a tileset: all its layers")
        parser.add_argument("--off", action="store_true", help="end the hold: show every edit")
        parser.add_argument("--dry-run", action="store_true", help="only say what is dropped")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold, or end it."""
        act = Act.UNHOLD if options["off"] else Act.HOLD
        carry_out(self, options["name"], act, dry_run=options["dry_run"])
