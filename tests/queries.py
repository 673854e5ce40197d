"""Queries of the tests for the pool of render connections."""

from dataclasses import dataclass

from psycopg2 import sql

from tileserver.db import Pool, Seat
from tileserver.sql import ADDRESS, Query
from tileserver.tile import Tile


@dataclass(frozen=True)
class TextQuery:
    """Gives the value of an SQL expression as bytes."""

    expression: str
    label: str = "test"
    parameters: int = ADDRESS
    is_plain: bool = False

    @property
    def statement(self) -> sql.SQL:
        """The text; z, x and y must be in it for PREPARE."""
        return sql.SQL(f"SELECT ({self.expression})::text::bytea FROM (SELECT $1 + $2 + $3) t")


def asked(seats: Pool | Seat, query: Query, tile: Tile) -> bytes:
    """What the query gives, in one piece."""
    return b"".join(seats.run(query, tile))
