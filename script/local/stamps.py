"""Which steps need not be done again: a stamp holds the digest of what a step was made from."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from script.local.place import CHECKOUT, SERVING


def digest(patterns: Iterable[str], *words: str) -> str:
    """The digest of the files that match glob patterns below the checkout, and of some words."""
    total = hashlib.sha256("\0".join(words).encode())
    for pattern in patterns:
        for file in sorted(CHECKOUT.glob(pattern)):
            if file.is_file():
                total.update(str(file.relative_to(CHECKOUT)).encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """Says whether a step is done; `outputs` must be there too."""

    name: str
    value: str
    outputs: tuple[Path, ...] = ()
    folder: Path = SERVING.root / "stamps"

    @property
    def valid(self) -> bool:
        """Whether the step was done with these very inputs and its outputs are there."""
        file = self.folder / self.name
        return (
            file.exists()
            and file.read_text() == self.value
            and all(output.exists() for output in self.outputs)
        )

    def set(self) -> None:
        """Note that the step is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / self.name).write_text(self.value)
