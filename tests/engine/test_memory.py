"""The memory tier: bounded, and fenced."""

from tileserver.memory import OVERHEAD_BYTES, Answer, Memory

ROOM = 100_000


def answer(key: str = "k", size: int = 1000) -> Answer:
    """An answer of some bytes."""
    return Answer(key, 1, 0.0, "d" * 32, "z0-5", "200 OK", b"", b"", b"x" * size)


def test_what_is_put_is_got() -> None:
    memory = Memory(ROOM)
    assert memory.put("/a", answer(), memory.now())
    assert memory.get("/a") == answer()
    assert memory.get("/b") is None


def test_expiring_a_tile_drops_it_at_all_its_addresses() -> None:
    memory = Memory(ROOM)
    for address in ("/a g", "/a i", "/alias g"):
        memory.put(address, answer("k"), memory.now())
    memory.put("/other", answer("o"), memory.now())
    memory.expire("k")
    assert len(memory) == 1
    assert memory.get("/other")


def test_an_answer_that_was_begun_before_its_expiry_is_refused() -> None:
    memory = Memory(ROOM)
    began = memory.now()
    memory.expire("k")
    assert not memory.put("/a", answer("k"), began)
    assert memory.put("/b", answer("other"), began)
    assert memory.put("/a", answer("k"), memory.now())


def test_clearing_refuses_everything_that_was_begun() -> None:
    memory = Memory(ROOM)
    began = memory.now()
    memory.put("/a", answer(), began)
    memory.clear()
    assert len(memory) == 0
    assert not memory.put("/a", answer(), began)


def test_it_never_takes_more_than_it_may_and_the_least_used_go_first() -> None:
    memory = Memory(ROOM)
    for number in range(200):
        memory.put(f"/{number}", answer(f"k{number}"), memory.now())
        memory.get("/0")
        assert memory.bytes <= ROOM
    assert memory.get("/0")
    assert memory.get("/1") is None
    assert memory.get("/199")
    assert len(memory) == ROOM // (1000 + OVERHEAD_BYTES)


def test_what_is_evicted_leaves_no_trace() -> None:
    memory = Memory(ROOM)
    for number in range(200):
        memory.put(f"/{number}", answer(f"k{number}"), memory.now())
    assert len(memory._store.addresses) == len(memory)


def test_one_answer_may_not_push_out_the_rest() -> None:
    memory = Memory(ROOM)
    assert not memory.put("/huge", answer(size=ROOM // 2), memory.now())
