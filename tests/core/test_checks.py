"""Misconfiguration is found by `manage.py check`, with an id and a hint."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django_redis import get_redis_connection

from tests.database import execute, two_roles
from tests.odd import OddTable


def found() -> dict[str, str]:
    """Our messages by their id, from the checks that look at the database too."""
    messages = run_checks(databases=["default"])
    return {str(one.id): str(one.msg) for one in messages if str(one.id).startswith("graticule.")}


@two_roles
def test_a_whole_installation_has_nothing_to_say(world: None, committed: None) -> None:
    assert found() == {}


def test_one_role_for_everything_is_said(committed: None, settings: Any) -> None:
    settings.RENDER_DATABASE_URL = settings.DATABASE_URL
    assert "graticule.W001" in found()


def test_a_relation_that_is_gone_is_said(odd: OddTable) -> None:
    odd("ranked")
    execute("DROP TABLE odd.ranked")
    assert "ranked" in found()["graticule.W002"]


@pytest.mark.parametrize("oddity", ["ranked", "materialised_view"])
def test_a_geometry_without_an_index_is_said(odd: OddTable, oddity: str) -> None:
    odd(oddity)
    assert "graticule.W003" not in found()
    execute(f"DROP INDEX odd.{oddity}_geom")
    assert oddity in found()["graticule.W003"]


def test_a_geometry_that_moved_to_another_srid_is_said(odd: OddTable) -> None:
    odd("srid_4326")
    assert "graticule.W006" not in found()
    execute(
        "ALTER TABLE odd.srid_4326 ALTER geom TYPE geometry(Geometry, 3857)"
        " USING ST_Transform(geom::geometry, 3857)"
    )
    assert "srid_4326" in found()["graticule.W006"]


def test_a_redis_that_evicts_queues_is_said(committed: None) -> None:
    redis = get_redis_connection("tiles")
    before = redis.config_get("maxmemory-policy")["maxmemory-policy"]
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert "allkeys-lru" in found()["graticule.W005"]
    finally:
        redis.config_set("maxmemory-policy", before)


def test_a_live_check_asks_nothing_unless_told_to(settings: Any) -> None:
    settings.RENDER_DATABASE_URL = settings.DATABASE_URL
    ids = {one.id for one in run_checks() if str(one.id).startswith("graticule.")}
    assert ids == {"graticule.W001"}
