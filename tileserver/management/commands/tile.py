"""`manage.py tile TILESET Z/X/Y`: a tile's passport."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import snapshot
from core.problems import Problem
from core.selection import Selection, select
from tileserver import passport
from tileserver.cuts import Cut
from tileserver.encode import encode
from tileserver.tile import BadAddress, Tile, parse
from tileserver.weights import weights


class Command(BaseCommand):
    """What it weighs, where it is kept, the SQL that makes it, and its plan."""

    help = "Show what a tile weighs by layer and attribute, where it is kept, its SQL or its plan."

    def add_arguments(self, parser: CommandParser) -> None:
        """The tile, and what of it to show."""
        parser.add_argument("tileset", help="a tileset, a layer, or several with commas between")
        parser.add_argument("tile", metavar="Z/X/Y")
        shown = parser.add_mutually_exclusive_group()
        shown.add_argument("--sql", action="store_true", help="the statement that makes it")
        shown.add_argument("--explain", action="store_true", help="run it and show its plan")
        shown.add_argument("--where", action="store_true", help="where it is kept, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show one of the four."""
        try:
            tile = parse(*options["tile"].split("/"))
            selection = select(snapshot.current(), options["tileset"])
            self.stdout.write(self._shown(selection, tile, options))
        except (Problem, BadAddress) as fault:
            raise CommandError(str(fault)) from fault
        except TypeError as fault:
            raise CommandError("Give the tile as Z/X/Y, such as 3/4/2.") from fault

    def _shown(self, selection: Selection, tile: Tile, options: dict[str, Any]) -> str:
        if options["sql"]:
            return passport.statement(selection, tile)
        if options["explain"]:
            return passport.plan(selection, tile)
        if options["where"]:
            return passport.as_json(passport.where(selection, tile))
        return report(selection, tile)


def _cut(cut: Cut, selection: Selection) -> str:
    names = {layer.id: layer.name for layer in selection.layers}
    return (
        f"cut: {names[cut.layer_id]} to {cut.limit:,} of {cut.features:,} features, "
        f"from {cut.whole:,} bytes to {cut.bytes:,}"
    )


def report(selection: Selection, tile: Tile) -> str:
    """What the tile weighs, layer by layer and attribute by attribute."""
    fitted = passport.rendered(selection, tile)
    made = encode(fitted.mvt)
    lines = [f"{selection.name} {tile}: {made.raw_size:,} bytes, {len(made.body):,} as sent"]
    lines.append(f"budget {selection.byte_budget:,} bytes, etag {made.etag}")
    lines += [_cut(cut, selection) for cut in fitted.cuts]
    for layer in weights(fitted.mvt):
        lines.append(
            f"{layer.total:>10,}  {layer.name}: {layer.features:,} features, "
            f"geometry {layer.geometry:,}"
        )
        lines += [f"{size:>14,}  {name}" for name, size in layer.attributes.items()]
    return "\n".join(lines)
