"""`manage.py load_styles`: publish the styles that come with Graticule."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from styles.publishing import CannotPublishError
from styles.shipped import load, shipped


class Command(BaseCommand):
    help = "Publish the styles in styles/demo; a style that was edited here is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each file and say what happened."""
        for one in shipped():
            try:
                self.stdout.write(load(one))
            except CannotPublishError as fault:
                raise CommandError(f"{one.name}: {fault}") from fault
