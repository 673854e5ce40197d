"""The load generators tell right answers from wrong ones, on the tests' own site."""

import pytest

from benchmarks.load import crowd, wrk
from benchmarks.load.answer import Content, content_of
from benchmarks.load.client import Client
from benchmarks.load.wrk import Walk

PATHS = tuple(f"/tiles/world/3/{x}/{y}.mvt" for x in range(3, 6) for y in range(2, 5))

# Not all of them are empty.
FULL = PATHS[1]


@pytest.fixture(scope="module")
def right(site: str) -> dict[str, Content]:
    """What the paths hold."""
    client = Client(site, {"Accept-Encoding": "gzip"})
    found = {path: content_of(client.get(path)) for path in PATHS}
    client.close()
    return {path: content for path, content in found.items() if content is not None}


@pytest.fixture
def wrong(right: dict[str, Content]) -> dict[str, Content]:
    """The same with one path that should hold something else."""
    return {**right, FULL: Content(right[FULL].crc ^ 1, right[FULL].size)}


def test_a_client_reads_the_same_content_in_both_codings(
    site: str, right: dict[str, Content]
) -> None:
    client = Client(site)
    plain = [client.get(path) for path in PATHS]
    client.close()
    assert [content_of(answer) for answer in plain] == list(right.values())
    assert all("content-encoding" not in answer.headers for answer in plain)


@pytest.mark.parametrize("coding", ["gzip", ""])
def test_a_walk_asks_for_each_path_once(site: str, right: dict[str, Content], coding: str) -> None:
    found = wrk.once(Walk(site, PATHS, coding=coding, expected=right), connections=4)
    assert (found.answers, found.errors) == (len(PATHS), 0)
    assert (found.checked, found.wrong) == (len(PATHS), 0)


def test_a_walk_notices_one_wrong_content(site: str, wrong: dict[str, Content]) -> None:
    assert wrk.once(Walk(site, PATHS, expected=wrong), connections=4).wrong == 1


def test_a_walk_counts_what_is_no_tile(site: str, right: dict[str, Content]) -> None:
    paths = (*PATHS, "/tiles/nothing/0/0/0.mvt")
    found = wrk.once(Walk(site, paths, expected=right), connections=2)
    assert (found.answers, found.errors) == (len(paths), 1)


def test_a_loop_compares_a_sample(site: str, wrong: dict[str, Content]) -> None:
    only = {FULL: wrong[FULL]}
    found = wrk.over_and_over(Walk(site, PATHS, expected=only), connections=2, seconds=1)
    assert found.answers > 0
    assert found.checked == found.wrong > 0


def test_a_crowd_is_answered_alike(site: str, right: dict[str, Content]) -> None:
    met = crowd.ask(site, FULL, 30)
    assert met.statuses == {200: 30}
    assert (met.measure.errors, met.measure.wrong) == (0, 0)
    assert met.contents == [right[FULL]] * 3


def test_who_rests_asks_less(site: str) -> None:
    rested = wrk.over_and_over(Walk(site, PATHS, pause=100), connections=4, seconds=2)
    assert rested.errors == 0
    # Four that rest for a tenth of a second each: some 40 a second, and never 80.
    assert 8 < rested.rate < 80
