"""System checks of the change log say what is wrong, and what to do."""

import pytest
from django.core.checks import CheckMessage
from django.db import transaction

from core.changelog.checks import check_changelog
from core.models import Layer
from tests.database import RENDER_ROLE, execute, two_roles
from tests.odd import load, publish_odd


@pytest.fixture
def ranked(committed: None) -> Layer:
    """A tracked table."""
    load("ranked")
    return publish_odd("ranked").layer


def found(*statements: str) -> dict[str, CheckMessage]:
    """What the checks say after these statements, which are then taken back."""
    with transaction.atomic():
        for statement in statements:
            execute(statement)
        messages = {str(message.id): message for message in check_changelog(["default"])}
        transaction.set_rollback(True)
    return messages


def test_all_is_well(ranked: Layer) -> None:
    assert found() == {}


def test_without_a_log(ranked: Layer) -> None:
    messages = found("DROP SCHEMA graticule CASCADE")
    assert list(messages) == ["graticule.W010"]
    assert "manage.py track default" in str(messages["graticule.W010"].hint)


def test_a_log_of_another_version(ranked: Layer) -> None:
    messages = found("UPDATE graticule.version SET version = 99")
    assert "of version 99" in messages["graticule.W011"].msg


def test_a_trigger_that_is_gone(ranked: Layer) -> None:
    messages = found("DROP TRIGGER graticule_delete ON odd.ranked")
    assert "odd.ranked has no trigger for DELETE" in messages["graticule.W012"].msg


def test_a_layer_that_promises_less(ranked: Layer) -> None:
    messages = found("UPDATE core_layer SET trouble = 'So it is.' WHERE layer_name = 'ranked'")
    assert "The layer ranked is tracked only. So it is." in messages["graticule.W013"].msg


@two_roles
def test_a_log_that_the_render_role_may_write_to(ranked: Layer) -> None:
    messages = found(f"GRANT INSERT ON graticule.change TO {RENDER_ROLE}")
    assert f"The role {RENDER_ROLE}" in messages["graticule.E005"].msg
