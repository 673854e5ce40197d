"""What is to be released into what, for a Layer."""

from collections.abc import Sequence

from core.models import Layer
from core.relations import split
from core.release.plan import Job


def from_table(
    layer: Layer,
    source: str,
    key: Sequence[str] = (),
    ignored: Sequence[str] = (),
    *,
    drop: bool = False,
) -> Job:
    """The table of `layer` is to have the content of `source` (`schema.name`, not quoted)."""
    return Job(
        label=layer.name,
        layers=tuple(seen_by_all(layer)),
        target=(layer.relation_schema, layer.relation_name),
        source=split(source),
        geometry=layer.geometry_column,
        srid=layer.srid,
        feature_id=layer.id_column if layer.id_is_feature_id else "",
        key=tuple(key),
        ignored=tuple(ignored),
        drop=drop,
    )


def seen_by_all(layer: Layer) -> list[int]:
    """The ids of the Layers whose public tiles are made from the table of this one."""
    same = Layer.objects.filter(
        relation_schema=layer.relation_schema, relation_name=layer.relation_name, held=False
    )
    return list(same.values_list("pk", flat=True))
