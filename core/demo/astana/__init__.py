"""The streets of Astana: roads, buildings, water, green and names, from OpenStreetMap.

`load(connection, report)` fills the tables, `publish()` publishes them; `VERSION` changes with
the loader's source, so that what an older one loaded is loaded anew.
"""

from pathlib import Path

from core.demo.astana.layers import publish_astana as publish
from core.demo.astana.load import load
from core.demo.tables import version_of

VERSION = version_of(Path(__file__).parent)

__all__ = ["VERSION", "load", "publish"]
