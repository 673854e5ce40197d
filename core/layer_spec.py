"""What is to be published, and how, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.models import Layer

# What a Layer has under the same name.
COPIED = (
    "title", "description", "attribution", "min_zoom", "max_zoom", "rank_column",
    "min_zoom_column", "max_zoom_column", "buffer", "extent", "feature_limit", "byte_budget",
    "ttl_seconds", "poll_seconds", "access", "state", "frozen",
)  # fmt: skip


@dataclass(frozen=True)
class LayerSpec:
    """What is to be published, and how. What is left out is found in the database.

    `relation` is `schema.name` (no quoting; the first dot divides). `overviews` are
    (`schema.name`, lowest zoom, highest zoom). `fields` None means every column but the
    geometry and the feature id. `freshness` "" means the best that can be had; any other is
    refused where it cannot be had. `derived_from` is as on the Layer.
    """

    name: str
    relation: str
    layer_name: str = ""
    title: str = ""
    description: str = ""
    attribution: str = ""
    fields: Sequence[str] | None = None
    geometry_column: str = ""
    srid: int = 0
    id_column: str = ""
    min_zoom: int = 0
    max_zoom: int = 14
    rank_column: str = ""
    min_zoom_column: str = ""
    max_zoom_column: str = ""
    buffer: int = 64
    extent: int = 4096
    feature_limit: int | None = None
    byte_budget: int = 500_000
    freshness: str = ""
    ttl_seconds: int = 3600
    poll_seconds: int = 60
    derived_from: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    access: str = "public"
    state: str = "published"
    frozen: bool = False
    overviews: Sequence[tuple[str, int, int]] = field(default_factory=tuple)

    @classmethod
    def of(cls, layer: Layer) -> "LayerSpec":
        """What would publish `layer` as it is: to be published again, with or without changes."""
        bands = [(one.relation, one.min_zoom, one.max_zoom) for one in layer.overviews.all()]
        return cls(
            name=layer.name,
            relation=layer.relation,
            layer_name=layer.layer_name,
            fields=[one["name"] for one in layer.fields],
            geometry_column=layer.geometry_column,
            srid=layer.srid,
            id_column=layer.id_column,
            overviews=bands,
            freshness=layer.asked_freshness,
            derived_from=layer.derived_from,
            **{name: getattr(layer, name) for name in COPIED},
        )
