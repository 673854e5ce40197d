"""Lines out of a coverage: each segment once, named by the one or two provinces that have it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.world.coverage import Coverage, Geometries, Indexes
from core.demo.world.mercator import HALF, Mask

NOBODY = -1


@dataclass(frozen=True)
class Edges:
    """Segments (n, 2, 2) in EPSG:3857, and the provinces on both sides (NOBODY is the sea)."""

    segments: NDArray[np.float64]
    left: Indexes
    right: Indexes

    @property
    def coast(self) -> Mask:
        """The segments between land and water; the cuts at 180 degrees and the pole are none."""
        alone: Mask = self.right == NOBODY
        return alone & ~_on_the_cut(self.segments)

    def lines(self, mask: Mask) -> list[shapely.LineString]:
        """The segments of `mask`, joined to lines as long as can be."""
        if not mask.any():
            return []
        merged = shapely.line_merge(shapely.MultiLineString(list(self.segments[mask])))
        return list(shapely.get_parts(merged))


def extract(coverage: Coverage) -> Edges:
    """The edges of `coverage`; left and right are province tags, left the smaller."""
    segments, owners = _segments(coverage.geometries)
    # One direction for both neighbours, so that equal segments compare equal.
    swap = (segments[:, 0, 0] > segments[:, 1, 0]) | (
        (segments[:, 0, 0] == segments[:, 1, 0]) & (segments[:, 0, 1] > segments[:, 1, 1])
    )
    segments[swap] = segments[swap, ::-1]
    order = np.lexsort((owners, *segments.reshape(-1, 4).T))
    segments, tags = segments[order], coverage.tag[owners[order]]
    fresh = np.ones(len(segments), dtype=bool)
    fresh[1:] = (segments[1:] != segments[:-1]).any(axis=(1, 2))
    first = np.flatnonzero(fresh)
    second = np.append(tags, NOBODY)[np.minimum(first + 1, len(tags))]
    shared = np.append(~fresh, False)[first + 1]
    return Edges(segments[first], tags[first], np.where(shared, second, NOBODY))


def _segments(geometries: Geometries) -> tuple[NDArray[np.float64], Indexes]:
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    segments = np.stack([xy[:-1][inside], xy[1:][inside]], axis=1)
    return segments, owner[part][ring[:-1][inside]]


def _on_the_cut(segments: NDArray[np.float64]) -> Mask:
    antimeridian = np.all(np.abs(segments[:, :, 0]) > HALF - 1, axis=1)
    pole = np.any(segments[:, :, 1] < -HALF, axis=1)
    return np.asarray(antimeridian | pole)
