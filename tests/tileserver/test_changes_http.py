"""`/tiles/{tileset}/changes` over HTTP: what it answers, to whom, by Django and by the front."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from core import snapshot
from tests.database import execute
from tests.listening import wait_for_belief
from tests.odd import OddTable, publish_odd
from tests.raw import Answer, request
from tileserver import process
from tileserver.changes import Feed

PATH = "/tiles/world/changes"
FEED_HEADERS = {
    "content-type": "application/json",
    "cache-control": "public, max-age=1",
    "vary": "Accept-Encoding",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}


def ask(client: Client, query: str = "", path: str = PATH) -> dict[str, Any]:
    """The answer's document; asserts that there is one."""
    answer = client.get(f"{path}{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_the_position_and_what_a_map_must_know(stranger: Client) -> None:
    wait_for_belief()
    answer = ask(stranger)
    assert answer["verified"]
    assert not answer["reset"]
    assert (answer["boxes"], answer["tiles"]) == ([], [])
    assert isinstance(answer["seq"], int)
    assert 0 < answer["buffer"] < 0.5
    again = ask(stranger, f"?since={answer['seq']}&epoch={answer['epoch']}")
    assert not again["reset"]
    assert again["epoch"] == answer["epoch"]


def test_what_came_before_this_process_is_a_reset(stranger: Client) -> None:
    wait_for_belief()
    assert ask(stranger, "?since=999999999999")["reset"]
    assert ask(stranger, "?ago=86400")["reset"]
    seq = ask(stranger)["seq"]
    assert ask(stranger, f"?since={seq}&epoch=other")["reset"]


@pytest.mark.parametrize(
    "query", ["?since=x", "?since=-1", "?since=", "?ago=1.5", "?since=1&ago=1", "?properties=name"]
)
def test_a_question_that_is_none(stranger: Client, query: str) -> None:
    answer = stranger.get(f"{PATH}{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_other_methods(stranger: Client) -> None:
    assert stranger.head(PATH).status_code == 200
    assert stranger.options(PATH).status_code == 204
    assert stranger.post(PATH).status_code == 405


def test_composites_and_single_layers_have_a_feed(stranger: Client) -> None:
    one = ask(stranger, path="/tiles/world_places/changes")
    several = ask(stranger, path="/tiles/world_places,world_lakes/changes")
    assert one["epoch"] != several["epoch"]


def test_what_may_not_be_seen_is_not_there(odd: OddTable, stranger: Client, staff: Client) -> None:
    odd("text_ids", access="staff")
    missing = stranger.get("/tiles/absent/changes")
    hidden = stranger.get("/tiles/text_ids/changes")
    assert (missing.status_code, hidden.status_code) == (404, 404)
    assert hidden.json()["detail"] == missing.json()["detail"].replace("absent", "text_ids")
    seen = staff.get("/tiles/text_ids/changes")
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "private, max-age=1"
    assert "Access-Control-Allow-Origin" not in seen.headers


def test_another_generation_is_another_epoch(odd: OddTable) -> None:
    published = odd("text_ids")
    client, path = Client(), "/tiles/text_ids/changes"
    before = ask(client, path=path)
    published.layer.raise_generation()
    snapshot.forget()
    after = ask(client, f"?since={before['seq']}&epoch={before['epoch']}", path)
    assert after["epoch"] != before["epoch"]
    if after["verified"]:
        assert after["reset"]


def test_changes_that_nobody_tells_of_are_to_be_looked_for(odd: OddTable) -> None:
    published = odd("text_ids")
    client, path = Client(), "/tiles/text_ids/changes"
    for freshness, reload, age in (("ttl", 60, 120), ("polled", 0, 30), ("tracked", 0, 0)):
        type(published.layer).objects.filter(pk=published.layer.pk).update(
            freshness=freshness, ttl_seconds=60, poll_seconds=30
        )
        snapshot.forget()
        wait_for_belief()
        answer = ask(client, path=path)
        assert (answer["reload"], answer["age"]) == (reload, age), freshness


def test_editors_of_a_held_layer_are_not_told_that_their_map_is_live(
    odd: OddTable, staff: Client, stranger: Client
) -> None:
    odd("text_ids")
    call_command("hold", "text_ids")
    snapshot.forget()
    wait_for_belief()
    path = "/tiles/text_ids/changes"
    assert stranger.get(f"/preview{path}").status_code == 404
    edited, public = ask(staff, path=f"/preview{path}"), ask(stranger, path=path)
    assert (public["reload"], public["age"]) == (0, 0)
    assert (edited["reload"], edited["age"]) == (10, 10)


@pytest.fixture
def feed(stranger: Client) -> Iterator[Feed]:
    """The feed of this process, which forgets afterwards what a test told it."""
    wait_for_belief()
    found = process.current().feed
    yield found
    found.forget()


def test_news_reach_the_answer(feed: Feed, stranger: Client) -> None:
    before = ask(stranger)
    [first, *_] = snapshot.current().tilesets["world"].layers
    news = {str(first.id): {"boxes": [[71, 51, 72, 52]], "tiles": [[3, 5, 2]], "whole": False}}
    feed.on_change(before["seq"] + 1, news)
    deadline = time.monotonic() + 10
    while (after := ask(stranger, f"?since={before['seq']}"))["seq"] == before["seq"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (after["boxes"], after["tiles"]) == ([[71, 51, 72, 52]], [[3, 5, 2]])
    assert after["minzoom"] == first.min_zoom
    other = next(iter(snapshot.current().tilesets["astana"].layers))
    assert ask(stranger, f"?since={before['seq']}", f"/tiles/{other.name}/changes")["boxes"] == []


def told(answer: Answer) -> dict[str, str]:
    return {name: answer.headers.get(name, "") for name in FEED_HEADERS}


@pytest.mark.slow
def test_the_front_answers_as_django_does(site: str) -> None:
    """Django gives each answer an id, the front none: so they can be told apart."""
    answers: list[Answer] = []
    deadline = time.monotonic() + 20
    while not answers or "x-request-id" in answers[-1].headers:
        assert time.monotonic() < deadline
        answers.append(request(site, PATH))
        time.sleep(0.02)
    first, last = answers[0], answers[-1]
    assert "x-request-id" in first.headers
    assert told(first) == told(last) == FEED_HEADERS
    assert last.json() == {**first.json(), "verified": True, "age": last.json()["age"]}
    assert request(site, PATH, method="HEAD").body == b""
    assert request(site, f"{PATH}?since=x").status == 400
    assert request(site, PATH, headers={"Accept-Encoding": "identity;q=0"}).status == 406
    assert request(site, PATH, headers={"Host": "elsewhere.example"}).status == 400


def test_a_withdrawn_tileset_has_no_feed(odd: OddTable, site: str) -> None:
    published = odd("text_ids")
    path = "/tiles/text_ids/changes"
    deadline = time.monotonic() + 20
    while "x-request-id" in (answer := request(site, path)).headers or answer.status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    published.layer.state = "draft"
    published.layer.save()
    while {request(site, path).status for _ in range(10)} != {404}:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_commit_is_told_by_every_process_and_then_every_process_has_the_new_tile(
    odd: OddTable, site: str
) -> None:
    """Two processes: who hears of a change from one may ask the other for the tile."""
    execute("CREATE TABLE odd.towns (id int PRIMARY KEY, name text, geom geometry(Point, 4326))")
    execute("INSERT INTO odd.towns VALUES (1, 'old', 'SRID=4326;POINT(71.4 51.1)')")
    assert publish_odd("towns").layer.freshness == "tracked"
    path, tile = "/tiles/towns/changes", "/tiles/towns/0/0/0.mvt"
    started = until(site, path, lambda answer: bool(answer.get("verified")))
    assert b"old" in request(site, tile).body
    since = f"{path}?since={started['seq']}&epoch={started['epoch']}"

    execute("UPDATE odd.towns SET name = 'new' WHERE id = 1")
    told = until(site, since, lambda answer: bool(answer["boxes"]))
    assert all(b"new" in request(site, tile).body for _ in range(20))
    [[west, south, east, north]] = told["boxes"]
    assert west <= 71.4 <= east
    assert south <= 51.1 <= north
    assert max(east - west, north - south) < 0.001
    after = until(site, f"{path}?since={told['seq']}", lambda answer: not answer["boxes"])
    assert after["seq"] >= told["seq"]


def until(site: str, path: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first of ten answers in a row, by whatever process, that all meet a condition."""
    deadline = time.monotonic() + 20
    while True:
        answers = [request(site, path).json() for _ in range(10)]
        if all(condition(answer) for answer in answers):
            return answers[0]  # type: ignore[no-any-return]
        assert time.monotonic() < deadline, answers[-1]
        time.sleep(0.02)
