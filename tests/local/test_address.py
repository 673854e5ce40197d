"""What is typed beside a running script/server knows its address."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.env import Env, local_file
from script.local import processes, server, settings
from script.local.application import Application
from script.local.environment import environment
from script.local.place import Place
from script.local.say import Failure, Steps


def typed_beside(file: Path) -> str:
    """PUBLIC_URL of a command that is typed in another terminal."""
    return Env(local_file(file), environ={}).text("PUBLIC_URL", "none")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place with settings, which script/server takes for its own."""
    place = Place(tmp_path / "local")
    place.prepare()
    settings.write(place.env_file, {"SECRET_KEY": "kept"})
    monkeypatch.setattr(server, "SERVING", place)
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    monkeypatch.setenv("PORT", "8310")
    return place


@pytest.fixture
def seen(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What such a command sees while the processes run; they end with a failure."""
    found: list[str] = []

    class Ended:
        def __init__(self, *_: Any) -> None: ...

        def run(self, _ready: Callable[[], None]) -> int:
            found.append(typed_beside(place.env_file))
            raise Failure("The web process ended.", "Read its log.")

    monkeypatch.setattr(processes, "Processes", Ended)
    return found


@pytest.mark.parametrize("given", ["", "https://town.example/maps"])
def test_a_command_beside_the_server_tells_its_address(
    place: Place, seen: list[str], given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given:
        monkeypatch.setenv("PUBLIC_URL", given)
    with pytest.raises(Failure):
        server.run(Application(place, environment(place), None), Steps(1))
    assert seen == [given or "http://127.0.0.1:8310"]
    assert settings.read(place.env_file) == {"SECRET_KEY": "kept"}
    assert place.env_file.stat().st_mode & 0o777 == 0o600
