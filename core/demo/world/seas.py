"""Names of oceans and seas. Plain geography, written down here: no source has them as points."""

from typing import Any

from core.demo.tables import Table
from core.demo.world import mercator

LABELS = Table(
    "marine_labels",
    (
        ("name", "text NOT NULL"),
        ("name_en", "text NOT NULL"),
        ("kind", "text NOT NULL"),
        ("min_zoom", "real NOT NULL"),
        ("max_zoom", "real NOT NULL"),
        ("rank", "smallint NOT NULL"),
    ),
    "Point",
)
# (kind, zoom from, zoom to): name, longitude, latitude of the middle of the name.
NAMES: dict[tuple[str, int, int], tuple[tuple[str, float, float], ...]] = {
    ("ocean", 0, 5): (
        ("South Pacific Ocean", -128.0, -22.0),
        ("North Pacific Ocean", -160.0, 28.0),
        ("North Atlantic Ocean", -38.0, 30.0),
        ("South Atlantic Ocean", -14.0, -26.0),
        ("Indian Ocean", 79.0, -23.0),
        ("Arctic Ocean", -160.0, 78.5),
        ("Southern Ocean", 40.0, -61.0),
    ),
    ("sea", 3, 7): (
        ("Mediterranean Sea", 18.4, 34.6),
        ("Caribbean Sea", -74.5, 14.8),
        ("Gulf of Mexico", -91.0, 25.0),
        ("South China Sea", 114.0, 14.0),
        ("Bering Sea", -177.5, 57.5),
        ("Sea of Okhotsk", 149.5, 54.0),
        ("Arabian Sea", 64.5, 15.5),
        ("Bay of Bengal", 88.5, 14.0),
        ("Coral Sea", 154.0, -16.0),
        ("Tasman Sea", 161.0, -38.0),
        ("Philippine Sea", 132.5, 19.0),
        ("Hudson Bay", -85.5, 59.5),
        ("Labrador Sea", -53.0, 58.0),
        ("Norwegian Sea", 2.0, 67.5),
        ("Greenland Sea", -8.0, 76.0),
        ("Barents Sea", 38.0, 74.0),
        ("Kara Sea", 70.0, 75.5),
        ("Laptev Sea", 126.0, 76.0),
        ("East Siberian Sea", 162.0, 73.0),
        ("Beaufort Sea", -138.0, 72.3),
        ("Weddell Sea", -45.0, -72.0),
        ("Ross Sea", -175.0, -75.0),
        ("Gulf of Guinea", 2.5, 2.0),
        ("Caspian Sea", 50.6, 41.8),
        ("Black Sea", 34.5, 43.3),
    ),
    ("sea", 5, 8): (
        ("North Sea", 3.2, 56.2),
        ("Baltic Sea", 19.4, 57.0),
        ("Red Sea", 38.3, 20.3),
        ("Persian Gulf", 51.3, 27.0),
        ("Gulf of Aden", 48.2, 12.3),
        ("Bay of Biscay", -4.6, 45.4),
        ("Tyrrhenian Sea", 12.2, 39.9),
        ("Adriatic Sea", 15.6, 42.9),
        ("Ionian Sea", 18.6, 37.6),
        ("Aegean Sea", 25.1, 38.6),
        ("Yellow Sea", 123.3, 36.3),
        ("East China Sea", 125.0, 29.5),
        ("Java Sea", 111.0, -5.0),
        ("Banda Sea", 127.5, -5.8),
        ("Celebes Sea", 122.3, 3.6),
        ("Andaman Sea", 95.6, 11.5),
        ("Gulf of Thailand", 101.3, 9.9),
        ("Timor Sea", 127.3, -11.0),
        ("Arafura Sea", 135.0, -9.6),
        ("Mozambique Channel", 41.5, -18.5),
        ("Gulf of Alaska", -145.5, 57.6),
        ("Baffin Bay", -67.0, 73.5),
        ("Great Australian Bight", 130.5, -33.6),
        ("White Sea", 38.0, 65.6),
        ("Gulf of Bothnia", 19.8, 62.0),
    ),
}


def labels() -> list[tuple[Any, ...]]:
    """The rows of table marine_labels."""
    named = [(*key, *place) for key, places in NAMES.items() for place in places]
    return [
        (n, name, name, kind, low, high, n, mercator.point_hex(lon, lat))
        for n, (kind, low, high, name, lon, lat) in enumerate(named, start=1)
    ]
