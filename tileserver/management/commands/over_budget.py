"""`manage.py over_budget`: the tiles that are furthest over their byte budget."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tileserver.budget import OverBudget, worst


class Command(BaseCommand):
    """Worst first, as they were last rendered."""

    help = "List the tiles that were cut to their byte budget, worst first."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, and in what form."""
        parser.add_argument("--limit", type=int, default=100, help="at most so many, 1 to 1000")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each, or a JSON list."""
        found = worst(max(1, min(1000, options["limit"])))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], ensure_ascii=False))
            return
        for one in found:
            self.stdout.write(line(one))
        if not found:
            self.stdout.write("No tile was over its budget, or Redis has forgotten it.")


def line(one: OverBudget) -> str:
    """One tile for people; `manage.py tile LAYER Z/X/Y` says what the bytes are spent on."""
    return (
        f"{one.bytes_before:>12,} bytes  {one.layer} {one.tile}: {one.features_after:,} of "
        f"{one.features_before:,} features in {one.bytes_after:,} bytes, "
        f"the tile may have {one.budget:,}"
    )
