"""A standby renders nothing: its rows may be older than what was heard to have changed."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from core.problems import Unavailable
from core.standby import is_standby
from tests.installation import Installation
from tileserver import db


@pytest.fixture
def standby(installation: Installation) -> Iterator[str]:
    """The render URL of a server that waits for another's log; it is the primary again after."""
    signal = installation.data / "standby.signal"
    installation.postgres.stop()
    signal.touch()
    installation.postgres.start(detached=False)
    yield installation.env["RENDER_DATABASE_URL"]
    installation.postgres.stop()
    signal.unlink()
    installation.postgres.start(detached=False)


def test_a_standby_renders_nothing_and_the_primary_does(
    committed: None,
    installation: Installation,
    standby: str,
) -> None:
    with override_settings(RENDER_DATABASE_URL=standby):
        with pytest.raises(Unavailable):
            db.connect()
        found = {str(one.id): one for one in run_checks(databases=["default"])}
    assert "target_session_attrs" in str(found["graticule.E009"].hint)
    with closing(db.connect()) as made:
        assert not is_standby(made)


class Old:
    """A connection to a server before version 14, which does not say it by itself."""

    def __init__(self, made: Any) -> None:
        self._made = made
        self.info = self

    def parameter_status(self, _name: str) -> None:
        """Not said."""

    def cursor(self) -> Any:
        """A cursor of the real connection."""
        return self._made.cursor()


def test_an_old_server_is_asked(committed: None) -> None:
    with closing(db.connect()) as made:
        old: Any = Old(made)
        assert not is_standby(old)
