"""The bands of zooms that have land of their own, generalised for them. Pure."""

# Each band has copies of the land generalised for its zoom, up to the next band's.
BANDS = (0, 1, 2, 3, 4, 5)
# From here on the land is drawn as the source has it; from there on with provinces.
BASE_FROM = 6
PROVINCES_FROM = 3
MAX_ZOOM = 10
# Below this zoom quantised water is as good as smoothed, and a quarter of the size.
SMOOTH_FROM = 4


def overviews(table: str, first: int = BANDS[0]) -> list[tuple[str, int, int]]:
    """The overviews of a land table: (relation, from zoom, to zoom)."""
    ends = [zoom - 1 for zoom in (*BANDS[1:], BASE_FROM)]
    pairs = zip(BANDS, ends, strict=True)
    return [(f"demo.{table}_z{low}", low, high) for low, high in pairs if low >= first]
