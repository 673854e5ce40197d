"""`manage.py health [LAYER]`: what Layers promise, and whether they can keep it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from core.changelog import freshness
from core.changelog.rights import CannotTrack
from core.models import Layer
from tileserver import health
from tileserver.health import BAD, Finding


class Command(BaseCommand):
    """Exits with 1 where something is wrong, so that a monitor can ask."""

    help = "Show the health of Layers. Exits with 1 if something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which Layer, and whether to look at every row."""
        parser.add_argument("layer", nargs="?", help="only this one, in full")
        parser.add_argument(
            "--geometries", action="store_true", help="count invalid geometries too: reads rows"
        )

        parser.add_argument(
            "--repair", action="store_true", help="renew its triggers and believe it again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """One Layer in full, or of all what is wrong."""
        name = options["layer"]
        layers = Layer.objects.order_by("name")
        chosen = list(layers.filter(name=name) if name else layers)
        if name and not chosen:
            raise CommandError(f"There is no layer named {name!r}.")
        if options["repair"]:
            self._repair(chosen if name else [])
        wrong = [self._shown(layer, options["geometries"], full=bool(name)) for layer in chosen]
        self.stdout.write(f"{len(chosen)} looked at, {sum(wrong)} with something wrong.")
        if any(wrong):
            raise SystemExit(1)

    def _repair(self, layers: list[Layer]) -> None:
        if not layers:
            raise CommandError("Say which Layer to repair.")
        for layer in layers:
            try:
                promise = freshness.repair(layer)
            except (CannotTrack, Error) as fault:
                raise CommandError(f"{layer.name} is not repaired: {fault}") from fault
            layer.refresh_from_db()
            self.stdout.write(f"From now on {layer.name} is {promise.freshness}.")

    def _shown(self, layer: Layer, geometries: bool, *, full: bool) -> bool:
        """Print what there is to say; True where something is wrong."""
        found = list(health.findings(layer))
        found += [health.invalid(layer)] if geometries else []
        for one in found:
            if full or one.grade == BAD:
                self.stdout.write(f"{layer.name}: {line(one)}")
        return any(one.grade == BAD for one in found)


def line(finding: Finding) -> str:
    """A finding in words."""
    at = f" ({finding.at:%Y-%m-%d %H:%M:%S} UTC)" if finding.at else ""
    remedy = f" {finding.remedy}" if finding.remedy else ""
    return f"{finding.what}: {finding.value}{at}{'.' if remedy else ''}{remedy}"
