"""Names for columns of our own beside those of a Layer."""

from collections.abc import Collection


def free(name: str, taken: Collection[str]) -> str:
    """`name`, with as many underscores before it as make it none of those that are `taken`."""
    while name in taken:
        name = f"_{name}"
    return name
