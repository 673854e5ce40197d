"""Fixtures for all tests; each kind has a module of its own."""

import pytest

pytest_plugins = ["tests.database", "tests.world", "tests.site", "tests.chromium"]
LAST = ("slow", "clients", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first; then slow ones, other clients, and the browser last."""

    def turn(item: pytest.Item) -> int:
        return max(
            (LAST.index(name) + 1 for name in LAST if item.get_closest_marker(name)), default=0
        )

    items.sort(key=turn)
