"""What a trigger function is made for, as plain values."""

from dataclasses import dataclass

OPERATIONS = ("insert", "update", "delete", "truncate")


@dataclass(frozen=True)
class Shape:
    """A published geometry column. `wide` is a box's side, in units of `srid`, that is large."""

    column: str
    srid: int
    geography: bool = False
    point: bool = False
    wide: float = 10_000.0


@dataclass(frozen=True)
class Key:
    """A column of the primary key, with the operator that says which rows are the same."""

    column: str
    operator_schema: str
    operator: str


@dataclass(frozen=True)
class Table:
    """What a trigger function is made for.

    `relation` is the oid under which changes are logged. `visible` are the columns, other than
    geometries, that a tile may show or be ordered by. Without `shapes` a change may be anywhere.
    """

    relation: int
    shapes: tuple[Shape, ...]
    visible: tuple[str, ...] = ()
    key: tuple[Key, ...] = ()
