"""A NUL in an address, which PostgreSQL does not take in a text: refused, and never a 500."""

import pytest
from django.test import Client

from tests.admin.conftest import Log, logged_in
from tests.odd import OddTable

ADDRESSES = (
    "changes/?who=%00", "changes.csv?who=%00", "changes/?layer=%00&what=%00", "changes/?live=%00",
    "dropped/?tile=ranked%00%201/0/0", "health/%00/", "health/%00/geometries/",
    "budget/%00/0/0/0/", "core/layer/?relation_schema=%00", "core/layer/?name__exact=a%00b",
    "core/tileset/?state__exact=%00", "core/layer/?q=a&q=%00", "styles/style/?access__exact=%00",
    "tasks/run/%00/change/", "tasks/release/?act__exact=%00", "tasks/schedule/?name=%00",
    "auth/user/?username=%00", "core/layer/%00/change/",
    "autocomplete/?app_label=core&model_name=member&field_name=layer&term=%00",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_of_the_admin_takes_a_nul(operator: Client, changelog: Log, address: str) -> None:
    answer = operator.get(f"/admin/{address}")
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()


def test_staff_without_rights_are_told_the_same(committed: None) -> None:
    with logged_in("nobody") as client:
        assert client.get("/admin/changes/?who=%00").status_code == 400
        assert client.get("/admin/changes/?who=0").status_code == 403


def test_what_looks_like_one_is_taken(operator: Client, changelog: Log, odd: OddTable) -> None:
    odd("ranked")
    for query in ("changes/?who=%2500", "core/layer/?name__exact=0", "core/layer/?q=%5C0"):
        assert operator.get(f"/admin/{query}").status_code == 200


@pytest.mark.parametrize("name", ["run", "release"])
@pytest.mark.parametrize("key", ["abc", "9" * 30, "-1"])
def test_what_is_no_id_leads_to_the_list(operator: Client, name: str, key: str) -> None:
    answer = operator.get(f"/admin/tasks/{name}/{key}/change/")
    assert answer.status_code == 302
