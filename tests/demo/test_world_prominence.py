"""Which place deserves its name at which zoom."""

import numpy as np
import pytest

from core.demo.world import places, prominence
from core.demo.world.mercator import PIXEL_AT_Z0, forward
from core.demo.world.sources import Row

STATES = {"IN", "CN", "MC", "CG", "CD"}
NAMES = {"IN": "India", "CN": "China", "MC": "Monaco", "GP": "Guadeloupe"}
FACTS: dict[str, Row] = {
    "IN": {"capital": "New Delhi"},
    "CN": {"capital": "Beijing"},
    "MC": {"capital": "Monaco"},
    "CG": {"capital": "Brazzaville"},
    "CD": {"capital": "Kinshasa"},
    "GP": {"capital": "Basse-Terre"},
}
TOWNS = (
    (1, "Delhi", "IN", 11_000_000, 77.23, 28.65, ()),
    (2, "New Delhi", "IN", 317_000, 77.21, 28.61, ()),
    (3, "Shanghai", "CN", 24_000_000, 121.46, 31.22, ()),
    (4, "Puxi", "CN", 9_000_000, 121.43, 31.20, ()),
    (5, "Suzhou", "CN", 3_600_000, 120.6, 31.3, ()),
    (6, "Peking", "CN", 18_900_000, 116.4, 39.9, ("Beijing",)),
    (7, "Monaco", "MC", 38_000, 7.42, 43.73, ()),
    (8, "Kinshasa", "CD", 16_000_000, 15.31, -4.33, ()),
    (9, "Brazzaville", "CG", 1_980_000, 15.28, -4.27, ()),
    (10, "Basse-Terre", "GP", 11_000, -61.73, 16.0, ()),
    (11, "Leh", "IN", 31_000, 77.58, 34.16, ()),
)


@pytest.fixture(scope="module")
def built() -> dict[str, places.Place]:
    cities = {
        str(number): {
            "geonameid": number,
            "name": name,
            "countrycode": country,
            "population": population,
            "longitude": lon,
            "latitude": lat,
            "alternatenames": list(others),
        }
        for number, name, country, population, lon, lat, others in TOWNS
    }
    return {place.name: place for place in places.build(cities, FACTS, NAMES, STATES)}


@pytest.mark.parametrize(
    ("population", "zoom"),
    [(9_000_000, 2), (8_000_000, 2), (7_999_999, 3), (500_000, 5), (15_000, 9), (5_000, 10)],
)
def test_the_larger_the_earlier(population: int, zoom: int) -> None:
    assert prominence.zoom_by_population(population) == zoom


@pytest.mark.parametrize("zoom", [2, 5, 8])
def test_a_place_waits_until_its_larger_neighbour_is_sixty_pixels_away(zoom: int) -> None:
    sixty_pixels = 60 * PIXEL_AT_Z0 / 2**zoom
    assert prominence.zoom_by_isolation(sixty_pixels) == zoom
    assert prominence.zoom_by_isolation(sixty_pixels * 0.99) == zoom + 1


def test_a_place_alone_in_the_world_waits_for_nobody() -> None:
    assert prominence.zoom_by_isolation(float("inf")) == 0


def test_who_stands_alone_comes_earlier_but_not_by_much() -> None:
    far = float("inf")
    assert [prominence.min_zoom(p, False, far) for p in (30_000, 500_000, 9_000_000)] == [6, 3, 2]
    hundred_pixels_at_z8 = 100 * PIXEL_AT_Z0 / 2**8
    assert prominence.min_zoom(30_000, False, hundred_pixels_at_z8) == 8


def test_two_places_in_one_spot_come_last_but_come() -> None:
    assert prominence.min_zoom(9_000_000, False, 0.0) == prominence.LAST_ZOOM


def test_of_two_equal_places_the_first_is_the_larger() -> None:
    xy = np.array([[0.0, 0.0], [1000.0, 0.0]])
    far = prominence.nearest_larger(xy, np.array([5.0, 5.0]), np.array([1e6, 1e6]))
    assert far.tolist() == [np.inf, 1000.0]


def test_what_is_larger_but_out_of_reach_does_not_count() -> None:
    xy = np.array([[0.0, 0.0], [1000.0, 0.0]])
    far = prominence.nearest_larger(xy, np.array([9.0, 5.0]), np.array([500.0, 500.0]))
    assert far.tolist() == [np.inf, np.inf]


def test_a_district_does_not_count_as_a_city(built: dict[str, places.Place]) -> None:
    assert built["Shanghai"].min_zoom == 2
    assert built["Puxi"].min_zoom >= 8


def test_a_city_of_its_own_is_not_taken_for_a_district(built: dict[str, places.Place]) -> None:
    assert built["Suzhou"].min_zoom <= 6


def test_a_capital_speaks_for_the_town_that_it_has_grown_together_with(
    built: dict[str, places.Place],
) -> None:
    assert built["New Delhi"].capital == places.NATIONAL
    assert built["New Delhi"].min_zoom == 4
    assert built["Delhi"].min_zoom > built["New Delhi"].min_zoom


def test_but_not_for_a_town_in_another_country(built: dict[str, places.Place]) -> None:
    assert built["Kinshasa"].min_zoom == built["Brazzaville"].min_zoom == 2
    assert built["Kinshasa"].rank < built["Brazzaville"].rank


def test_a_capital_may_be_known_by_another_name(built: dict[str, places.Place]) -> None:
    assert built["Peking"].capital == places.NATIONAL


def test_capitals_of_territories_are_not_capitals_of_states(
    built: dict[str, places.Place],
) -> None:
    assert built["Basse-Terre"].capital == places.DEPENDENT
    # Two zooms early because it stands alone, and not four.
    assert built["Basse-Terre"].min_zoom == 8


def test_a_town_with_its_countrys_name_waits_until_that_has_left(
    built: dict[str, places.Place],
) -> None:
    assert built["Monaco"].min_zoom == places.FROM_NAMESAKE
    assert places.namesakes(list(built.values()), NAMES) == {"MC": places.FROM_NAMESAKE}


def test_ranks_are_one_order_of_all(built: dict[str, places.Place]) -> None:
    assert sorted(place.rank for place in built.values()) == list(range(1, len(built) + 1))


def test_projection_puts_poles_on_the_edge_and_is_even() -> None:
    x, y = forward(np.array([[180.0, 90.0], [-180.0, -90.0]])).T
    assert x.tolist() == [20037508.343, -20037508.343]
    assert y.tolist() == pytest.approx([20037508.343, -20037508.343])
