"""`manage.py new_epoch`: believe nothing that was cached before."""

from typing import Any

from django.core.management.base import BaseCommand

from core.changelog import reader


class Command(BaseCommand):
    """For an operator who knows of a change of history that nothing else shows."""

    help = "Believe nothing that was cached before, as after a restored backup."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise the epoch; the listener tells every process within a second."""
        reader.new_epoch()
        self.stdout.write("A new epoch: every tile is rendered again when it is asked for.")
