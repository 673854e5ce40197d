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
from ssl import SSLSocket
from typing import Any, NoReturn

from django_redis import get_redis_connection
from hiredis import PushNotification, Reader, pack_command
from redis._parsers import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from tileserver import patience

RUN_ID_DIGITS, RECEIVE_BYTES = 8, 65536
# What a reader gives that wants more bytes.
_MORE = object()
_lock = threading.Lock()
# What `run_id` gives, "" before anything was asked of Redis.
known = ""
_client: Any = None
# Those that nobody uses just now, the one that was used last at the end.
_resting: "deque[_Link]" = deque()
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
    if not known:
        client().ping()
    return known


def run(script: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
    """What a Lua script gives; raises RedisError."""
    rest = (len(keys), *keys, *args)
    try:
        return ask("EVALSHA", _sha1(script), *rest)
    except NoScriptError:
        return ask("EVAL", script, *rest)


def ask(*words: Any) -> Any:
    """The answer to one command; raises RedisError.

    A connection that was closed while it rested is made again. `words` are bytes, texts and
    numbers, the first of them without a space.
    """
    try:
        link = _resting.pop()
    except IndexError:
        return _Link().answer(words)
    try:
        return link.answer(words)
    except RedisConnectionError:
        return _Link().answer(words)


class _Link:
    """A connection that the client sets up, and that is then asked in the shortest way.

    The client's own takes 25 calls and four looks at the socket for what two calls do: it sees
    whether the connection is alive, waits for it in Python, and keeps accounts.
    """

    def __init__(self) -> None:
        self._connection = client().connection_pool.make_connection()
        self._connection.connect_check_health(check_health=False)
        self._socket = self._connection._sock
        self._reader = Reader(InvalidResponse, BaseParser.parse_error, notEnoughData=_MORE)
        if self._socket.timeout and not isinstance(self._socket, SSLSocket):
            patience.wait_at_most(self._socket, self._socket.timeout)

    def answer(self, words: tuple[Any, ...]) -> Any:
        """The answer to these; then it rests, unless it is broken."""
        reader = self._reader
        try:
            self._socket.sendall(pack_command(words))
            while (found := reader.gets()) is _MORE or isinstance(found, PushNotification):
                if found is _MORE:
                    reader.feed(self._socket.recv(RECEIVE_BYTES) or _closed())
        except BaseException as fault:
            # What is left of the answer must not be taken for that of the next command.
            self._connection.disconnect()
            if isinstance(fault, TimeoutError | BlockingIOError):
                raise RedisTimeout("Redis does not answer.") from fault
            if isinstance(fault, OSError):
                raise RedisConnectionError(f"Redis is gone: {fault}") from fault
            raise
        _resting.append(self)
        if isinstance(found, RedisError):
            raise found
        return found


def _closed() -> NoReturn:
    raise RedisConnectionError("Redis has closed the connection.")


@lru_cache(64)
def _sha1(script: str) -> str:
    """The name by which Redis knows a script."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


def _greet(connection: Any) -> None:
    """Set a new connection up as usual, and see whether it is the Redis that we know."""
    global known
    connection.on_connect()
    connection.send_command("INFO", "server", check_health=False)
    found = _parse(connection.read_response())
    with _lock:
        before, known = known, found
    if before not in ("", found):
        raise RedisConnectionError("Redis was restarted or replaced")


def _parse(info: bytes | str) -> str:
    text = info.decode() if isinstance(info, bytes) else info
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return lines["run_id"].strip()[:RUN_ID_DIGITS]
