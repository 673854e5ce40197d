"""The connection to the Redis that keeps tiles, and which Redis that is.

A Redis that restarts may come back with old content, and one that fails over may lack the newest.
So its run id is part of every key, and a connection that meets another run id than the last is
refused once: whatever was being asked of it, was asked with the wrong keys.
"""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django_redis import get_redis_connection
from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError

RUN_ID_DIGITS = 8
_lock = threading.Lock()
_run_id = ""
_client: Any = None
# Connections that nobody uses just now, the one that was used last at the end.
_resting: deque[Any] = deque()
os.register_at_fork(after_in_child=_resting.clear)


def client() -> Any:
    """The client of the `tiles` cache; every new connection of it is checked."""
    global _client  # noqa: PLW0603 - one client a process, made at first use, after any fork
    with _lock:
        if _client is None:
            made = get_redis_connection("tiles")
            made.connection_pool.connection_kwargs["redis_connect_func"] = _greet
            _client = made
        return _client


def run_id() -> str:
    """Some digits of the run id of the Redis that we talk to; raises RedisError if we cannot."""
    if not _run_id:
        client().ping()
    return _run_id


def run(script: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
    """What a Lua script gives; raises RedisError."""
    rest = (len(keys), *keys, *args)
    try:
        return ask("EVALSHA", _sha1(script), *rest)
    except NoScriptError:
        return ask("EVAL", script, *rest)


def ask(*words: Any) -> Any:
    """The answer to one command, without what the client does around each; raises RedisError.

    The client takes twice the time: it looks at the connection before, packs in Python, and keeps
    accounts after. So one that was closed while it rested is met here, and made again. `words` are
    bytes, texts and numbers, the first of them without a space.
    """
    try:
        connection = _resting.pop()
    except IndexError:
        connection = client().connection_pool.make_connection()
    was_open = connection.is_connected
    try:
        return _answer(connection, words)
    except RedisConnectionError:
        if not was_open:
            raise
        return _answer(connection, words)
    finally:
        _resting.append(connection)


def _answer(connection: Any, words: tuple[Any, ...]) -> Any:
    connection.send_packed_command([pack_command(words)], check_health=False)
    return connection.read_response()


@lru_cache(64)
def _sha1(script: str) -> str:
    """The name by which Redis knows a script."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


def _greet(connection: Any) -> None:
    """Set a new connection up as usual, and see whether it is the Redis that we know."""
    global _run_id
    connection.on_connect()
    connection.send_command("INFO", "server", check_health=False)
    found = _parse(connection.read_response())
    with _lock:
        known, _run_id = _run_id, found
    if known not in ("", found):
        raise RedisConnectionError("Redis was restarted or replaced")


def _parse(info: bytes | str) -> str:
    text = info.decode() if isinstance(info, bytes) else info
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return lines["run_id"].strip()[:RUN_ID_DIGITS]
