"""`manage.py release NAME`: load a table into a Layer, or show what a hold kept back."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import Resource
from core.release.merge import silent
from tasks import releases, releasing
from tasks.models import Act, Release, RunState

FROM = "schema.name of what to load; without it, a held layer shows what was edited"
MAX_REMOVED = "more removed rows than this share need --force (20)"


class Command(BaseCommand):
    """Carries a release out here and now, through the same door as a worker."""

    help = "Load a table into a layer by writing what differs, or show what a hold kept back."

    def add_arguments(self, parser: CommandParser) -> None:
        """What is released, from where, and what may be done."""
        add = parser.add_argument
        add("name", help="a layer; without --from also a tileset")
        add("--from", dest="source", default="", metavar="TABLE", help=FROM)
        add("--key", default="", metavar="COLUMNS", help="name a row, divided by commas")
        add("--ignore", dest="ignored", default="", metavar="COLUMNS", help="not compared, kept")
        add("--dry-run", action="store_true", help="only say what would be")
        add("--drop", action="store_true", help="drop TABLE afterwards")
        add("--force", action="store_true", help="however many rows are removed")
        add("--allow-empty", action="store_true", help="even if TABLE is empty")
        add("--max-removed", type=float, default=20.0, metavar="PER_CENT", help=MAX_REMOVED)

    def handle(self, *args: Any, **options: Any) -> None:
        """Release, and say what it did; CommandError with the reason if it did nothing."""
        words = {name: options[name] for name in (
            "source", "key", "ignored", "dry_run", "drop", "force", "allow_empty", "max_removed",
        )}  # fmt: skip
        act = Act.LOAD if options["source"] else Act.RELEASE
        if act == Act.RELEASE and (options["key"] or options["ignored"] or options["drop"]):
            raise CommandError("--key, --ignore and --drop go with --from TABLE.")
        carry_out(self, options["name"], act, **words)


def carry_out(command: BaseCommand, name: str, act: Act, **words: Any) -> None:
    """Store and carry out a release; raises CommandError when it is refused."""
    resource = Resource.objects.filter(name=name).first()
    if resource is None:
        raise CommandError(f"There is no layer or tileset {name!r}.")
    try:
        stored = releases.store(Release(resource=resource, act=act, **words))
    except ValidationError as error:
        raise CommandError("; ".join(error.messages)) from error
    releasing.carry_out(stored.pk, _shown if sys.stderr.isatty() else silent)
    stored.refresh_from_db()
    if stored.state != RunState.DONE:
        raise CommandError(stored.error or "It was cancelled. Nothing was changed.")
    if stored.dry_run:
        command.stdout.write("A dry run: nothing was changed.")
    for report in stored.reports:
        for line in report["lines"]:
            command.stdout.write(line)


def _shown(phase: str, done: int, total: int) -> bool:
    sys.stderr.write(f"\r{phase} {done:,}/{total:,}  ")
    return True
