"""`manage.py load_demo`: fetch, load and publish the demo maps."""

import importlib
import time
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from core.demo.fetch import Unfetchable
from core.demo.tables import loaded_version, note_version
from core.models import Layer

DEMOS = ("world", "astana")


class Command(BaseCommand):
    """Loads each demo map whole or not at all, and only if it is not there yet."""

    help = "Fetch, load and publish the demo maps. What is loaded already is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which maps, and whether to load them again."""
        parser.add_argument("--only", choices=DEMOS, help="load one map, not both")
        parser.add_argument("--force", action="store_true", help="load again what is there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load one after the other."""
        for name in [options["only"]] if options["only"] else DEMOS:
            demo = importlib.import_module(f"core.demo.{name}")
            try:
                self._load(name, demo, force=options["force"])
            except Unfetchable as error:
                raise CommandError(str(error)) from error

    def _load(self, name: str, demo: ModuleType, *, force: bool) -> None:
        with connection.cursor() as cursor:
            there = loaded_version(cursor, name) == demo.VERSION
        if there and not force:
            self.stdout.write(f"{name}: loaded already")
            return
        started = time.monotonic()
        with transaction.atomic():
            demo.load(connection, self._report)
            demo.publish()
            _forget_cached(name)
            with connection.cursor() as cursor:
                note_version(cursor, name, demo.VERSION)
        self.stdout.write(f"{name}: loaded and published in {time.monotonic() - started:.0f} s")

    def _report(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()


def _forget_cached(tileset: str) -> None:
    """Say that everything in the tileset's Layers changed: cached tiles show the rows of before."""
    for layer in Layer.objects.filter(tilesets__name=tileset):
        layer.raise_generation()
