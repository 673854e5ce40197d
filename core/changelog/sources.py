"""What each tracked relation feeds: the tables under Layers, views and overviews."""

from django.db import connection

from core.changelog.family import Family
from core.changelog.needs import Needs, Want, bands
from core.changelog.survey import Survey, survey
from core.changelog.values import Source

Sources = dict[int, tuple[Source, ...]]
Zooms = tuple[int, int, int]


def sources() -> Sources:
    """By oid of a relation of the change log, what a change in it is felt in.

    Raises django.db.Error.
    """
    with connection.cursor() as cursor:
        found = survey(cursor)
    reaches: dict[int, dict[Zooms, float | None]] = {}
    for needs in found.needs.values():
        for want in needs.wants:
            _add(reaches, found.families[want.base.table.oid].root.oid, want)
    for layer_id, needs in found.needs.items():
        _add_own(reaches, found, layer_id, needs)
    return {
        oid: tuple(Source(*zooms, reach) for zooms, reach in felt.items())
        for oid, felt in reaches.items()
    }


def _add(reaches: dict[int, dict[Zooms, float | None]], root: int, want: Want) -> None:
    """Note how far a change is felt; the farthest counts."""
    zooms = (want.layer_id, want.min_zoom, want.max_zoom)
    felt = reaches.setdefault(root, {})
    before, reach = felt.get(zooms, 0.0), want.base.reach
    felt[zooms] = None if before is None or reach is None else max(before, reach)


def _add_own(
    reaches: dict[int, dict[Zooms, float | None]], found: Survey, layer_id: int, needs: Needs
) -> None:
    """A view itself: nothing is logged of it by triggers, but tile lists and loads are."""
    seen = {(one.schema, one.name): one for one in needs.seen}
    for band in bands(found.layers[layer_id]):
        relation = seen.get((band.schema, band.name))
        if relation is not None:
            family: Family | None = found.families.get(relation.oid)
            oid = family.root.oid if family else relation.oid
            zooms = (layer_id, band.min_zoom, band.max_zoom)
            reaches.setdefault(oid, {}).setdefault(zooms, 0.0)
