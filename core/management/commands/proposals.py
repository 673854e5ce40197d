"""`manage.py proposals`: what of the database could be published, and what is."""

from typing import Any

from django.core.management.base import BaseCommand

from core.models import Layer
from core.relations import Proposal, proposals


class Command(BaseCommand):
    """Lists relations with a geometry column."""

    help = "List the tables and views with a geometry column, and under which name each is served."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each."""
        served: dict[str, list[str]] = {}
        for layer in Layer.objects.order_by("name"):
            served.setdefault(layer.relation, []).append(layer.name)
        found = proposals()
        for one in found:
            names = served.get(f"{one.schema}.{one.name}", [])
            self.stdout.write(line(one, names))
        if not found:
            self.stdout.write("No table or view of the database has a geometry column.")


def line(one: Proposal, names: list[str]) -> str:
    """A relation for people: what it is, its size, and whether it is published."""
    state = f"published as {', '.join(names)}" if names else "not published"
    return (
        f"{one.schema}.{one.name}  ({one.kind}, about {one.estimated_rows:,} rows, "
        f"{', '.join(one.geometry_columns)})  {state}"
    )
