"""`manage.py er_diagram`: the tables and how they refer to each other, as a Mermaid diagram."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models

OURS = ("core", "tileserver", "styles", "tasks", "viewer")
# Tables of other packages that ours work with. Of these the diagram shows the keys only.
OTHERS = ("auth.User", "django_celery_beat.PeriodicTask", "django_celery_beat.CrontabSchedule")
DOCUMENT = "docs/architecture.md"
BEGIN, END = "<!-- er_diagram: begin -->", "<!-- er_diagram: end -->"


class Command(BaseCommand):
    """Prints the diagram, or puts it into its place in the documentation."""

    help = "Print a Mermaid diagram of the models, or write it into docs/architecture.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to write."""
        parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT}")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write."""
        if not options["write"]:
            self.stdout.write(diagram())
            return
        file = settings.BASE_DIR / DOCUMENT
        write(file)
        self.stdout.write(f"{DOCUMENT} is up to date.")


def write(file: Path) -> None:
    """Put the diagram between the two markers of `file`; raises CommandError without them."""
    text = file.read_text("utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise CommandError(f"{file.name} lacks the lines {BEGIN} and {END}.")
    file.write_text(f"{head}{block()}{tail}", "utf-8")


def block() -> str:
    """The diagram as it stands in the documentation, markers included."""
    return f"{BEGIN}\n\n```mermaid\n{diagram()}\n```\n\n{END}"


def diagram() -> str:
    """The diagram's text."""
    shown = shown_models()
    entities = [line for model in shown for line in entity(model)]
    relations = sorted({line for model in shown for line in relations_of(model, shown)})
    return "\n".join(["erDiagram", *(f"    {line}" for line in (*relations, *entities))])


def shown_models() -> list[type[models.Model]]:
    """Ours by package, then those of others."""
    ours = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return [*ours, *(apps.get_model(name) for name in OTHERS)]


def entity(model: type[models.Model]) -> Iterator[str]:
    """The box of one model."""
    yield f"{name(model)} {{"
    for field in model._meta.local_fields:
        if model._meta.app_label in OURS or key(field):
            yield f"    {kind(field)} {field.attname} {key(field)}".rstrip()
    yield "}"


def kind(field: "models.Field[Any, Any]") -> str:
    """The field's type, as Django names it, in short."""
    if isinstance(field, models.ForeignKey):
        return kind(field.target_field).replace("auto", "integer")
    return field.get_internal_type().removesuffix("Field").lower()


def key(field: "models.Field[Any, Any]") -> str:
    """What kind of key it is, if it is one."""
    names = {
        "PK": field.primary_key,
        "FK": isinstance(field, models.ForeignKey),
        "UK": field.unique and not field.primary_key,
    }
    return ", ".join(name for name, applies in names.items() if applies)


def relations_of(model: type[models.Model], shown: list[type[models.Model]]) -> Iterator[str]:
    """One line for each foreign key to a model that is shown."""
    for field in model._meta.local_fields:
        target = field.related_model
        if isinstance(field, models.ForeignKey) and target in shown:
            yield f'{name(target)} {cardinality(field)} {name(model)} : "{label(field)}"'


def name(model: Any) -> str:
    """The model's name, quoted: `Style` alone would be a word of Mermaid's."""
    return f'"{model.__name__}"'


def cardinality(field: "models.ForeignKey[Any, Any]") -> str:
    """How many rows there may be on each side, target first."""
    target = "|o" if field.null else "||"
    return f"{target}--o|" if isinstance(field, models.OneToOneField) else f"{target}--o{{"


def label(field: "models.ForeignKey[Any, Any]") -> str:
    """The field's name, or that the one is a kind of the other."""
    link = isinstance(field, models.OneToOneField) and field.remote_field.parent_link
    return "is a" if link else field.name
