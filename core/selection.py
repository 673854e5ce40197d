"""From the name in a tile URL to the Layers it stands for."""

from dataclasses import dataclass

from core.access import Guarded
from core.models.tileset import MAX_MEMBERS
from core.problems import BadRequest, NotFound
from core.published import LayerInfo, TilesetInfo
from core.snapshot import Snapshot, find

DEFAULT_BYTE_BUDGET = 500_000


@dataclass(frozen=True)
class Selection:
    """What one tile URL serves: a Tileset, a single Layer, or a composite of several names.

    `layers` are in canonical order (by id), which is also their order in a tile. `guarded` is
    everything that the caller must be allowed to see. `frozen` says that its tiles never change
    while `making` stays: id and generation of all that is named, and of its Layers.
    """

    name: str
    title: str
    description: str
    attribution: str
    layers: tuple[LayerInfo, ...]
    guarded: tuple[Guarded, ...]
    byte_budget: int
    frozen: bool = False
    making: tuple[tuple[int, int], ...] = ()

    def __hash__(self) -> int:
        """Cheap: what is known of its tiles is found by it."""
        return hash((self.name, self.making))

    @property
    def min_zoom(self) -> int:
        """The lowest zoom of any Layer."""
        return min((layer.min_zoom for layer in self.layers), default=0)

    @property
    def max_zoom(self) -> int:
        """The highest zoom of any Layer: clients scale up the tiles of this zoom."""
        return max((layer.max_zoom for layer in self.layers), default=0)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees around all Layers that have rows, or None."""
        known = [layer.bounds for layer in self.layers if layer.bounds is not None]
        if not known:
            return None
        west, south, east, north = zip(*known, strict=True)
        return min(west), min(south), max(east), max(north)


def select(snapshot: Snapshot, text: str) -> Selection:
    """The Layers behind `text`, a name or up to 16 names divided by commas.

    Duplicates collapse and the order does not matter. Raises NotFound for a name that is not
    there, BadRequest for too many.
    """
    names = sorted(set(text.split(",")))
    if len(names) > MAX_MEMBERS:
        raise BadRequest(f"A composite has at most {MAX_MEMBERS} members; these are {len(names)}.")
    found = [_one(snapshot, name) for name in names]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        raise missing(text)
    return parts[0] if len(parts) == 1 else _composite(parts)


def chosen(text: str) -> Selection:
    """The same of what is published; it is looked at again before NotFound is raised."""
    return find(lambda published: select(published, text))


def missing(name: str) -> NotFound:
    """The answer for a name that is not there, or that the caller may not see."""
    return NotFound(f"There is no tileset or layer named {name[:63]!r}. See /catalog.json.")


def _one(snapshot: Snapshot, name: str) -> Selection | None:
    if name in snapshot.tilesets:
        tileset = snapshot.tilesets[name]
        return _selection(tileset, tileset.layers, tileset.byte_budget)
    if name in snapshot.layers:
        layer = snapshot.layers[name]
        return _selection(layer, (layer,), layer.byte_budget)
    return None


def _selection(
    named: TilesetInfo | LayerInfo, layers: tuple[LayerInfo, ...], budget: int
) -> Selection:
    lines = dict.fromkeys(
        text for text in (named.attribution, *(layer.attribution for layer in layers)) if text
    )
    return Selection(
        name=named.name,
        title=named.title or named.name,
        description=named.description,
        attribution=named.attribution or " · ".join(lines),
        layers=tuple(sorted(layers, key=lambda layer: layer.id)),
        guarded=(named, *layers),
        byte_budget=budget,
        frozen=named.frozen or (bool(layers) and all(layer.frozen for layer in layers)),
        making=tuple(sorted({(one.id, one.generation) for one in (named, *layers)})),
    )


def _composite(parts: list[Selection]) -> Selection:
    layers = {layer.id: layer for part in parts for layer in part.layers}
    ordered = tuple(layers[key] for key in sorted(layers))
    return Selection(
        name=",".join(part.name for part in parts),
        title=", ".join(part.title for part in parts),
        description="",
        attribution=" · ".join(dict.fromkeys(p.attribution for p in parts if p.attribution)),
        layers=ordered,
        guarded=tuple(one for part in parts for one in part.guarded),
        byte_budget=DEFAULT_BYTE_BUDGET,
        frozen=all(part.frozen for part in parts),
        making=tuple(sorted({one for part in parts for one in part.making})),
    )


def refuse_clash(selection: Selection) -> None:
    """Raise BadRequest if two Layers of a composite would share an MVT layer name.

    To be asked once the caller may see all of them: the answer names them.
    """
    seen: dict[str, LayerInfo] = {}
    for layer in selection.layers:
        other = seen.setdefault(layer.layer_name, layer)
        if other is not layer:
            raise BadRequest(
                f"{other.name} and {layer.name} both make the MVT layer {layer.layer_name!r}: "
                "ask for them under two URLs."
            )
