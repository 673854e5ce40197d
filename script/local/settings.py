"""The `.local/env` file: what `manage.py` and the processes need to find the private servers."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def read(file: Path) -> dict[str, str]:
    """The KEY=VALUE lines of a file; an empty dictionary if there is no file."""
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, _, value in pairs if not key.startswith("#")}


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, replacing what was there in one step."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    fresh.replace(file)


def write(file: Path, values: dict[str, str]) -> None:
    """Write KEY=VALUE lines for the owner's eyes only."""
    write_private(file, "".join(f"{key}={value}\n" for key, value in sorted(values.items())))


@contextmanager
def told(file: Path, name: str, value: str) -> Iterator[None]:
    """The file has this setting too, until the end of the block."""
    write(file, {**read(file), name: value})
    try:
        yield
    finally:
        write(file, {key: word for key, word in read(file).items() if key != name})


def secret() -> str:
    """A random word that needs no escaping in a URL, a shell or SQL."""
    return secrets.token_hex(24)
