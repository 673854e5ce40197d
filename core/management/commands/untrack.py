"""`manage.py untrack DATABASE`: remove the triggers, and with the last of them the change log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, Error, transaction

from core.changelog import tracking
from core.changelog.survey import PROMISING
from core.management.commands.track import published_in
from core.models import Freshness, Layer


class Command(BaseCommand):
    """Leaves nothing: for a whole database the schema `graticule` goes too."""

    help = "Remove the triggers of published Layers; without --layer the whole change log."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which Layers."""
        parser.add_argument("database", nargs="?", default=DEFAULT_DB_ALIAS)
        parser.add_argument("--layer", action="append", help="only this one; may be repeated")
        parser.add_argument(
            "--lock-timeout", type=int, default=tracking.LOCK_MS, metavar="MS",
            help="wait so long for a table",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Let the Layers promise a time to live only, then remove what nobody needs."""
        layers = published_in(options["database"], options["layer"])
        try:
            with transaction.atomic():
                for layer in layers:
                    demote(layer)
                self._remove(options["layer"], options["lock_timeout"])
        except Error as error:
            said = str(error).strip().partition("\n")[0]
            raise CommandError(f"Nothing was removed. PostgreSQL said: {said}") from error

    def _remove(self, names: list[str] | None, lock_ms: int) -> None:
        if names is None:
            tracking.remove_all(lock_ms)
            self.stdout.write("The schema graticule and all of its triggers are gone.")
            return
        fault = tracking.release_unused(lock_ms)
        if fault:
            raise CommandError(f"Nothing was removed. {fault}")
        self.stdout.write(f"Untracked: {', '.join(names)}.")


def demote(layer: Layer) -> None:
    """From tracked or derived to a time to live; saving raises the generation."""
    if layer.freshness in PROMISING:
        layer.freshness, layer.trouble = Freshness.TTL, ""
        layer.save()
