"""Fixtures for all tests; each kind has a module of its own."""

pytest_plugins = ["tests.database", "tests.odd", "tests.world", "tests.site", "tests.chromium"]
