"""`manage.py publish RELATION`: publish one table or view by name."""

import re
from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.layer_spec import LayerSpec
from core.models import Access, Freshness, Layer, State
from core.public_url import absolute
from core.publishing import CannotPublish, alone, change, publish
from core.relations import split


def name_for(relation: str) -> str:
    """A Layer name out of a relation's: lower case, with what is not allowed made `_`."""
    name = re.sub(r"[^a-z0-9_-]+", "_", split(relation)[1].lower()).strip("_")
    return (name if name[:1].isalpha() else f"layer_{name}")[:63]


def declared(text: str) -> dict[str, Any]:
    """`schema.name:metres` as a Layer keeps it; raises CommandError."""
    relation, colon, reach = text.partition(":")
    try:
        return {"relation": relation, "reach": float(reach) if colon else None}
    except ValueError as error:
        raise CommandError(f"{reach!r} is no number of metres. Write town.trees:25") from error


NAMES = (
    "relation", "layer_name", "title", "attribution", "fields", "geometry_column", "id_column",
    "rank_column", "min_zoom_column", "srid", "min_zoom", "max_zoom", "buffer", "feature_limit",
    "ttl_seconds", "poll_seconds", "freshness", "access", "frozen",
)  # fmt: skip
NUMBERS = ("min-zoom", "max-zoom", "buffer", "feature-limit", "ttl-seconds", "poll-seconds")


class Command(BaseCommand):
    """Publishes through the same door as the admin and the API."""

    help = "Publish a table or view as a layer. `manage.py proposals` lists what there is."

    def add_arguments(self, parser: CommandParser) -> None:
        """The relation, and what is not to be as found, or as it was."""
        parser.add_argument("relation", help="schema.name, or a name in the schema public")
        parser.add_argument("--name", help="the layer's name; from the relation's if not given")
        parser.add_argument("--layer-name", help="the MVT layer name, which styles use")
        parser.add_argument("--title")
        parser.add_argument("--attribution", help="shown on every map that uses it")
        parser.add_argument("--fields", help="visible columns, divided by commas; all if not given")
        parser.add_argument("--geometry-column")
        parser.add_argument("--id-column", help="the primary key if not given")
        parser.add_argument("--rank-column", help="small is important")
        parser.add_argument("--min-zoom-column", help="from which zoom on a feature is shown")
        parser.add_argument("--srid", type=int, help="where the database does not know")
        for name in NUMBERS:
            parser.add_argument(f"--{name}", type=int)
        parser.add_argument("--freshness", choices=Freshness.values, help="the best if not given")
        parser.add_argument(
            "--derived-from",
            action="append",
            metavar="TABLE[:METRES]",
            help="a table that a view reads, and how far an edit of it is felt; anywhere without",
        )
        parser.add_argument("--access", choices=Access.values)
        parser.add_argument(
            "--frozen",
            action=BooleanOptionalAction,
            help="it never changes again: clients keep its tiles for good",
        )
        parser.add_argument("--draft", action="store_true", help="seen by staff only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish, and say where it is served. A Layer that is there keeps what is not given."""
        given = {name: options[name] for name in NAMES if options[name] is not None}
        if "fields" in given:
            given["fields"] = [name for name in given["fields"].split(",") if name]
        if options["derived_from"]:
            given["derived_from"] = [declared(one) for one in options["derived_from"]]
        if options["draft"]:
            given["state"] = State.DRAFT
        name = options["name"] or name_for(options["relation"])
        try:
            layer = self._published(name, given)
        except CannotPublish as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{layer.name}: {absolute(f'/tiles/{layer.name}.json')}")
        self.stdout.write(f"  {layer.freshness}. {layer.trouble}".rstrip(". "))

    def _published(self, name: str, given: dict[str, Any]) -> Layer:
        with alone():
            old = Layer.objects.filter(name=name).first()
            if old is None:
                return publish(LayerSpec(name=name, **given))
            layer = change(old.pk, given)
            # Whoever publishes again says that the rows have changed.
            layer.raise_generation()
            return layer
