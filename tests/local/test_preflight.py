"""What stops a start does so with one plain sentence and a remedy."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from script.local import packages, preflight
from script.local.place import CHECKOUT, Place
from script.local.say import Failure


def test_a_port_in_use_names_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(Failure, match=f"Port {number} cannot be used") as caught:
            preflight.check_port(number)
    assert f"PORT={number + 1}" in caught.value.remedy


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "８０"])
def test_a_bad_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Failure, match="is not a port number"):
        preflight.port()


def test_one_command_at_a_time_looks_after_a_place(tmp_path: Path) -> None:
    lock = preflight.Lock(Place(tmp_path))
    lock.take("script/server")
    second = (
        "import sys; from pathlib import Path; from script.local import preflight, place\n"
        "preflight.Lock(place.Place(Path(sys.argv[1]))).take('other')"
    )
    asked = subprocess.run(
        [sys.executable, "-c", second, str(tmp_path)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert lock.file is not None
    lock.file.close()
    assert f"script/server, process {os.getpid()}" in asked.stderr


def test_without_apt_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(Failure, match="no apt") as caught:
        packages.become_root(["@postgis", "redis-tools"])
    assert "postgis" in caught.value.remedy
    assert "docker compose" in caught.value.remedy


def test_without_root_and_sudo_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr("shutil.which", found.get)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Failure, match="no sudo") as caught:
        packages.become_root(["redis-tools"])
    assert "apt-get install --no-install-recommends redis-tools" in caught.value.remedy


def test_servers_that_are_given_need_no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    need = packages.Need("Redis", lambda: False, ("redis-tools",), "redis")
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert packages.missing((need,)) == [need]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1")
    assert packages.missing((need,)) == []
