"""Programs of others: what they say goes to a log, and their failure becomes a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from script.local import command
from script.local.command import Command
from script.local.place import Place
from script.local.say import Failure
from script.local.settings import read, write
from script.local.stamps import Stamp


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    made = Place(tmp_path)
    monkeypatch.setattr(command, "SERVING", made)
    yield made
    assert list(made.run.glob("*.pid")) == [], "no record stays"


def shell(script: str, show: str = "(?!)") -> Command:
    return Command("thing", ["/bin/sh", "-c", script], show=show)


def test_all_is_logged_and_the_worthwhile_shown(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("echo one; echo Need two; printf three", "^Need").run()
    assert (place.log / "thing.log").read_text().split() == ["one", "Need", "two", "three"]
    assert capsys.readouterr().out == "    Need two\n"


def test_a_failure_ends_with_its_last_words() -> None:
    with pytest.raises(Failure, match="thing failed with exit code 3: no such luck"):
        shell("echo trying; echo no such luck >&2; exit 3").run()


def test_a_missing_network_is_said_so() -> None:
    with pytest.raises(Failure, match="thing could not reach the network") as caught:
        shell("echo 'npm error code EAI_AGAIN'; echo bye; exit 1").run()
    assert "connection" in caught.value.remedy


def test_settings_are_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "env"
    values = {"DATABASE_URL": "postgresql://a:b@/c?host=/d", "SECRET_KEY": "x=y="}
    write(file, values)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read(file) == values


def test_a_stamp_wants_the_same_inputs_and_the_output(tmp_path: Path) -> None:
    output = tmp_path / "made"
    stamp = Stamp("step", "inputs", (output,), tmp_path / "stamps")
    seen = [stamp.valid]
    output.touch()
    stamp.set()
    seen.append(stamp.valid)
    other = Stamp("step", "other inputs", (output,), tmp_path / "stamps")
    seen.append(other.valid)
    output.unlink()
    seen.append(stamp.valid)
    assert seen == [False, True, False, False]
