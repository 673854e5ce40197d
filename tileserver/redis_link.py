"""The connection to the Redis that keeps tiles, and which Redis that is.

A Redis that restarts may come back with old content, and one that fails over may lack the newest.
So its run id is part of every key, and a connection that meets another run id than the last is
refused once: whatever was being asked of it, was asked with the wrong keys.
"""

import threading
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisConnectionError

RUN_ID_DIGITS = 8
_lock = threading.Lock()
_run_id = ""
_client: Any = None
_scripts: dict[str, Any] = {}


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


def script(text: str) -> Any:
    """The Lua script `text`, ready to be called on the client."""
    here = client()
    made = _scripts.get(text)
    if made is None or made.registered_client is not here:
        made = _scripts[text] = here.register_script(text)
    return made


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


def reset() -> None:
    """Forget client and run id: for tests and after a fork."""
    global _run_id, _client
    with _lock:
        if _client is not None:
            _client.connection_pool.disconnect()
        _run_id, _client = "", None
