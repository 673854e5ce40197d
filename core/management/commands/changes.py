"""`manage.py changes`: the change feed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.feed import entries, log, text
from core.feed.log import Wanted

MOST = 10_000


class Command(BaseCommand):
    """What changed, by whom, and what was done about it, oldest first."""

    help = "List what the change log has: what changed, by whom, and which tiles were dropped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which changes, and how many."""
        parser.add_argument("--layer", default="", help="only what this Layer is made from")
        parser.add_argument("--who", default="", help="a database user or an application")
        parser.add_argument("--what", default="", choices=[*entries.WORDS, entries.TRUNCATE])
        parser.add_argument("--limit", type=int, default=50, help="at most so many (50)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each."""
        if not log.is_there():
            raise CommandError("There is no change log in this database. Publish a table again.")
        limit = min(max(1, options["limit"]), MOST)
        wanted = Wanted(who=options["who"], what=options["what"], limit=limit)
        for entry in reversed(entries.feed(wanted, options["layer"]).entries):
            self.stdout.write(text.line(entry))
