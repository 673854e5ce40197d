"""The links of a list lead to the public address, whatever host the request names."""

from typing import Any

import pytest
from django.test import Client, override_settings

from tests.odd import OddTable

TOWN = "https://town.example/maps"


@pytest.fixture
def three(odd: OddTable, settings: Any) -> None:
    """Three Layers, at a public address with a path."""
    settings.PUBLIC_URL = TOWN
    for name in ("ranked", "text_ids", "typed_columns"):
        odd(name)


def links(query: str, **headers: str) -> tuple[str | None, str | None]:
    """The previous and the next part of the list of Layers."""
    answer = Client().get(f"/api/v1/layers{query}", headers=headers).json()
    return answer["previous"], answer["next"]


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1"])
def test_links_are_public_addresses(three: None, host: str) -> None:
    first = f"{TOWN}/api/v1/layers?limit=1"
    assert links("?limit=1&offset=1", Host=host) == (first, f"{first}&offset=2")
    assert links("?limit=1", Host=host) == (None, f"{first}&offset=1")


def test_the_path_of_the_public_address_stands_there_once(three: None) -> None:
    with override_settings(FORCE_SCRIPT_NAME="/maps"):
        assert links("?limit=1")[1] == f"{TOWN}/api/v1/layers?limit=1&offset=1"


def test_the_other_parameters_stay(three: None) -> None:
    last = links("?limit=1&format=json&x=%D0%B0%26b")[1]
    assert last is not None
    assert last.startswith(f"{TOWN}/api/v1/layers?")
    assert "x=%D0%B0%26b" in last
    assert "format=json" in last


def test_the_first_and_the_last_part_lead_no_further(three: None) -> None:
    assert links("?limit=1000") == (None, None)
