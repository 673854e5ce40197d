"""The connection to Redis: made again when it was closed, refused once when Redis is another."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeout

from tests.children import said_by_a_child
from tileserver import redis_link

NUMBER = "local n = redis.call('GET', KEYS[1]) return {n or 'none', ARGV[1]}"


def cut() -> None:
    """End the connection that is used next."""
    number = redis_link.ask("CLIENT", "ID")
    get_redis_connection("tiles").client_kill_filter(_id=number)


def test_a_connection_that_was_closed_while_it_rested_is_made_again() -> None:
    first = redis_link.ask("CLIENT", "ID")
    cut()
    assert redis_link.ask("CLIENT", "ID") not in (None, first)


def test_another_redis_is_refused_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = redis_link.run_id()
    monkeypatch.setattr(redis_link, "known", "another")
    cut()
    with pytest.raises(RedisConnectionError, match="restarted or replaced"):
        redis_link.ask("PING")
    assert redis_link.ask("PING") in (b"PONG", True)
    assert redis_link.run_id() == known


def test_a_fault_of_the_command_is_told_and_the_connection_kept() -> None:
    first = redis_link.ask("CLIENT", "ID")
    with pytest.raises(ResponseError, match="unknown command"):
        redis_link.ask("NONSENSE")
    assert redis_link.ask("CLIENT", "ID") == first


def test_a_script_that_redis_has_forgotten_is_told_again() -> None:
    for _ in range(2):
        redis_link.ask("SCRIPT", "FLUSH")
        assert redis_link.run(NUMBER, ["g:no such key"], [7]) == [b"none", b"7"]


def test_who_asks_at_the_same_time_has_a_connection_each() -> None:
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda n: redis_link.ask("ECHO", str(n)), range(200)))
    assert numbers == [str(n).encode() for n in range(200)]


def test_a_child_takes_no_connection_of_its_parent() -> None:
    parent = redis_link.ask("CLIENT", "ID")
    said = said_by_a_child(lambda: str(redis_link.ask("CLIENT", "ID")))
    assert int(said) != parent
    assert redis_link.ask("CLIENT", "ID") == parent


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    first = redis_link.ask("CLIENT", "ID")
    with pytest.raises(RedisTimeout, match="does not answer"):
        redis_link.ask("BLPOP", "g:no such key", 1)
    assert redis_link.ask("ECHO", "mine") == b"mine"
    assert redis_link.ask("CLIENT", "ID") != first


def test_an_answer_may_come_in_parts() -> None:
    long = "part" * 1_000_000
    assert redis_link.ask("ECHO", long) == long.encode()
