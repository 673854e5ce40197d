"""What is left out at a zoom, and what a limit cuts."""

import mercantile
import pytest

from core.publishing import CannotPublish
from tests.odd import OddTable, load, publish_odd

OVERVIEWS = [("odd.overviews_coarse", 0, 1), ("odd.overviews_middle", 2, 3)]


@pytest.mark.parametrize(
    ("zoom", "expected"),
    [(0, {1, 2, 7}), (2, {1, 2, 3, 4, 7}), (3, {1, 3, 4, 5}), (5, {1, 3, 4}), (20, {1, 3, 4})],
)
def test_a_feature_has_zooms_of_its_own(odd: OddTable, zoom: int, expected: set[int]) -> None:
    table = odd("zoom_columns", min_zoom_column="appears", max_zoom_column="leaves")
    column, row, _ = mercantile.tile(1, 1, zoom)
    assert table.ids(zoom, column, row) == expected


def test_outside_of_the_zooms_of_a_layer_tiles_are_empty_and_cost_no_sql(odd: OddTable) -> None:
    table = odd("zoom_columns", min_zoom=2, max_zoom=4)
    for address in [(0, 0, 0), (1, 0, 0), (5, 16, 15), (24, 0, 0)]:
        answer = table.answer(address)
        assert answer.status_code == 204
        assert answer.headers["Cache-Status"] == "graticule; fwd=miss; detail=outside"
    assert table.ids(2, 2, 1)


def test_a_limit_cuts_by_rank_and_the_key_decides_between_equals(odd: OddTable) -> None:
    table = odd("ranked", rank_column="rank", feature_limit=15)
    found = [one.id for one in table.features(0, 0, 0)]
    assert found == [*range(91, 101), *range(81, 86)]


def test_features_without_a_rank_are_cut_first(odd: OddTable) -> None:
    table = odd("ranked", rank_column="rank", feature_limit=99)
    assert set(range(1, 101)) - table.ids(0, 0, 0) == {50}


def test_without_a_rank_the_key_says_what_a_limit_cuts(odd: OddTable) -> None:
    table = odd("ranked", feature_limit=10)
    assert [one.id for one in table.features(0, 0, 0)] == list(range(1, 11))


def test_a_limit_counts_what_is_in_the_tile(odd: OddTable) -> None:
    table = odd("ranked", rank_column="rank", feature_limit=1)
    # Number 1 is of the lowest rank, but alone in its tile of 0.02 degrees.
    column, row, zoom = mercantile.tile(0.1, 1, 14)
    assert table.ids(zoom, column, row) == {1}


@pytest.mark.parametrize(("zoom", "source"), [(0, "coarse"), (1, "coarse"), (2, "middle"),
                                              (3, "middle"), (4, "whole")])  # fmt: skip
def test_each_band_of_zooms_is_made_from_its_overview(
    odd: OddTable, zoom: int, source: str
) -> None:
    table = odd("overviews", overviews=OVERVIEWS)
    column, row, _ = mercantile.tile(1, 1, zoom)
    features = table.features(zoom, column, row)
    assert {one.properties["source"] for one in features} == {source}


def test_another_overview_raises_the_generation_and_the_same_does_not(odd: OddTable) -> None:
    first = odd("overviews", overviews=OVERVIEWS).layer.generation
    assert publish_odd("overviews", overviews=OVERVIEWS).layer.generation == first
    assert publish_odd("overviews", overviews=OVERVIEWS[:1]).layer.generation == first + 1


def test_an_overview_without_the_columns_is_refused(committed: None) -> None:
    load("overviews")
    with pytest.raises(CannotPublish, match="lacks the columns source"):
        publish_odd("overviews", overviews=[("odd.overviews_lacking", 0, 1)])
