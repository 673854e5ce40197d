"""A relation that was altered, dropped or locked away under a published Layer."""

import logging
import re

import pytest
from django.test import Client

from tests.database import RENDER_ROLE, execute, two_roles
from tests.odd import OddTable, forget_tiles, load, publish_odd

ALTERED = {
    "dropped": "DROP TABLE odd.ranked",
    "dropped with its schema": "DROP SCHEMA odd CASCADE",
    "renamed": "ALTER TABLE odd.ranked RENAME TO other",
    "moved": "CREATE SCHEMA odd_other; ALTER TABLE odd.ranked SET SCHEMA odd_other",
    "geometry dropped": "ALTER TABLE odd.ranked DROP COLUMN geom",
    "geometry renamed": "ALTER TABLE odd.ranked RENAME COLUMN geom TO shape",
    "geometry made text": "DROP INDEX odd.ranked_geom;"
    " ALTER TABLE odd.ranked ALTER COLUMN geom TYPE text USING ST_AsText(geom)",
    "srid taken away": "SELECT UpdateGeometrySRID('odd', 'ranked', 'geom', 0)",
    "key dropped": "ALTER TABLE odd.ranked DROP COLUMN id",
    "key made text": "ALTER TABLE odd.ranked ALTER COLUMN id TYPE text",
    "rank dropped": "ALTER TABLE odd.ranked DROP COLUMN rank",
    "zoom made text": "ALTER TABLE odd.ranked ALTER COLUMN appears TYPE text",
    "zoom made a date": "ALTER TABLE odd.ranked ALTER COLUMN appears TYPE date USING now()",
    "locked away": "REVOKE SELECT ON odd.ranked FROM {role}",
    "made a composite type": "DROP TABLE odd.ranked; CREATE TYPE odd.ranked AS (id integer)",
}


@two_roles
@pytest.mark.parametrize("how", ALTERED)
@pytest.mark.parametrize("prepared", [True, False], ids=["prepared", "not prepared"])
def test_a_layer_over_an_altered_relation_is_not_there(
    odd: OddTable, how: str, prepared: bool, caplog: pytest.LogCaptureFixture
) -> None:
    load("ranked")
    execute("ALTER TABLE odd.ranked ADD COLUMN appears real")
    table = publish_odd("ranked", rank_column="rank", min_zoom_column="appears")
    if prepared:
        assert table.answer((0, 0, 0)).status_code == 200
    forget_tiles()
    execute(ALTERED[how].format(role=RENDER_ROLE))
    with caplog.at_level(logging.CRITICAL, "tileserver.db"):
        answer = table.answer((0, 0, 0))
    assert answer.status_code == 404, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    detail = answer.json()["detail"]  # type: ignore[attr-defined]
    assert re.search("under ranked (was dropped, altered|cannot be drawn, or a column is)", detail)
    assert "SELECT" not in detail


def test_a_column_whose_type_changes_within_reason_is_served(odd: OddTable) -> None:
    table = odd("ranked", rank_column="rank")
    execute("ALTER TABLE odd.ranked ALTER COLUMN rank TYPE bigint")
    forget_tiles()
    assert len(table.features(0, 0, 0)) == 100


def test_the_other_layers_and_documents_are_not_touched(odd: OddTable, stranger: Client) -> None:
    odd("ranked")
    execute("DROP TABLE odd.ranked")
    assert stranger.get("/tiles/world/0/0/0.mvt").status_code == 200
    assert stranger.get("/tiles/ranked.json").status_code == 200
    assert stranger.get("/catalog.json").status_code == 200
    composite = stranger.get("/tiles/ranked,world_countries/0/0/0.mvt")
    assert composite.status_code == 404


def test_published_again_it_is_back(odd: OddTable) -> None:
    table = odd("ranked", rank_column="rank")
    execute("ALTER TABLE odd.ranked RENAME COLUMN geom TO shape")
    assert table.answer((0, 0, 0)).status_code == 404
    assert len(publish_odd("ranked", rank_column="rank").features(0, 0, 0)) == 100


def test_a_row_that_cannot_be_drawn_is_said_to_be_one(
    odd: OddTable, caplog: pytest.LogCaptureFixture
) -> None:
    load("text_ids")
    execute(
        "CREATE VIEW odd.failing AS SELECT 1 / (length(code) - length(code)) AS broken, geom"
        " FROM odd.text_ids; CREATE TABLE odd.proper AS SELECT 1 AS broken, geom FROM odd.text_ids"
    )
    table = publish_odd("proper", relation="odd.proper")
    execute("DROP TABLE odd.proper; ALTER VIEW odd.failing RENAME TO proper")
    execute(f"GRANT SELECT ON odd.proper TO {RENDER_ROLE}")
    with caplog.at_level(logging.CRITICAL, "tileserver.db"):
        answer = table.answer((0, 0, 0))
    assert answer.status_code == 404
    assert b"A row under proper cannot be drawn" in answer.content
    assert b"division" not in answer.content
