"""Which column names a feature, and an order that nothing on disk can change."""

import pytest

from tests.database import execute
from tests.odd import OddTable, forget_tiles, publish_odd

SHUFFLE = """
CREATE TABLE odd.kept AS SELECT * FROM odd.unstable_order ORDER BY random();
TRUNCATE odd.unstable_order;
INSERT INTO odd.unstable_order SELECT * FROM odd.kept;
"""
REORDERED = (
    "CLUSTER odd.unstable_order USING unstable_order_name",
    "VACUUM FULL odd.unstable_order",
    "UPDATE odd.unstable_order SET rank = rank",
    SHUFFLE,
)


def test_a_text_key_stays_a_property_that_may_be_promoted(odd: OddTable) -> None:
    table = odd("text_ids")
    found = [(one.id, one.properties) for one in table.features(0, 0, 0)]
    assert found == [(None, {"code": "7"}), (None, {"code": "KZ-1"})]
    assert table.tilejson()["promote_id"] == "code"


def test_a_key_with_negative_values_stays_a_property(odd: OddTable) -> None:
    table = odd("negative_ids")
    found = [(one.id, one.properties["osm_id"]) for one in table.features(0, 0, 0)]
    assert found == [(None, -12), (None, 0), (None, 12)]
    assert table.tilejson()["promote_id"] == "osm_id"


def test_a_key_that_turns_negative_after_publication_does_no_harm(odd: OddTable) -> None:
    table = odd("huge_ids")
    execute("UPDATE odd.huge_ids SET id = -1 WHERE id = 9007199254740992")
    assert table.answer((0, 0, 0)).status_code == 200
    assert 9007199254740993 in table.ids(0, 0, 0)


def test_ids_beyond_what_a_double_holds_are_exact(odd: OddTable) -> None:
    features = odd("huge_ids").features(0, 0, 0)
    assert [one.id for one in features] == [9007199254740992, 9007199254740993, 2**63 - 1]
    others = [one.properties["other"] for one in features]
    assert others == [9007199254740993, -9007199254740993, -(2**63)]


def test_rows_without_a_key_are_all_there_and_have_no_id(odd: OddTable) -> None:
    features = odd("no_primary_key").features(0, 0, 0)
    names = sorted(one.properties["name"] for one in features)
    assert names == sorted(["twin"] * 3 + [f"n{n}" for n in range(1, 21)])
    assert {one.id for one in features} == {None}
    assert "promote_id" not in publish_odd("no_primary_key").tilejson()


@pytest.mark.parametrize("words", [{}, {"rank_column": "rank"}], ids=["plain", "ranked"])
@pytest.mark.parametrize("limit", [None, 20])
def test_the_order_on_disk_changes_no_byte(
    odd: OddTable, words: dict[str, str], limit: int | None
) -> None:
    table = odd("unstable_order", feature_limit=limit, **words)
    first = table.answer((0, 0, 0))
    for statement in REORDERED:
        execute(statement)
        forget_tiles()
        again = table.answer((0, 0, 0))
        assert again.headers["Cache-Status"].endswith("detail=render")
        assert again.content == first.content, statement
        assert again.headers["ETag"] == first.headers["ETag"]


def test_a_change_that_is_seen_changes_the_etag(odd: OddTable) -> None:
    table = odd("unstable_order")
    first = table.answer((0, 0, 0))
    execute("UPDATE odd.unstable_order SET name = 'other' WHERE name = 'n1'")
    forget_tiles()
    assert table.answer((0, 0, 0)).headers["ETag"] != first.headers["ETag"]


def test_the_important_come_first(odd: OddTable) -> None:
    features = odd("unstable_order", rank_column="rank").features(0, 0, 0)
    ranks = [one.properties["rank"] for one in features]
    assert ranks == sorted(ranks)
    assert len(ranks) == 200
