"""Documents, of up to 2 MB each, are read only for those who are shown one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from styles.models import Style, StyleVersion
from styles.publishing import add_version
from tests.styles.conftest import text

pytestmark = pytest.mark.django_db
STYLES = "/api/v1/styles"
LIST = reverse("admin:styles_style_changelist")
COLUMN = f'"{StyleVersion._meta.db_table}"."text"'


def reads(asked: CaptureQueriesContext) -> list[str]:
    """The queries that read documents; there must be others."""
    queries = [one["sql"] for one in asked.captured_queries]
    assert any(StyleVersion._meta.db_table in one for one in queries)
    return [one for one in queries if COLUMN in one]


@pytest.mark.parametrize("path", [STYLES, f"{STYLES}/night", f"{STYLES}/night/versions", LIST])
def test_what_shows_no_document_reads_none(night: Style, staff: Client, path: str) -> None:
    add_version(night, text("#222222"))
    with CaptureQueriesContext(connection) as asked:
        assert staff.get(path).status_code == 200
    assert reads(asked) == []


def test_nor_does_publishing_the_newest_of_many(night: Style, staff: Client) -> None:
    add_version(night, text("#222222"))
    chosen = {"action": "publish_newest", "_selected_action": [night.pk]}
    with CaptureQueriesContext(connection) as asked:
        staff.post(LIST, chosen)
    assert reads(asked) == []
    night.refresh_from_db()
    assert night.published == night.newest


def test_a_version_is_read_with_its_document(night: Style, staff: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        staff.get(f"{STYLES}/night/versions/1")
    assert len(reads(asked)) == 1
