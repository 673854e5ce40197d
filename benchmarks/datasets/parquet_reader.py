"""Prints the streets of neatnet's GeoParquet files as CSV: city, kind, EWKB as hex.

Runs in the side environment: `python parquet_reader.py FOLDER`. It imports nothing of ours.
"""

import csv
import json
import struct
import sys
from pathlib import Path
from typing import Any

from pyarrow import parquet

LITTLE_ENDIAN, HAS_SRID = 1, 0x20000000


def srid(metadata: dict[bytes, bytes]) -> int:
    """The UTM zone's EPSG code. The files name no code, only the central meridian.

    Southern cities have negative northings there: the codes of the north are right for all.
    """
    geo = json.loads(metadata[b"geo"])
    crs = geo["columns"][geo["primary_column"]]["crs"]
    parameters = crs["conversion"]["parameters"]
    meridian = next(p["value"] for p in parameters if p["name"] == "Longitude of natural origin")
    return 32600 + round((float(meridian) + 183) / 6)


def extended(wkb: bytes, code: int) -> str:
    """WKB of a geometry with its SRID, as hex."""
    kind = struct.unpack_from("<I", wkb, 1)[0]
    return (struct.pack("<BII", LITTLE_ENDIAN, kind | HAS_SRID, code) + wkb[5:]).hex()


def kind_of(highway: Any) -> str:
    """The tag; of several the first."""
    return str(highway).strip("[]'").split("'")[0]


def main(folder: Path) -> None:
    """Write every street of every file."""
    out = csv.writer(sys.stdout)
    for path in sorted(folder.rglob("*.parquet")):
        city = path.parent.name.partition("_")[0]
        table = parquet.read_table(path, columns=["highway", "geometry"])
        code = srid(table.schema.metadata)
        pairs = zip(table["highway"].to_pylist(), table["geometry"].to_pylist(), strict=True)
        out.writerows((city, kind_of(highway), extended(wkb, code)) for highway, wkb in pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
