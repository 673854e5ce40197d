"""Names that nothing else has."""

import random

from core import fresh
from tests.children import said_by_a_child


def test_they_are_16_hexadecimal_digits_and_differ() -> None:
    found = {fresh.name() for _ in range(10_000)}
    assert len(found) == 10_000
    assert all(len(one) == 16 and set(one) <= set("0123456789abcdef") for one in found)


def test_nobody_decides_what_is_drawn() -> None:
    random.seed(7)
    first = fresh.name()
    random.seed(7)
    assert fresh.name() != first


def test_a_child_draws_other_names_than_its_parent() -> None:
    said = said_by_a_child(lambda: " ".join(fresh.name() for _ in range(20)))
    theirs = set(said.split())
    assert len(theirs) == 20
    assert not theirs & {fresh.name() for _ in range(20)}
