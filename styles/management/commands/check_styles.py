"""`manage.py check_styles`: every check on the styles that come with Graticule, or on files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from styles import known
from styles.shipped import FOLDER
from styles.validation import check


class Command(BaseCommand):
    help = "Check style documents with the official validator and against our fonts and icons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and whether to ask the database."""
        parser.add_argument("files", nargs="*", type=Path, help="Default: styles/demo/*.json.")
        parser.add_argument(
            "--data",
            action="store_true",
            help="Check source-layers and fields too, against what the database has published.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding as FILE:LINE: SENTENCE; raises CommandError if there is any."""
        files: list[Path] = options["files"] or sorted(FOLDER.glob("*.json"))
        references = known.gather() if options["data"] else known.gather_built()
        count = 0
        for file in files:
            for finding in check(file.read_text("utf-8"), references):
                count += 1
                place = f"{file}:{finding.line or 1}"
                self.stdout.write(f"{place}: {finding.severity}: {finding.path} {finding.message}")
        if count:
            raise CommandError(f"{count} findings in {len(files)} styles.")
        self.stdout.write(f"{len(files)} styles are sound.")
