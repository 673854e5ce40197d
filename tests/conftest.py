"""Fixtures for all tests; each kind has a module of its own."""

import pytest
from hypothesis import settings

pytest_plugins = [
    *("tests.database", "tests.odd", "tests.world", "tests.site", "tests.installation"),
    "tests.chromium",
]
# The same examples in each run, and nothing kept between runs.
settings.register_profile("graticule", derandomize=True, deadline=None, database=None)
settings.load_profile("graticule")
LAST = ("slow", "clients", "browser", "data")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first; then slow ones, other clients, the browser, and much data last."""

    def turn(item: pytest.Item) -> int:
        marks = (LAST.index(name) + 1 for name in LAST if item.get_closest_marker(name))
        return max(marks, default=0)

    items.sort(key=turn)
