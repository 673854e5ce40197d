"""Who asks for a tile has it as soon as it is made: nobody waits until it is kept."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.database import execute
from tests.engine.test_recall import Asker, table
from tests.odd import Published
from tileserver import cache, db, index, process
from tileserver.asked import Asked
from tileserver.tile import Tile
from tileserver.wire import Reply

__all__ = ["table"]


class Client:
    """Asks a front for tile 1/1/0 as the lane does; `events` are what came of it, in order."""

    def __init__(self, table: Published) -> None:
        self.path = f"/tiles/{table.layer.name}/1/1/0.mvt"
        self.asker = Asker()
        self.asker.get(f"/tiles/{table.layer.name}/0/0/0.mvt")
        self.where = table.entry(Tile(1, 1, 0))
        self.events: list[str] = []
        self.early: list[Reply] = []

    def ask(self, version: str = "") -> Reply:
        """The reply, of which early ones are noted."""
        asked = Asked(self.path, "i", version, None, f"{self.path} i")
        found = self.asker.front.recalled(asked, {}, self._send)
        assert found is not None
        return found

    def change(self, table: Published) -> None:
        """Change the row, and have the tile expired, here too."""
        began = process.current().memory.now()
        execute(f"UPDATE odd.{table.layer.relation_name} SET code = code || ' changed'")
        index.expire(db.epoch(), [self.where.key])
        deadline = time.monotonic() + 10
        while process.current().memory.stands(self.where.key, began):
            assert time.monotonic() < deadline, "the expiry is not heard of"
            time.sleep(0.01)

    def _send(self, found: Reply) -> None:
        self.events.append("sent")
        self.early.append(found)


@pytest.fixture
def client(table: Published) -> Client:
    """Of a front that knows the tileset."""
    return Client(table)


def before(target: Any, name: str, then: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Have something done each time before a function is called."""
    call = getattr(target, name)

    def called(*args: Any, **more: Any) -> Any:
        then()
        return call(*args, **more)

    patch.setattr(target, name, called)


def test_a_tile_is_sent_before_it_is_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before(cache, "put", lambda: client.events.append("kept"), monkeypatch)
    assert [client.ask()] == client.early
    assert client.events == ["sent", "kept"]
    assert client.asker.get(client.path, "identity")[1]["Cache-Status"].endswith("detail=memory")


def test_what_changed_while_it_was_made_is_not_sent(
    client: Client, table: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = db.Pool.run

    def overtaken(*args: Any, **more: Any) -> Any:
        row = run(*args, **more)
        if "changed" not in client.events:
            client.events.append("changed")
            client.change(table)
        return row

    monkeypatch.setattr(db.Pool, "run", overtaken)
    found = client.ask()
    assert client.events == ["changed"]
    assert b" changed" in found.body


def test_what_changed_after_it_was_sent_is_kept_nowhere(
    client: Client, table: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_once() -> None:
        if "changed" not in client.events:
            client.events.append("changed")
            client.change(table)

    before(cache, "put", change_once, monkeypatch)
    client.ask()
    assert client.events == ["sent", "changed"]
    assert b" changed" not in client.early[0].body
    assert process.current().memory.get(f"{client.path} i") is None
    assert b" changed" in client.asker.get(client.path, "identity")[2]


def test_what_may_be_kept_for_good_is_settled_first(client: Client) -> None:
    found = client.ask("version")
    assert client.early == []
    assert found.status == "200 OK"
