"""`manage.py warm TILESET`: fill the cache from the command line, with a progress bar."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.problems import Problem
from tasks.warming import Job, NothingKept, Progress, TooMany, warm

WIDTH = 30
BBOX = "west,south,east,north in degrees; without it, where there is data"


def bbox(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees from `w,s,e,n`."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError("give west,south,east,north in degrees") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise argparse.ArgumentTypeError("west must be below east and south below north")
    return west, south, east, north


def zooms(text: str) -> tuple[int, int]:
    """The lowest and the highest zoom from `0-6` or `6`."""
    low, _, high = text.partition("-")
    try:
        found = int(low), int(high or low)
    except ValueError as error:
        raise argparse.ArgumentTypeError("give zooms such as 0-6") from error
    if not 0 <= found[0] <= found[1] <= 24:
        raise argparse.ArgumentTypeError("zooms are from 0 to 24, the lower one first")
    return found


class Command(BaseCommand):
    """Warms through the same `render()` as a web request does."""

    help = "Fill the cache of a tileset or layer ahead of requests."

    def add_arguments(self, parser: CommandParser) -> None:
        """The tileset, its area and zooms."""
        parser.add_argument("tileset", help="the name of a tileset or layer")
        parser.add_argument("--bbox", type=bbox, help=BBOX)
        parser.add_argument("--zooms", type=zooms, default=(0, 6), help="such as 0-6")
        parser.add_argument("--replace", action="store_true", help="render what is cached too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Warm, showing progress; fails when a tile could not be rendered."""
        low, high = options["zooms"]
        job = Job(options["tileset"], options["bbox"], low, high, options["replace"])
        try:
            progress = warm(job, self._show)
        except (Problem, TooMany, NothingKept) as fault:
            raise CommandError(str(fault)) from fault
        self.stderr.write("")
        self.stdout.write(summary(progress))
        if progress.failed:
            raise CommandError(f"{progress.failed} tiles failed; the first: {progress.error}")

    def _show(self, progress: Progress) -> bool:
        end = "" if sys.stderr.isatty() else "\n"
        self.stderr.write(f"\r{bar(progress)}", ending=end)
        self.stderr.flush()
        return True


def bar(progress: Progress) -> str:
    """One line that shows how far it is."""
    share = progress.done / max(1, progress.total)
    filled = "#" * int(WIDTH * share)
    zoom = "" if progress.zoom is None else f" z{progress.zoom}"
    return f"[{filled:<{WIDTH}}] {share:4.0%} {progress.done:,}/{progress.total:,}{zoom}"


def summary(progress: Progress) -> str:
    """What was done, in one sentence."""
    return (
        f"{progress.rendered:,} rendered ({progress.empty:,} empty, {progress.bytes:,} bytes), "
        f"{progress.cached:,} were cached, {progress.failed:,} failed."
    )
