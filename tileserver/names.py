"""Names of columns, and names for columns of our own beside those of a Layer."""

from collections.abc import Collection

from psycopg2 import sql


def free(name: str, taken: Collection[str]) -> str:
    """`name`, with as many underscores before it as make it none of those that are `taken`."""
    while name in taken:
        name = f"_{name}"
    return name


def of_row(name: str) -> sql.Composed:
    """The column of this name of a row `s`."""
    return sql.SQL("s.{}").format(sql.Identifier(name))
