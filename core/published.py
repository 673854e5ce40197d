"""Layers and Tilesets as plain values, which the tile road works with instead of rows."""

from dataclasses import dataclass, replace

# Where changes are known, age says nothing; a tile that nobody asks for goes all the same.
TRACKED_SECONDS = 7 * 86400
# A table for each held Layer: the content that the public sees until the next release.
HELD_SCHEMA = "graticule_held"


def held_relation(layer_id: int) -> tuple[str, str]:
    """Schema and name of the copy that the tiles of a held Layer are made from."""
    return HELD_SCHEMA, f"layer_{layer_id}"


# The freshness of Layers whose cached tiles may not be old; of the others they may, for a time.
PROMISES = ("tracked", "derived")
# From the best promise to none.
BEST_FIRST = (*PROMISES, "polled", "ttl")


@dataclass(frozen=True)
class FieldInfo:
    """A visible column: its name and its PostgreSQL type."""

    name: str
    type: str


@dataclass(frozen=True)
class OverviewInfo:
    """A generalised copy, for zooms `min_zoom` to `max_zoom`."""

    schema: str
    relation: str
    min_zoom: int
    max_zoom: int


@dataclass(frozen=True)
class LayerInfo:
    """A Layer as the tile road needs it; see `core.models.Layer` for the meaning of each."""

    id: int
    name: str
    title: str
    description: str
    attribution: str
    access: str
    state: str
    generation: int
    layer_name: str
    relation_schema: str
    relation_name: str
    geometry_column: str
    geometry_type: str
    geography: bool
    srid: int
    id_column: str
    id_is_feature_id: bool
    id_is_unique: bool
    fields: tuple[FieldInfo, ...]
    min_zoom: int
    max_zoom: int
    rank_column: str
    min_zoom_column: str
    max_zoom_column: str
    bounds: tuple[float, float, float, float] | None
    area_of_use: tuple[float, float, float, float]
    extent: int
    buffer: int
    feature_limit: int | None
    byte_budget: int
    freshness: str
    ttl_seconds: int
    frozen: bool = False
    cacheable: bool = True
    held: bool = False
    poll_seconds: int = 60
    large_shapes: bool = False
    overviews: tuple[OverviewInfo, ...] = ()

    def __hash__(self) -> int:
        """Cheap: a tile's SQL is found by its Layers. Equal ones have the same generation."""
        return hash((self.id, self.generation))

    @property
    def life_seconds(self) -> int:
        """How long a cached tile may be believed while nothing is known to have changed."""
        if self.frozen or self.freshness in ("tracked", "derived"):
            return max(self.ttl_seconds, TRACKED_SECONDS)
        return self.ttl_seconds

    def in_zoom(self, zoom: int) -> bool:
        """True when it has tiles at `zoom`."""
        return self.min_zoom <= zoom <= self.max_zoom

    def source_at(self, zoom: int) -> tuple[str, str]:
        """Schema and name of the relation that tiles of `zoom` are made from."""
        for overview in self.overviews:
            if overview.min_zoom <= zoom <= overview.max_zoom:
                return overview.schema, overview.relation
        if self.held:
            return held_relation(self.id)
        return self.relation_schema, self.relation_name

    def unheld(self) -> "LayerInfo":
        """The Layer as its editors see it: from the table that they edit."""
        return replace(self, held=False)


@dataclass(frozen=True)
class TilesetInfo:
    """A Tileset with its Layers; an implicit Tileset is the Layer under its own name."""

    id: int
    name: str
    title: str
    description: str
    attribution: str
    access: str
    state: str
    generation: int
    byte_budget: int
    layers: tuple[LayerInfo, ...]
    frozen: bool = False
