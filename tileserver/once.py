"""Parts of a statement that hang on the tile's address alone.

In a plan for one tile they are constants. In a plan for all tiles PostgreSQL would compute them
again for each row, but a subquery that names no row it runs once.
"""

from typing import Any

from psycopg2 import sql


class Once(sql.Composable):
    """A part that is the same for every row of a tile; composed as it is, it reads as it is."""

    def __init__(self, part: sql.Composable) -> None:
        super().__init__(part)
        self.part = part

    def as_string(self, context: Any) -> str:
        """The part's own text."""
        return self.part.as_string(context)


def computed_once(part: sql.Composable) -> sql.Composable:
    """The same SQL with each part that is `Once` as a subquery."""
    if isinstance(part, Once):
        return sql.SQL("(SELECT {})").format(part.part)
    if isinstance(part, sql.Composed):
        return sql.Composed([computed_once(one) for one in part.seq])
    return part
