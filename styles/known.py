"""What a style can refer to here, gathered for the checks."""

from core import snapshot
from core.access import is_public
from core.published import LayerInfo
from core.selection import select
from core.snapshot import Snapshot
from styles import glyphs, sprites
from styles.lint import Known, Tilesets


def gather() -> Known:
    """The Tilesets, Layers, fonts and icons of this moment."""
    published = snapshot.current()
    return Known(_tilesets(published), _hidden(published), glyphs.fonts(), sprites.icons())


def gather_built() -> Known:
    """The fonts and icons alone, where there is no database to ask."""
    return Known(fonts=glyphs.fonts(), icons=sprites.icons())


def _hidden(published: Snapshot) -> frozenset[str]:
    """What only staff see: a Tileset too of which one Layer is theirs."""
    names = (*published.layers, *published.tilesets)
    return frozenset(
        name for name in names if not all(map(is_public, select(published, name).guarded))
    )


def _tilesets(published: Snapshot) -> Tilesets:
    """Fields by source-layer, for Tilesets and for single Layers by name."""
    layers = {name: [layer] for name, layer in published.layers.items()}
    tilesets = {name: list(tileset.layers) for name, tileset in published.tilesets.items()}
    return {
        name: {layer.layer_name: _fields(layer) for layer in members}
        for name, members in (layers | tilesets).items()
    }


def _fields(layer: LayerInfo) -> frozenset[str]:
    names = {one.name for one in layer.fields}
    if layer.id_column and not layer.id_is_feature_id:
        names.add(layer.id_column)
    return frozenset(names)
