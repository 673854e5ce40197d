"""`manage.py track DATABASE`: install the change log and the triggers of published Layers."""

import time
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, Error

from core.changelog import freshness, rights, tracking
from core.changelog.freshness import Promise
from core.changelog.schema import NoPostGIS
from core.models import Freshness, Layer

TRIES = 5


def published_in(database: str, names: list[str] | None) -> list[Layer]:
    """The Layers of a database, or those of these names; raises CommandError."""
    if database not in settings.DATABASES:
        known = ", ".join(settings.DATABASES)
        raise CommandError(f"There is no database {database!r} in the settings, but {known}.")
    if database != DEFAULT_DB_ALIAS:
        raise CommandError(f"Layers are published from {DEFAULT_DB_ALIAS!r} only.")
    layers = Layer.objects.order_by("name")
    if names is None:
        return list(layers)
    found = list(layers.filter(name__in=names))
    missing = sorted(set(names) - {layer.name for layer in found})
    if missing:
        raise CommandError(f"There is no Layer {', '.join(missing)}.")
    return found


class Command(BaseCommand):
    """Brings every Layer to the best freshness it can have, or to the one that it was asked."""

    help = "Install the change log and its triggers, so that edits are seen within a second."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which Layers, and whether to do it."""
        parser.add_argument("database", nargs="?", default=DEFAULT_DB_ALIAS)
        parser.add_argument("--layer", action="append", help="only this one; may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="print the SQL, for psql")
        parser.add_argument(
            "--lenient",
            action="store_true",
            help="end well even if some cannot be tracked, and name only those",
        )
        parser.add_argument(
            "--lock-timeout",
            type=int,
            default=tracking.LOCK_MS,
            metavar="MS",
            help=f"wait so long for a table, {TRIES} times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each Layer."""
        layers = published_in(options["database"], options["layer"])
        if options["lock_timeout"] < 1:
            raise CommandError("--lock-timeout is in milliseconds: 1 or more.")
        try:
            if options["dry_run"]:
                self.stdout.write(self._script(layers))
                return
            promises = [self._track(layer, options) for layer in layers]
        except (Error, NoPostGIS) as fault:
            raise CommandError(str(fault).strip()) from fault
        counts = Counter(promise.freshness for promise in promises)
        self.stdout.write(", ".join(f"{counts[name]} {name}" for name in counts) or "No Layers.")
        if any(promise.refused for promise in promises) and not options["lenient"]:
            raise CommandError("Some promise less than they could, for the reasons above.")

    def _script(self, layers: list[Layer]) -> str:
        wanting = [layer.pk for layer in layers if wants_triggers(layer)]
        return tracking.script(wanting)

    def _track(self, layer: Layer, options: dict[str, Any]) -> Promise:
        """Settle it, again while its table is in use; tell what it promises."""
        for turn in range(TRIES):
            promise = freshness.settle(layer, lock_ms=options["lock_timeout"])
            if not promise.refused or rights.IN_USE not in promise.trouble:
                break
            time.sleep(min(4.0, 0.5 * 2**turn))
        if promise.trouble or not options["lenient"]:
            self.stdout.write(f"{layer.name}: {promise.freshness}. {promise.trouble}".strip(". "))
        return promise


def wants_triggers(layer: Layer) -> bool:
    """Whether tracking it is what was asked, and of use."""
    return layer.asked_freshness not in (Freshness.TTL, Freshness.POLLED)
