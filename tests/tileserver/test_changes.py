"""The changes feed by itself: positions, gaps, time, and what it says while nothing is known."""

import json
from typing import Any

import pytest

from tileserver import batches, changes
from tileserver.changes import Asked, Feed, Subject, packed, parse
from tileserver.encode import GZIP
from tileserver.params import BadParameter

ROADS = Subject(revision=1, layers={7: 12, 8: 0}, making="m1", margin=0.017)
EPOCH = "e1.m1"
PATH = "/tiles/roads/changes"
SOON = changes.SETTLE_SECONDS
BOX = [71.0, 51.0, 72.0, 52.0]
FAR_BOX = [-10.0, -10.0, -9.0, -9.0]


class Clock:
    """A clock that stands still until it is told how many seconds have passed."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Told:
    """A feed with its clock, at a position, with the truth lease."""

    def __init__(self, position: int = 10) -> None:
        self.clock = Clock()
        self.feed = Feed(self.clock)
        self.vouch(position)

    def vouch(self, position: int, epoch: str = "e1") -> None:
        self.feed.on_lease(epoch, position, self.clock.now + 1.0)

    def hear(self, seq: int, layer: int = 7, **where: Any) -> None:
        """Hear of one change and the lease after it."""
        self.feed.on_change(seq, {str(layer): {"boxes": [BOX], **where}})
        self.vouch(seq)

    def pass_time(self, seconds: float) -> None:
        """Time passes, while the lease is renewed."""
        self.clock.now += seconds
        self.feed._until = self.clock.now + 1.0

    def ask(self, **asked: Any) -> dict[str, Any]:
        return self.feed.answer(ROADS, Asked(**asked))


def test_who_says_nothing_is_told_the_position() -> None:
    answer = Told(10).ask()
    assert answer == {
        "epoch": EPOCH,
        "seq": 10,
        "reset": False,
        "tiles": (),
        "boxes": (),
        "minzoom": 0,
        "buffer": 0.017,
        "verified": True,
        "age": 0,
        "poll": 1,
        "reload": 0,
    }


def test_a_change_is_told_to_who_was_there_before_it() -> None:
    told = Told(10)
    told.hear(11)
    told.hear(12, boxes=[FAR_BOX], tiles=[[3, 1, 2]])
    told.pass_time(SOON)
    both = told.ask(since=10, epoch=EPOCH)
    assert (both["seq"], both["reset"]) == (12, False)
    assert set(both["boxes"]) == {tuple(BOX), tuple(FAR_BOX)}
    assert both["tiles"] == ((3, 1, 2),)
    assert told.ask(since=11)["boxes"] == (tuple(FAR_BOX),)
    assert told.ask(since=12)["boxes"] == ()


def test_a_change_is_shown_only_when_every_process_has_surely_heard_it() -> None:
    told = Told(10)
    told.hear(11)
    told.pass_time(SOON / 2)
    assert (told.ask(since=10)["seq"], told.ask(since=10)["boxes"]) == (10, ())
    told.pass_time(SOON / 2)
    assert (told.ask(since=10)["seq"], told.ask(since=10)["boxes"]) == (11, (tuple(BOX),))


def test_who_heard_it_from_another_process_is_not_sent_back() -> None:
    told = Told(10)
    told.hear(11)
    answer = told.ask(since=11, epoch=EPOCH)
    assert (answer["seq"], answer["reset"], answer["boxes"]) == (11, False, ())


def test_other_layers_move_the_position_and_say_nothing() -> None:
    told = Told(10)
    told.hear(11, layer=99)
    told.pass_time(SOON)
    answer = told.ask(since=10)
    assert (answer["seq"], answer["boxes"]) == (11, ())


def test_tiles_below_the_changed_layers_zooms_need_not_be_looked_at() -> None:
    told = Told(10)
    told.hear(11, layer=7)
    told.hear(12, layer=8)
    told.pass_time(SOON)
    assert told.ask(since=10)["minzoom"] == 0
    told = Told(10)
    told.hear(11, layer=7)
    told.pass_time(SOON)
    assert told.ask(since=10)["minzoom"] == 12


@pytest.mark.parametrize("since", [0, 9, 12, 999])
def test_a_position_that_is_not_known_is_a_reset(since: int) -> None:
    answer = Told(10).ask(since=since)
    assert (answer["reset"], answer["seq"]) == (True, 10)


@pytest.mark.parametrize("epoch", ["e1.m2", "e2.m1", "", "nonsense"])
def test_another_epoch_is_a_reset(epoch: str) -> None:
    answer = Told(10).ask(since=10, epoch=epoch)
    assert (answer["reset"], answer["epoch"]) == (True, EPOCH)


def test_a_layer_that_changed_altogether_is_a_reset() -> None:
    told = Told(10)
    told.hear(11, whole=True)
    told.pass_time(SOON)
    answer = told.ask(since=10)
    assert (answer["reset"], answer["boxes"], answer["seq"]) == (True, (), 11)
    assert not told.ask(since=11)["reset"]


def test_a_gap_in_the_news_is_a_reset() -> None:
    told = Told(10)
    told.hear(11)
    told.vouch(13)
    told.pass_time(SOON)
    assert told.ask(since=11)["reset"]
    assert not told.ask(since=13)["reset"]


def test_a_lease_that_was_read_before_the_last_news_is_no_gap() -> None:
    told = Told(10)
    told.feed.on_change(11, {"7": {"boxes": [BOX]}})
    told.vouch(10)
    told.pass_time(SOON)
    assert told.ask(since=10)["boxes"] == (tuple(BOX),)


def test_news_before_the_first_lease_is_not_lost() -> None:
    clock = Clock()
    feed = Feed(clock)
    feed.on_change(11, {"7": {"boxes": [BOX]}})
    feed.on_lease("e1", 10, clock.now + 1)
    assert feed.answer(ROADS, Asked(since=10))["reset"]
    assert not feed.answer(ROADS, Asked(since=11))["reset"]


def test_a_replayed_batch_is_told_once() -> None:
    told = Told(10)
    told.hear(11)
    told.hear(11, boxes=[FAR_BOX])
    told.pass_time(SOON)
    assert told.ask(since=10)["boxes"] == (tuple(BOX),)


def test_after_the_news_broke_off_only_the_present_position_is_known() -> None:
    told = Told(10)
    told.hear(11)
    told.pass_time(SOON)
    told.feed.forget()
    told.vouch(11)
    assert told.ask(since=10)["reset"]
    assert not told.ask(since=11)["reset"]


def test_while_the_truth_is_unknown_the_question_is_said_back() -> None:
    told = Told(10)
    told.clock.now += 4.0
    answer = told.ask(since=3, epoch="e1.m0")
    assert (answer["seq"], answer["epoch"], answer["reset"]) == (3, "e1.m0", False)
    assert (answer["verified"], answer["age"], answer["poll"]) == (False, 3.0, 1)
    told.clock.now += 10.0
    assert (told.ask(since=3)["age"], told.ask(since=3)["poll"]) == (13.0, 5)
    told.vouch(10)
    assert told.ask(since=3, epoch="e1.m0")["reset"]


def test_a_process_that_never_knew_says_so() -> None:
    clock = Clock()
    feed = Feed(clock)
    answer = feed.answer(ROADS, Asked())
    assert (answer["seq"], answer["epoch"], answer["age"], answer["poll"]) == (0, "", None, 1)
    clock.now += 10.0
    assert feed.answer(ROADS, Asked())["poll"] == 5
    assert not answer["reset"]
    assert not answer["verified"]
    # What such an answer gave becomes a reset as soon as the truth is known.
    assert Told(0).ask(since=0, epoch="")["reset"]


def test_the_age_grows_from_the_moment_the_news_broke_off() -> None:
    told = Told(10)
    told.feed.forget()
    told.clock.now += 7.0
    assert told.ask()["age"] == 7.0


def test_the_last_seconds_can_be_asked_for() -> None:
    told = Told(10)
    told.pass_time(20.0)
    told.hear(11)
    told.pass_time(5.0)
    told.hear(12, boxes=[FAR_BOX])
    told.pass_time(1.0)
    assert told.ask(ago=3)["boxes"] == (tuple(FAR_BOX),)
    assert len(told.ask(ago=10)["boxes"]) == 2
    assert told.ask(ago=0)["boxes"] == ()
    assert told.ask(ago=27)["reset"]
    assert told.ask(ago=3)["seq"] == 12


def test_what_is_old_is_forgotten() -> None:
    told = Told(10)
    told.hear(11)
    told.pass_time(batches.KEPT_SECONDS - 1)
    told.hear(12)
    told.pass_time(SOON)
    assert not told.ask(since=10)["reset"]
    told.pass_time(2)
    assert told.ask(since=10)["reset"]
    assert not told.ask(since=11)["reset"]
    assert told.ask(ago=250)["boxes"]


def test_what_is_too_much_is_forgotten() -> None:
    told = Told(10)
    boxes = [[x / 10, 0, x / 10, 1] for x in range(250)]
    for seq in range(11, 300):
        told.hear(seq, boxes=boxes)
    told.pass_time(SOON)
    assert told.ask(since=10)["reset"]
    assert not told.ask(since=110)["reset"]
    assert len(told.ask(since=110)["boxes"]) == 250


def test_many_batches_are_forgotten_one_by_one() -> None:
    told = Told(0)
    for seq in range(1, batches.KEPT_BATCHES + 10):
        told.hear(seq, boxes=[])
    told.pass_time(SOON)
    assert told.ask(since=5)["reset"]
    assert not told.ask(since=9)["reset"]


def document(answer: Any) -> dict[str, Any]:
    assert answer is not None
    found: dict[str, Any] = json.loads(answer.as_identity().body)
    return found


def test_quick_answers_are_kept_until_the_position_moves() -> None:
    told = Told(10)
    assert told.feed.quick(PATH, "since=10", 1) is None
    told.feed.learn(PATH, ROADS)
    first = told.feed.quick(PATH, "since=10", 1)
    assert told.feed.quick(PATH, "since=10", 1) is first
    assert document(first) == {**told.ask(since=10), "tiles": [], "boxes": []}
    told.hear(11)
    assert told.feed.quick(PATH, "since=10", 1) is first
    told.pass_time(SOON)
    assert document(told.feed.quick(PATH, "since=10", 1))["boxes"] == [BOX]


def test_an_answer_about_the_last_seconds_is_not_kept() -> None:
    told = Told(10)
    told.feed.learn(PATH, ROADS)
    assert document(told.feed.quick(PATH, "ago=60", 1))["reset"]
    told.pass_time(61)
    assert not document(told.feed.quick(PATH, "ago=60", 1))["reset"]


def test_quick_knows_when_it_must_not_answer() -> None:
    told = Told(10)
    told.feed.learn(PATH, ROADS)
    assert told.feed.quick(PATH, "since=10", 2) is None, "another revision"
    assert told.feed.quick(PATH, "since=x", 1) is None, "a bad question"
    assert told.feed.quick(PATH, "since=10", 1) is not None
    told.clock.now += 1.5
    assert told.feed.quick(PATH, "since=10", 1) is None, "the truth is not known"
    told.vouch(10)
    assert told.feed.quick(PATH, "since=10", 1) is not None
    told.feed.forget()
    assert told.feed.quick(PATH, "since=10", 1) is None


def test_what_is_kept_is_bounded() -> None:
    told = Told(10)
    told.feed.learn(PATH, ROADS)
    for since in range(3 * changes.MOST_ANSWERS):
        told.feed.quick(PATH, f"since={since}", 1)
    for number in range(3 * changes.MOST_SUBJECTS):
        told.feed.learn(f"/tiles/t{number}/changes", ROADS)
    assert len(told.feed._answers) <= changes.MOST_ANSWERS
    assert len(told.feed._subjects) <= changes.MOST_SUBJECTS


def test_a_long_answer_is_compressed() -> None:
    told = Told(10)
    told.hear(11, boxes=[[x, 0, x + 0.5, 1] for x in range(100)])
    told.pass_time(SOON)
    long = packed(told.ask(since=10))
    assert long.coding == GZIP
    assert len(document(long)["boxes"]) == 100


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", Asked()),
        ("since=0", Asked(since=0)),
        ("since=17&epoch=ab.c", Asked(since=17, epoch="ab.c")),
        ("ago=5&_=1&v=2", Asked(ago=5)),
        ("epoch=", Asked(epoch="")),
    ],
)
def test_questions(query: str, asked: Asked) -> None:
    assert parse(query) == asked


@pytest.mark.parametrize(
    "query",
    [
        *("since=", "since=-1", "since=1.5", "since=1e3", "since=x", "since=%D9%A1", "since=+1"),
        *("since=1&since=2", "since=1&ago=1", "ago=1.5", "ago=-1", "properties=a", "key=1"),
        *("since=" + "9" * 19, "until=3"),
    ],
)
def test_bad_questions(query: str) -> None:
    with pytest.raises(BadParameter):
        parse(query)
