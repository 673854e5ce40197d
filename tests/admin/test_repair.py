"""Repair: a Layer that promises less than it could is made whole, or it is said why not."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from core import doubt
from core.doubt import Wrong
from core.models import Layer
from tests.admin.conftest import logged_in
from tests.database import execute
from tests.odd import OddTable
from tileserver import health

WRONG = Wrong("redis", "3/4/2", "text_ids", "public|", "0" * 32, "f" * 32)
BREAK = "DROP TRIGGER graticule_update ON odd.text_ids"


def tracking(layer: Layer) -> health.Finding:
    """What is said of the triggers of a Layer."""
    layer.refresh_from_db()
    return next(one for one in health.findings(layer) if one.what == "Tracking")


def test_a_missing_trigger_is_found_and_put_back(operator: Client, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    assert layer.freshness == "tracked"
    assert tracking(layer).value == "triggers on odd.text_ids"
    with transaction.atomic():
        # The listener would notice, and mend it.
        execute(BREAK)
        found = tracking(layer)
    assert (found.grade, found.value) == ("bad", "odd.text_ids has no trigger for UPDATE")
    shown = operator.post("/admin/health/text_ids/repair/", follow=True).content.decode()
    assert "From now on text_ids is tracked." in shown
    assert tracking(layer).grade == "good"
    assert layer.freshness == "tracked"
    assert "repaired by hand" in operator.get("/admin/changes/").content.decode()


def test_a_doubted_layer_is_believed_again(operator: Client, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    doubt.doubt([layer.pk], WRONG)
    layer.refresh_from_db()
    before = layer.generation
    answer = operator.post("/api/v1/health/text_ids/repair")
    assert answer.status_code == 200, answer.content
    layer.refresh_from_db()
    assert (layer.freshness, layer.trouble) == ("tracked", "")
    assert layer.generation > before
    assert doubt.doubted() == set()


def test_what_cannot_be_repaired_says_why(operator: Client, odd: OddTable) -> None:
    odd("text_ids")
    execute("DROP TABLE odd.text_ids")
    shown = operator.post("/admin/health/text_ids/repair/", follow=True).content.decode()
    assert "odd.text_ids is not in the database" in shown


def test_the_command_repairs_one_layer(odd: OddTable) -> None:
    layer = odd("text_ids").layer
    execute(BREAK)
    said = StringIO()
    call_command("health", "text_ids", repair=True, stdout=said)
    assert "From now on text_ids is tracked." in said.getvalue()
    assert tracking(layer).grade == "good"
    with pytest.raises(CommandError, match="Say which Layer"):
        call_command("health", repair=True)


def test_a_dba_gets_the_sql(operator: Client, odd: OddTable) -> None:
    odd("text_ids")
    with transaction.atomic():
        execute(BREAK)
        script = operator.get("/admin/health/text_ids/tracking.sql")
    assert script.headers["Content-Type"].startswith("text/plain")
    assert 'CREATE TRIGGER "graticule_update" AFTER UPDATE' in script.content.decode()


def test_who_may_only_look_does_not_repair(odd: OddTable) -> None:
    odd("text_ids")
    with logged_in("clerk") as clerk:
        assert clerk.post("/admin/health/text_ids/repair/").status_code == 403
    with logged_in("operator", superuser=True) as operator:
        assert operator.get("/admin/health/text_ids/repair/").status_code == 405
