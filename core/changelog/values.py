"""What the change log says, as plain values."""

from dataclasses import dataclass
from datetime import datetime

# xmin, ymin, xmax, ymax in the units of a relation's own SRID: x is east, y is north.
Box = tuple[float, float, float, float]
Address = tuple[int, int, int]


@dataclass(frozen=True)
class Change:
    """One row of `graticule.change`.

    `relation` is the oid of the tracked table (of a partition: its topmost parent). `what` is
    insert, update, delete, truncate, unknown, load or tiles. `boxes` cover the old and the new
    place of everything that changed, in `srid`; None: it may be anywhere; empty: nothing that is
    visible changed. `parts`, where not None, cover the same change more tightly. `tiles` are
    (z, x, y), for what='tiles'.
    """

    id: int
    relation: int
    what: str
    rows: int
    at: datetime
    who: str
    application: str
    srid: int
    boxes: tuple[Box, ...] | None
    parts: tuple[Box, ...] | None = None
    tiles: tuple[Address, ...] = ()


@dataclass(frozen=True)
class Source:
    """What a tracked relation feeds: tiles of one Layer, of zooms `min_zoom` to `max_zoom`.

    `reach` is how many metres beyond its boxes a change is felt: 0 for the table that the tiles are
    made from; None: anywhere.
    """

    layer_id: int
    min_zoom: int
    max_zoom: int
    reach: float | None
