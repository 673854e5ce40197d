"""The auditor finds planted lies in Redis and in memory, purges them and tells; truth it leaves."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_redis import get_redis_connection
from hypothesis import given
from hypothesis import strategies as st

from core import snapshot
from core.models import Freshness, Layer, Mismatch
from core.selection import select
from tests.listening import wait_for_belief, wait_for_revision
from tests.odd import OddTable, Published, forget_tiles
from tileserver import auditor, cache, db, metrics, params, process
from tileserver.auditor import Auditor
from tileserver.cache import Entry
from tileserver.encode import TileBytes, encode
from tileserver.memory import Answer
from tileserver.memory_auditor import MemoryAuditor
from tileserver.params import NONE, Params
from tileserver.render import place, recipe_for, render
from tileserver.tile import Tile

TILE = Tile(0, 0, 0)
LIE = b"\x1a\x0d\x78\x02\x0a\x03lie\x28\x80\x20\x28\x80\x20"


@pytest.fixture
def table(odd: OddTable, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """A published table that promises its tiles are true, with its first tile cached."""
    monkeypatch.setattr(auditor, "AGAIN_SECONDS", 0.0)
    forget_tiles()
    published = odd("text_ids")
    promise(published, Freshness.TRACKED)
    wait_for_belief()
    keep(published)
    yield published
    forget_tiles()


def promise(published: Published, freshness: Freshness) -> None:
    """Give the Layer this freshness."""
    Layer.objects.filter(pk=published.layer.pk).update(freshness=freshness)
    snapshot.forget()


def keep(published: Published, wanted: Params = NONE) -> bytes:
    """Have the tile of the whole world cached; gives its content."""
    selection = select(snapshot.current(), published.layer.name)
    return render(selection, TILE, wanted).tile.as_identity().body


def entry(published: Published, wanted: Params = NONE) -> Entry:
    """Where the tile of the whole world is kept."""
    return published.entry(TILE, wanted)


def plant(published: Published, tile: TileBytes, wanted: Params = NONE) -> None:
    """Put a tile where the right one is kept, as if it had been rendered now."""
    where = entry(published, wanted)
    head = f"G1|{tile.digest}|{tile.coding}|{tile.raw_size}|{int(time.time() * 1000)}|999\n"
    redis = get_redis_connection("tiles")
    redis.hset(where.key, f"v|{where.variant}", head.encode() + tile.body)


def settled(moment: float) -> bool:
    """Nothing is being changed here: all is applied."""
    return moment <= time.monotonic()


def steps(count: int = 3) -> None:
    """Let a new auditor work for a while."""
    one = Auditor(db.epoch(), settled)
    for _ in range(count):
        one.step()
    snapshot.forget()


def counted(counter: object, tier: str) -> float:
    """What a counter stands at."""
    return float(counter.labels(tier)._value.get())  # type: ignore[attr-defined]


def freshness(published: Published) -> str:
    """The freshness of the Layer as it is now."""
    return str(Layer.objects.get(pk=published.layer.pk).freshness)


def test_a_true_tile_is_checked_and_left_alone(table: Published) -> None:
    before = counted(metrics.truth_checked, "redis")
    steps()
    assert counted(metrics.truth_checked, "redis") == before + 3
    assert cache.get(entry(table)) is not None
    assert freshness(table) == "tracked"


def right(table: Published) -> TileBytes:
    """The tile as it is."""
    kept = cache.get(entry(table))
    assert kept is not None
    return kept.tile


LIES: dict[str, Callable[[TileBytes], TileBytes]] = {
    "another tile": lambda _: encode(LIE),
    "an empty tile": lambda _: encode(b""),
    "bytes that are none": lambda tile: replace(tile, body=b"nonsense"),
    "another body under the right digest": lambda tile: replace(encode(LIE), digest=tile.digest),
    "the right body under another digest": lambda tile: replace(tile, digest="0" * 32),
    "the right body, said to be empty": lambda tile: replace(tile, raw_size=0),
    "a coding that it is not in": lambda tile: replace(
        tile, coding="gzip" if tile.coding == "identity" else "identity"
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found_purged_and_told(
    table: Published, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    where, before = entry(table), counted(metrics.truth_mismatch, "redis")
    plant(table, LIES[lie](right(table)))
    with caplog.at_level(logging.ERROR):
        steps()
    assert counted(metrics.truth_mismatch, "redis") == before + 1
    assert not get_redis_connection("tiles").exists(where.key)
    assert f"Tile 0/0/0 of {table.layer.name} (public|) was wrong in redis" in caplog.text
    layer = Layer.objects.get(pk=table.layer.pk)
    assert layer.freshness == "ttl"
    assert "was wrong in redis" in layer.trouble
    assert "Found by the auditor on 20" in layer.trouble
    assert layer.generation == table.layer.generation + 1
    noted = Mismatch.objects.get(layer=layer)
    assert (noted.tile, noted.tier, noted.settled) == ("0/0/0", "redis", None)
    assert noted.kept != noted.fresh


def test_a_lie_in_a_variant_is_found(table: Published) -> None:
    """The plain tile is true, that with fewer properties is not."""
    fewer = Params(properties=())
    keep(table, fewer)
    plant(table, encode(LIE), fewer)
    for _ in range(20):
        steps()
    assert Mismatch.objects.get(layer=table.layer).variant == "public|properties="


def test_an_old_tile_of_a_layer_that_promises_nothing_is_no_lie(table: Published) -> None:
    plant(table, encode(LIE))
    promise(table, Freshness.TTL)
    steps()
    assert not Mismatch.objects.filter(layer=table.layer).exists()


def test_only_the_layer_at_fault_is_doubted(table: Published, odd: OddTable) -> None:
    other = odd("no_primary_key")
    promise(other, Freshness.TRACKED)
    forget_tiles()
    selection = select(snapshot.current(), f"{other.layer.name},{table.layer.name}")
    body = render(selection, TILE).tile.as_identity().body
    where = place(selection, TILE)
    mine = render(select(snapshot.current(), table.layer.name), TILE).tile.as_identity().body
    assert mine in body
    lie = encode(body.replace(mine, b""))
    head = f"G1|{lie.digest}|{lie.coding}|{lie.raw_size}|{int(time.time() * 1000)}|999\n"
    get_redis_connection("tiles").hset(where.key, f"v|{where.variant}", head.encode() + lie.body)
    steps(12)
    assert freshness(table) == "ttl"
    assert freshness(other) == "tracked"


def test_nobody_is_called_a_liar_before_all_changes_are_applied(table: Published) -> None:
    applied: list[float] = []
    one = Auditor(db.epoch(), lambda moment: any(moment < until for until in applied))
    plant(table, encode(LIE))
    one.step()
    one.step()
    assert freshness(table) == "tracked"
    applied.append(time.monotonic() + 60)
    one.step()
    assert freshness(table) == "ttl"


def test_a_suspect_that_was_touched_is_let_go(table: Published) -> None:
    """As when a row was changed: the tile is wrong for a moment, then expired and made again."""
    one = Auditor(db.epoch(), settled)
    plant(table, encode(LIE))
    one.step()
    forget_tiles()
    keep(table)
    one.step()
    one.step()
    assert freshness(table) == "tracked"
    assert not Mismatch.objects.filter(layer=table.layer).exists()


def test_a_stumble_of_the_auditor_does_not_end_it(
    table: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = Auditor(db.epoch(), settled)
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "current", lambda: 1 / 0)
        one.step()
    assert "the auditor stumbled" in caplog.text
    before = counted(metrics.truth_checked, "redis")
    one.step()
    assert counted(metrics.truth_checked, "redis") == before + 1


def remembered(table: Published, tile: TileBytes) -> Answer:
    """The tile as an answer in this process's memory."""
    where = entry(table)
    answer = Answer(
        where.key, snapshot.current().revision, time.monotonic() + 60, tile.digest, "z0-5",
        "200 OK", b"", b"", tile.body, tile.coding,
    )  # fmt: skip
    wait_for_revision()
    memory = process.current().memory
    assert memory.put(f"/tiles/{table.layer.name}/0/0/0.mvt g", answer, memory.now())
    return answer


@pytest.fixture
def memory_auditor(monkeypatch: pytest.MonkeyPatch) -> MemoryAuditor:
    """An auditor of this process's memory that does not wait."""
    monkeypatch.setattr("tileserver.memory_auditor.AGAIN_SECONDS", 0.0)
    here = process.current()
    here.auditor.stop()
    return MemoryAuditor(here.memory, lambda: True, db.epoch)


def test_memory_that_says_what_redis_says_is_left_alone(
    table: Published, memory_auditor: MemoryAuditor
) -> None:
    remembered(table, right(table))
    before = counted(metrics.truth_checked, "memory")
    memory_auditor.step()
    memory_auditor.step()
    assert counted(metrics.truth_checked, "memory") == before + 2
    assert freshness(table) == "tracked"


@pytest.mark.parametrize("lie", [encode(LIE), replace(encode(LIE), digest="0" * 32)])
def test_a_lie_in_memory_is_found_purged_and_told(
    table: Published, memory_auditor: MemoryAuditor, lie: TileBytes
) -> None:
    remembered(table, lie)
    memory_auditor.step()
    assert freshness(table) == "tracked"
    memory_auditor.step()
    assert freshness(table) == "ttl"
    assert len(process.current().memory) == 0
    assert Mismatch.objects.get(layer=table.layer).tier == "memory"


def test_what_is_expired_between_the_two_looks_is_no_lie(
    table: Published, memory_auditor: MemoryAuditor
) -> None:
    remembered(table, encode(LIE))
    memory_auditor.step()
    process.current().memory.expire(entry(table).key)
    memory_auditor.step()
    assert freshness(table) == "tracked"


def audit(*words: str) -> tuple[int, str]:
    """`manage.py audit`: its exit code and what it says."""
    said = StringIO()
    try:
        call_command("audit", *words, stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


@pytest.fixture
def quick(table: Published, monkeypatch: pytest.MonkeyPatch) -> Published:
    """The table, with a variant more, for an audit that does not wait for the listener."""
    monkeypatch.setattr("tileserver.audit.wait_for_truth", lambda: None)
    keep(table, Params(properties=()))
    return table


def test_the_command_finds_all_to_be_true(quick: Published) -> None:
    assert audit() == (0, "2 checked, 0 wrong, 0 skipped, 0 failed.\n")


def test_the_command_finds_a_lie_and_leaves_it_for_a_look(quick: Published) -> None:
    plant(quick, encode(LIE))
    code, said = audit(quick.layer.name)
    assert code == 1
    assert f"WRONG 0/0/0 of {quick.layer.name} (public|), in {quick.layer.name}:" in said
    assert f"manage.py tile {quick.layer.name} 0/0/0" in said
    assert freshness(quick) == "tracked"
    code, said = audit("--json")
    document = json.loads(said)
    assert (code, document["checked"], len(document["wrong"])) == (1, 2, 1)
    assert document["wrong"][0]["fresh"] == encode(keep_nowhere(quick)).digest


def keep_nowhere(table: Published) -> bytes:
    """The tile of the whole world, rendered now."""
    selection = select(snapshot.current(), table.layer.name)
    return recipe_for(selection, TILE).make().as_identity().body


def test_the_command_purges_if_it_is_told_to(quick: Published) -> None:
    plant(quick, encode(LIE))
    assert audit("--purge")[0] == 1
    snapshot.forget()
    assert freshness(quick) == "ttl"
    assert audit()[0] == 0


def test_the_command_takes_a_sample(quick: Published) -> None:
    for z in range(4):
        render(select(snapshot.current(), quick.layer.name), Tile(z, 0, 0))
    code, said = audit("--sample", "2", "--json")
    assert code == 0
    assert 2 <= json.loads(said)["checked"] <= 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing_of_the_kind",), "There is no tileset or layer named 'nothing_of_the_kind'"),
        (("--sample", "0"), "no whole number above zero"),
    ],
)
def test_the_command_says_what_is_wrong_with_what_it_is_told(
    quick: Published, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        audit(*words)


def test_the_command_gives_no_verdict_without_the_listener(
    table: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tileserver.audit.PATIENCE_SECONDS", 0.1)
    watcher = process.current().watcher
    monkeypatch.setattr(watcher, "wait_for_belief", lambda seconds: seconds < 0)
    with pytest.raises(CommandError, match="The listener is silent"):
        audit()


@given(st.none() | st.lists(st.text("abcXYZ é:|=", min_size=1), unique=True).map(tuple))
def test_parameters_are_read_back_from_their_key(properties: tuple[str, ...] | None) -> None:
    wanted = Params(properties)
    assert params.from_key(wanted.key) == wanted


@pytest.mark.parametrize("key", ["nonsense", "filter=a", "properties"])
def test_what_is_no_key_of_parameters_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no key of parameters"):
        params.from_key(key)
