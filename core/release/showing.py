"""Showing the public what was edited in held Layers since the last release."""

from collections.abc import Sequence

from core.models import Layer
from core.release import held
from core.release.merge import Note, Options, release, silent
from core.release.report import Report

ALTERED = "Columns of {} were altered: the copy {} made anew, and every cached tile dropped."


def show(layers: Sequence[Layer], options: Options, note: Note = silent) -> list[Report]:
    """Release held Layers: merged together, and then, one by one, what must be copied anew.

    Raises CannotRelease and Stopped; what was merged is shown by then only if a copy failed.
    """
    jobs = {layer.pk: held.job(layer) for layer in layers}
    altered = held.altered(layers)
    same = [jobs[layer.pk] for layer in layers if layer not in altered]
    reports = release(same, options, note) if same else []
    reports += [_anew(layer, options) for layer in altered]
    if not options.dry_run:
        held.note_release(layers)
    return reports


def _anew(layer: Layer, options: Options) -> Report:
    rows = 0 if options.dry_run else held.make_anew(layer)
    done = "would be" if options.dry_run else "was"
    schema, name = held.relation_of(layer)
    return Report(
        label=layer.name,
        relation=f"{schema}.{name}",
        source=layer.relation,
        key=(),
        rows=rows,
        same=0,
        changed=0,
        added=0,
        removed=0,
        boxes=None,
        dry_run=options.dry_run,
        notes=(ALTERED.format(layer.relation, done),),
    )
