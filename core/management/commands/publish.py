"""`manage.py publish RELATION`: publish one table or view by name."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import Access, State
from core.public_url import absolute
from core.publishing import CannotPublish, LayerSpec, publish, split


def name_for(relation: str) -> str:
    """A Layer name out of a relation's: lower case, with what is not allowed made `_`."""
    name = re.sub(r"[^a-z0-9_-]+", "_", split(relation)[1].lower()).strip("_")
    return (name if name[:1].isalpha() else f"layer_{name}")[:63]


class Command(BaseCommand):
    """Publishes through the same door as the admin and the API."""

    help = "Publish a table or view as a layer. `manage.py proposals` lists what there is."

    def add_arguments(self, parser: CommandParser) -> None:
        """The relation, and what is not to be as found."""
        parser.add_argument("relation", help="schema.name, or a name in the schema public")
        parser.add_argument("--name", help="the layer's name; from the relation's if not given")
        parser.add_argument("--title", default="")
        parser.add_argument("--attribution", default="", help="shown on every map that uses it")
        parser.add_argument("--fields", help="visible columns, divided by commas; all if not given")
        parser.add_argument("--geometry-column", default="")
        parser.add_argument("--id-column", default="", help="the primary key if not given")
        parser.add_argument("--srid", type=int, default=0, help="where the database does not know")
        parser.add_argument("--min-zoom", type=int, default=0)
        parser.add_argument("--max-zoom", type=int, default=14)
        parser.add_argument("--access", choices=Access.values, default=Access.PUBLIC)
        parser.add_argument("--draft", action="store_true", help="seen by staff only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish, and say where it is served."""
        fields = options["fields"]
        same = (
            "relation", "title", "attribution", "geometry_column", "id_column", "srid",
            "min_zoom", "max_zoom", "access",
        )  # fmt: skip
        spec = LayerSpec(
            name=options["name"] or name_for(options["relation"]),
            fields=None if fields is None else [name for name in fields.split(",") if name],
            state=State.DRAFT if options["draft"] else State.PUBLISHED,
            **{name: options[name] for name in same},
        )
        try:
            layer = publish(spec)
        except CannotPublish as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{layer.name}: {absolute(f'/tiles/{layer.name}.json')}")
