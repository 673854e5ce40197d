"""`manage.py audit [TILESET]`: holds what is cached against the database."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from core import snapshot
from core.problems import Problem
from core.selection import select
from tileserver import audit, auditor, db
from tileserver.audit import NoVerdict, Report
from tileserver.comparison import Difference


def positive(text: str) -> int:
    """A whole number of at least one."""
    number = int(text) if text.isdecimal() else 0
    if not number:
        raise ArgumentTypeError(f"{text!r} is no whole number above zero")
    return number


class Command(BaseCommand):
    """Renders cached tiles again and compares; exits with 1 if one is wrong."""

    help = (
        "Render every cached tile again and compare: for Layers that promise to be right. "
        "Exits with 1 if a tile is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to check, how much of it, and what to do with what is wrong."""
        parser.add_argument("tileset", nargs="?", help="only the tiles of this tile URL")
        parser.add_argument("--sample", type=positive, metavar="N", help="only N, at random")
        parser.add_argument("--json", action="store_true", help="the outcome as JSON")
        parser.add_argument(
            "--purge",
            action="store_true",
            help="do as the listener's auditor: drop what is wrong, put its Layers on ttl",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, tell, and exit with 1 if something is wrong."""
        try:
            report = audit.audit(self._keys(options), self._progress)
            lines = [_line(one) for one in report.wrong]
            for one in report.wrong if options["purge"] else ():
                auditor.condemn(db.epoch(), one)
        except (NoVerdict, Problem) as fault:
            raise CommandError(str(fault)) from fault
        except RedisError as fault:
            raise CommandError(f"Redis does not answer: {fault}") from fault
        self._clear()
        self.stdout.write(_document(report, lines) if options["json"] else _words(report, lines))
        if report.wrong:
            raise SystemExit(1)

    def _keys(self, options: dict[str, Any]) -> Iterable[str]:
        published = snapshot.current()
        name = options["tileset"]
        selection = select(published, name) if name else None
        keys = audit.keys_of(published, db.epoch(), selection)
        return audit.sampled(keys, options["sample"]) if options["sample"] else keys

    def _progress(self, report: Report) -> None:
        """A line that is written over, where a person looks on."""
        if self.stderr.isatty():
            said = f"{report.checked:,} checked, {len(report.suspects):,} to be looked at again"
            self.stderr.write(f"\r{said}", self.style.NOTICE, ending="")

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")


def _line(wrong: Difference) -> dict[str, str]:
    """One wrong tile, and the command that shows its passport."""
    told = auditor.describe(wrong, snapshot.current())
    return {
        "tile": told.tile,
        "tileset": told.tileset,
        "layers": auditor.names(wrong),
        "variant": told.variant,
        "kept": told.kept,
        "fresh": told.fresh,
        "key": wrong.found.key,
        "passport": f"manage.py tile {told.tileset} {told.tile}",
    }


def _document(report: Report, lines: list[dict[str, str]]) -> str:
    counts = {"checked": report.checked, "skipped": report.skipped, "failed": report.failed}
    return json.dumps({**counts, "wrong": lines}, ensure_ascii=False, indent=2)


def _words(report: Report, lines: list[dict[str, str]]) -> str:
    counts = (
        f"{report.checked:,} checked, {len(lines):,} wrong, {report.skipped:,} skipped, "
        f"{report.failed:,} failed."
    )
    told = [
        f"WRONG {one['tile']} of {one['tileset']} ({one['variant']}), in {one['layers']}:\n"
        f"      kept {one['kept']}, rendered again {one['fresh']}\n"
        f"      {one['passport']}"
        for one in lines
    ]
    return "\n".join([*told, counts])
