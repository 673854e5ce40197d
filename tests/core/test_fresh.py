"""Names that nothing else has."""

import os
import random

from core import fresh


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
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, " ".join(fresh.name() for _ in range(20)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with open(reading, encoding="ascii") as told:
        theirs = set(told.read().split())
    assert len(theirs) == 20
    assert not theirs & {fresh.name() for _ in range(20)}
