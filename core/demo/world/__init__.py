"""The world: countries, provinces, borders, water and places, from Natural Earth and GeoNames.

`load(connection, report)` fills the tables, `publish()` publishes them; `VERSION` changes with
the loader's source, so that what an older one loaded is loaded anew.
"""

from pathlib import Path

from core.demo.tables import version_of
from core.demo.world.layers import publish_world as publish
from core.demo.world.load import load

VERSION = version_of(Path(__file__).parent)

__all__ = ["VERSION", "load", "publish"]
