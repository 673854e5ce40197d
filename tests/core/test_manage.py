"""`./manage.py` finds the virtual environment of its checkout by itself."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but the command."""
    shutil.copy(MANAGE, tmp_path)
    return tmp_path


def without_django(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command run by a Python that has no packages, from another folder."""
    command = [sys.executable, "-I", "-S", str(checkout / "manage.py"), *words]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


def test_it_goes_on_in_the_virtual_environment_with_the_same_words(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    python.chmod(0o755)
    done = without_django(checkout, "warm", "a b", "--zooms=0-3")
    assert done.stdout.splitlines() == [
        str(checkout / "manage.py"), "warm", "a b", "--zooms=0-3"
    ]  # fmt: skip
    assert done.returncode == 3


def test_without_one_it_says_what_to_do(checkout: Path) -> None:
    done = without_django(checkout, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert "script/bootstrap" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_without_django_is_not_tried_for_ever(checkout: Path) -> None:
    venv = [sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")]
    subprocess.run(venv, check=True)
    done = without_django(checkout, "check")
    assert done.returncode == 1
    assert "script/bootstrap" in done.stderr
