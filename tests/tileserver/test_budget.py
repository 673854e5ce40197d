"""The byte budget: what is cut, that the data alone decide it, and what is remembered."""

import itertools
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django_redis import get_redis_connection

from core import snapshot
from core.publishing import publish_tileset
from core.selection import Selection, select
from tests.database import execute
from tests.odd import OddTable, Published, decode, forget_tiles, publish_odd, unpacked
from tileserver import budget, cache, cuts, db, metrics, series
from tileserver.budget import LADDER, allowances
from tileserver.cuts import Cut
from tileserver.params import NONE, Params
from tileserver.render import place
from tileserver.tile import Tile

TILE = Tile(3, 4, 3)
BY_RANK = {"rank_column": "rank"}


@pytest.fixture(autouse=True)
def _nothing_kept(django_db_setup: None) -> None:
    forget_tiles()


def chosen(name: str) -> Selection:
    """What is published under a name now."""
    snapshot.forget()
    return select(snapshot.current(), name)


def fitted(selection: Selection, params: Params = NONE) -> budget.Fitted:
    """The tile rendered now, whatever the cache of tiles holds."""
    return budget.fit(series.of(selection, TILE.z, params), TILE)


def drawn(mvt: bytes, layer: str = "heavy") -> list[int | None]:
    """The feature ids in their order."""
    return [one.id for one in decode(mvt, (TILE.z, TILE.x, TILE.y)).get(layer, [])]


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The labels of the statements that are run meanwhile."""
    seen: list[str] = []
    run = db.run

    def counting(query: Any, *rest: Any) -> Any:
        seen.append(query.label)
        return run(query, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(db, "run", counting)
        yield seen


def remember(selection: Selection, limit: int) -> None:
    """Let Redis say that the first Layer was cut to this limit."""
    found = (Cut(selection.layers[0].id, limit, 999, 99999, 9),)
    cuts.remember(spot(selection), found)


def spot(selection: Selection, tile: Tile = TILE) -> cuts.Place:
    """Where it is remembered what was cut."""
    return cuts.place(series.of(selection, tile.z), tile)


def test_the_ladder_rises_by_a_fifth_at_most_beyond_the_smallest() -> None:
    assert LADDER[:10] == (0, 1, 2, 3, 4, 5, 6, 7, 8, 10)
    steps = [(low, high) for low, high in itertools.pairwise(LADDER) if low >= 16]
    assert all(1 < high / low < 1.22 for low, high in steps)
    assert set(budget.COARSE) < set(LADDER)


@pytest.mark.parametrize(
    ("sizes", "own", "total", "expected"),
    [
        ([10, 10], [100, 100], 50, [100, 100]),  # all fit
        ([10, 90], [100, 50], 500, [100, 50]),  # one is over its own
        ([10, 90, 90], [100, 100, 100], 100, [45, 45, 45]),  # the light one leaves of its share
        ([10, 90, 30], [100, 100, 100], 100, [60, 60, 60]),
        ([90, 90], [20, 100], 100, [20, 80]),  # never more than its own
        ([5], [4], 3, [3]),
    ],
)
def test_the_heavy_share_what_the_light_leave(
    sizes: list[int], own: list[int], total: int, expected: list[int]
) -> None:
    assert allowances(sizes, own, total) == expected


def test_shares_never_exceed_the_budget_and_cut_only_the_heavy() -> None:
    dice = random.Random(4)
    for _ in range(500):
        sizes = [dice.randrange(1000) for _ in range(dice.randrange(1, 9))]
        own = [dice.randrange(1, 1000) for _ in sizes]
        total = dice.randrange(1, 3000)
        allowed = allowances(sizes, own, total)
        given = [min(size, most) for size, most in zip(sizes, allowed, strict=True)]
        assert sum(given) <= total
        assert all(most <= mine for most, mine in zip(allowed, own, strict=True))
        whole = sum(map(min, sizes, own)) <= total
        assert not whole or allowed == own


def test_what_fits_is_one_statement_and_is_not_cut(
    odd: OddTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd("heavy", **BY_RANK)
    with statements(monkeypatch) as seen:
        found = fitted(chosen("heavy"))
    assert seen == ["heavy"]
    assert (len(drawn(found.mvt)), found.cuts) == (299, ())


def test_over_the_budget_features_go_by_rank_and_the_largest_limit_that_fits_stays(
    odd: OddTable,
) -> None:
    odd("heavy", **BY_RANK)
    selection = chosen("heavy")
    whole = fitted(selection).mvt
    small = replace(selection.layers[0], byte_budget=len(whole) // 5)
    found = fitted(replace(selection, layers=(small,)))
    [cut] = found.cuts
    kept = drawn(found.mvt)
    assert kept == drawn(whole)[: cut.limit]
    assert (cut.features, cut.whole, cut.bytes) == (299, len(whole), len(found.mvt))
    assert len(found.mvt) <= small.byte_budget
    following = LADDER[LADDER.index(cut.limit) + 1]
    limited = replace(small, byte_budget=10**9, feature_limit=following + 1)  # one is not drawn
    assert len(fitted(replace(selection, layers=(limited,))).mvt) > small.byte_budget


def test_every_budget_is_kept_and_the_bytes_are_the_same_whatever_is_remembered(
    odd: OddTable,
) -> None:
    odd("heavy", **BY_RANK)
    selection = chosen("heavy")
    whole = len(fitted(selection).mvt)
    for allowed in (whole, whole - 1, whole // 2, whole // 9, 900, 90, 9):
        one = replace(
            selection, byte_budget=allowed,
            layers=(replace(selection.layers[0], byte_budget=allowed),),
        )  # fmt: skip
        cuts.remember(spot(one), ())
        fresh = fitted(one)
        assert len(fresh.mvt) <= allowed
        assert bool(fresh.cuts) == (allowed < whole)
        for limit in {0, 1, 7, 64, 256, 304, 5000, *(cut.limit for cut in fresh.cuts)}:
            remember(one, limit)
            assert fitted(one).mvt == fresh.mvt, (allowed, limit)


def test_the_limit_that_fitted_saves_the_search(
    odd: OddTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd("heavy", byte_budget=5000, **BY_RANK)
    selection = chosen("heavy")
    with statements(monkeypatch) as seen:
        first = fitted(selection)
    assert seen == ["heavy", "heavy cut", "heavy cut"]
    with statements(monkeypatch) as seen:
        assert fitted(selection).mvt == first.mvt
    assert seen == ["heavy cut"]
    assert fitted(selection).cuts == first.cuts


def test_a_row_that_is_only_near_changes_nothing(odd: OddTable) -> None:
    odd("heavy", byte_budget=5000, **BY_RANK)
    before = fitted(chosen("heavy"))
    assert 1 not in drawn(before.mvt)
    execute("DELETE FROM odd.heavy WHERE id = 1")
    assert fitted(chosen("heavy")) == before
    cuts.remember(spot(chosen("heavy")), ())
    assert fitted(chosen("heavy")) == before


def test_it_grows_and_shrinks_with_the_data(odd: OddTable) -> None:
    odd("heavy", byte_budget=9000, **BY_RANK)
    selection = chosen("heavy")
    few = fitted(selection).cuts[0].limit
    execute("UPDATE odd.heavy SET geom = ST_Buffer(ST_Centroid(geom), 0.5, 1) WHERE id > 1")
    more = fitted(selection)
    assert len(drawn(more.mvt)) > few
    execute("DELETE FROM odd.heavy WHERE id > 40")
    assert fitted(selection).cuts == ()
    assert cuts.recall(series.of(selection, TILE.z), TILE) == {}
    execute("UPDATE odd.heavy SET geom = ST_Buffer(ST_Centroid(geom), 0.9, 40) WHERE id > 1")
    assert len(fitted(selection).mvt) <= 9000


def test_a_layer_whose_first_feature_is_too_much_is_left_out(odd: OddTable) -> None:
    table = odd("heavy", byte_budget=500, **BY_RANK)
    execute("UPDATE odd.heavy SET geom = ST_Buffer(ST_Centroid(geom), 0.9, 400) WHERE id > 1")
    found = fitted(chosen("heavy"))
    assert (found.mvt, found.cuts[0].limit) == (b"", 0)
    assert fitted(chosen("heavy")) == found, "as remembered"
    assert table.answer((3, 4, 3)).status_code == 204


def test_names_that_our_sql_uses_are_no_trouble(odd: OddTable) -> None:
    odd("clashing_names")
    execute("INSERT INTO odd.clashing_names (id, t, shape) SELECT n, 'a long text ' || n, shape"
            " FROM odd.clashing_names, generate_series(20, 90) n")  # fmt: skip
    publish_odd("clashing_names", byte_budget=1000)
    found = fitted(chosen("clashing_names"))
    features = decode(found.mvt, (3, 4, 3))["clashing_names"]
    assert len(features) == found.cuts[0].limit > 5
    assert features[0].properties["t"] == "a t"
    assert features[1].properties == {"t": "a long text 20"}


def test_properties_that_are_left_out_leave_room_for_more(odd: OddTable) -> None:
    odd("heavy", byte_budget=5000, **BY_RANK)
    selection = chosen("heavy")
    assert fitted(selection, Params(())).cuts[0].limit > fitted(selection).cuts[0].limit


@pytest.fixture
def pair(odd: OddTable) -> list[Published]:
    """A heavy Layer and a light one."""
    return [odd("heavy", **BY_RANK), odd("ranked")]


def test_a_tileset_shares_one_budget_and_the_light_layer_stays_whole(
    pair: list[Published],
) -> None:
    publish_tileset("both", ["heavy", "ranked"], byte_budget=8000)
    light = fitted(chosen("ranked"))
    found = fitted(chosen("both"))
    assert [cut.layer_id for cut in found.cuts] == [pair[0].layer.pk]
    assert 6000 < len(found.mvt) <= 8000
    assert drawn(found.mvt, "ranked") == drawn(light.mvt, "ranked")
    assert fitted(chosen("both")).mvt == found.mvt


def test_the_same_layers_under_another_budget_are_another_tile(pair: list[Published]) -> None:
    publish_tileset("both", ["heavy", "ranked"], byte_budget=8000)
    assert place(chosen("both"), TILE).key != place(chosen("heavy,ranked"), TILE).key
    assert place(chosen("heavy"), TILE).key.count("/") == 3, "its own budget is no other's"
    small, large = (
        unpacked(Client().get(f"/tiles/{name}/3/4/3.mvt")) for name in ("both", "heavy,ranked")
    )
    assert len(small) <= 8000 < len(large)


def test_both_heavy_layers_of_a_tileset_are_cut(
    pair: list[Published], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_tileset("both", ["heavy", "ranked"], byte_budget=1200)
    with statements(monkeypatch) as seen:
        found = fitted(chosen("both"))
    assert [cut.layer_id for cut in found.cuts] == sorted(one.layer.pk for one in pair)
    assert len(found.mvt) <= 1200
    assert len(seen) == 5
    with statements(monkeypatch) as seen:
        assert fitted(chosen("both")).mvt == found.mvt
    assert sorted(seen) == ["heavy cut", "ranked cut"]


def test_when_the_light_layer_grows_the_heavy_one_gives_way(pair: list[Published]) -> None:
    publish_tileset("both", ["heavy", "ranked"], byte_budget=8000)
    before = fitted(chosen("both")).cuts
    execute("INSERT INTO odd.ranked SELECT n, 1, ST_SetSRID(ST_MakePoint(n / 100.0, 2), 4326)"
            " FROM generate_series(101, 400) n")  # fmt: skip
    found = fitted(chosen("both"))
    assert found.cuts[0].limit < before[0].limit
    assert len(found.mvt) <= 8000
    remembered = fitted(chosen("both"))
    assert remembered.mvt == found.mvt


def test_the_worst_are_told_until_they_fit(pair: list[Published]) -> None:
    selection = chosen("heavy")
    small = replace(selection, layers=(replace(selection.layers[0], byte_budget=5000),))
    before = metrics.over_budget.labels("z0-5")._value.get()
    cut = fitted(small).cuts[0]
    [told] = [one for one in budget.worst() if one.layer == "heavy"]
    assert (told.tile, told.bytes_before, told.bytes_after) == (TILE, cut.whole, cut.bytes)
    assert (told.features_before, told.features_after) == (cut.features, cut.limit)
    assert metrics.over_budget.labels("z0-5")._value.get() == before + 1
    execute("DELETE FROM odd.heavy WHERE id > 5")
    assert fitted(small).cuts == ()
    assert not [one for one in budget.worst() if one.layer == "heavy"]


def test_another_generation_is_not_told(pair: list[Published]) -> None:
    publish_odd("heavy", byte_budget=5000, **BY_RANK)
    assert fitted(chosen("heavy")).cuts
    assert [one.layer for one in budget.worst()] == ["heavy"]
    publish_odd("heavy", byte_budget=5001, **BY_RANK)
    snapshot.forget()
    assert budget.worst() == []


def test_records_are_bounded_and_the_worst_stay(
    pair: list[Published], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuts, "MOST_WORST", 3)
    monkeypatch.setattr(cuts, "MOST_TILES", 2)
    selection = chosen("heavy")
    layer = selection.layers[0].id
    for x in range(6):
        where = spot(selection, Tile(5, x, 7))
        cuts.remember(where, (Cut(layer, 3, 9, 1000 + x, 10),))
    assert [one.tile.x for one in budget.worst()] == [5, 4, 3]
    kept = [cuts.recall(series.of(selection, 5), Tile(5, x, 7)) for x in range(6)]
    assert [bool(one) for one in kept] == [True, True, False, False, False, False]
    redis = get_redis_connection("tiles")
    assert all(redis.ttl(key) > 0 for key in redis.keys("*:over*") + redis.keys("*:cuts:*"))


def test_without_redis_it_is_cut_just_the_same(
    odd: OddTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd("heavy", byte_budget=5000, **BY_RANK)
    first = fitted(chosen("heavy"))
    monkeypatch.setattr(cache.away, "until", math.inf)
    assert fitted(chosen("heavy")) == first
    assert budget.worst() == []


def test_the_passport_says_what_is_cut(odd: OddTable) -> None:
    odd("heavy", byte_budget=5000, **BY_RANK)
    out = StringIO()
    call_command("tile", "heavy", "3/4/3", stdout=out)
    cut = fitted(chosen("heavy")).cuts[0]
    assert f"cut: heavy to {cut.limit} of 299 features, from {cut.whole:,} bytes" in out.getvalue()
