"""What a killed start left behind is found and ended; nobody else's process ever is."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from script.local import preflight, records
from script.local.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a session of its own and a child in it."""
    child = subprocess.Popen(["/bin/sh", "-c", "sleep 60 & wait"], start_new_session=True)
    yield child
    child.kill()
    child.wait()


def reaped(child: subprocess.Popen[bytes]) -> bool:
    return child.wait(timeout=5) != 0


def test_a_record_names_the_very_process(place: Place, sleeper: subprocess.Popen[bytes]) -> None:
    written = records.write(place.run, "web", sleeper.pid)
    assert records.read(place.run, "web") == written
    assert written.leader_alive
    assert sleeper.pid in written.members()


def test_a_number_used_again_is_somebody_else(
    place: Place, sleeper: subprocess.Popen[bytes]
) -> None:
    written = records.write(place.run, "web", sleeper.pid)
    earlier = replace(written, start=written.start - 1)
    assert not earlier.leader_alive
    assert earlier.members() == []


def test_a_record_of_an_earlier_boot_names_nobody(
    place: Place, sleeper: subprocess.Popen[bytes]
) -> None:
    written = replace(records.write(place.run, "web", sleeper.pid), boot="another")
    assert not written.leader_alive
    assert written.members() == []


def test_orphans_are_ended_with_their_children(
    place: Place, sleeper: subprocess.Popen[bytes]
) -> None:
    written = records.write(place.run, "web", sleeper.pid)
    preflight.end_orphans(place)
    assert reaped(sleeper)
    assert written.members() == []
    assert records.read(place.run, "web") is None


def test_children_of_a_dead_leader_are_found(
    place: Place, sleeper: subprocess.Popen[bytes]
) -> None:
    written = records.write(place.run, "web", sleeper.pid)
    while len(written.members()) < 2:
        assert sleeper.poll() is None
    sleeper.kill()
    sleeper.wait()
    assert written.members() != []
    records.end(written, signal.SIGTERM, patience=5)
    assert written.members() == []


def test_what_was_started_to_stay_is_left_alone(
    place: Place, sleeper: subprocess.Popen[bytes]
) -> None:
    records.write(place.run, "postgres", sleeper.pid, detached=True)
    preflight.end_orphans(place)
    assert sleeper.poll() is None


@pytest.mark.parametrize("text", ["", "123", "{}", '{"pid": 1}', "{"])
def test_a_broken_record_is_no_record(place: Place, text: str) -> None:
    (place.run / "web.pid").write_text(text)
    assert records.read(place.run, "web") is None
    preflight.end_orphans(place)
