"""The change feed: what changed, by whom, where, and what was done about it."""

import csv
import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from core.changelog import sources
from core.feed import entries, log
from core.feed.log import Wanted
from core.feed.text import line
from core.models import Layer
from tests.admin.conftest import Log, logged_in
from tests.odd import OddTable

HERE = [1.0, 1.0, 1.5, 1.5]
THERE = [20.0, -20.0, 21.0, -19.0]


def feed(client: Client, query: str = "") -> str:
    """The page of the feed."""
    answer = client.get(f"/admin/changes/{query}")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_change_stands_there_with_all_that_is_known_of_it(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids", max_zoom=6)
    with transaction.atomic():
        changelog.write("text_ids", "update", rows=12, boxes=HERE, who="ada", application="QGIS")
        last = changelog.write("text_ids", "delete", boxes=THERE, who="ada", application="QGIS")
    changelog.applied(last)
    page = feed(operator)
    [entry] = entries.feed(Wanted()).entries
    assert (entry.layers, entry.relation) == (("text_ids",), "odd.text_ids")
    assert entry.what == "1 delete, 12 updates"
    assert entry.boxes == (tuple(THERE), tuple(HERE))
    assert (entry.state, entry.anywhere, entry.rows) == ("applied", False, 13)
    assert entry.dirty >= 7 * 2
    assert entry.seconds is not None
    assert "1 delete, 12 updates" in page
    assert re.search(r"ada\s*<small>QGIS</small>", page)
    assert 'aria-label="1.0000, -20.0000 to 21.0000, 1.5000"' in page
    assert f"{entry.dirty} dirty, {entry.cached} cached" in page
    assert f"{entry.seconds:.2f} s" in page
    assert "by ada (QGIS)" in line(entry)


def test_a_change_waits_until_the_listener_has_applied_it(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids")
    with transaction.atomic():
        # Nobody sees it yet but this transaction: so the listener cannot have applied it.
        changelog.write("text_ids", boxes=HERE)
        [entry] = entries.feed(Wanted()).entries
        assert entry.state == "waiting"
        assert line(entry).endswith("waiting")
        assert "<strong>waiting</strong>" in feed(operator)


def test_what_may_be_anywhere_says_so(operator: Client, changelog: Log, odd: OddTable) -> None:
    odd("text_ids")
    changelog.applied(changelog.write("text_ids", "truncate", rows=0, boxes=None))
    page = feed(operator)
    assert 'aria-label="anywhere"' in page
    assert "everything of text_ids" in page


def test_a_relation_that_no_layer_is_made_from_is_told_of(operator: Client, changelog: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE odd.unused (id int)")
    changelog.write("unused", boxes=HERE)
    assert "no Layer uses it" in feed(operator)


def test_a_raised_generation_says_why(operator: Client, changelog: Log, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    log.note_raised([layer.pk], "the table was swapped for another")
    page = feed(operator)
    assert "the table was swapped for another" in page
    assert "everything of text_ids" in page


def test_another_reference_system_is_drawn_in_degrees(changelog: Log, odd: OddTable) -> None:
    odd("srid_27700")
    changelog.write("srid_27700", srid=27700, boxes=[530000.0, 180000.0, 531000.0, 181000.0])
    [entry] = entries.feed(Wanted()).entries
    [(west, south, east, north)] = entry.boxes
    assert -0.13 < west < east < -0.10
    assert 51.49 < south < north < 51.52


def test_what_cannot_be_computed_is_drawn_nowhere(changelog: Log, odd: OddTable) -> None:
    odd("text_ids")
    changelog.write("text_ids", srid=999_999, boxes=HERE)
    assert entries.feed(Wanted()).entries[0].boxes == ()


@pytest.fixture
def several(changelog: Log, odd: OddTable) -> None:
    """Changes of two Layers, by two people, of two kinds."""
    odd("text_ids")
    odd("no_primary_key")
    changelog.write("text_ids", "update", boxes=HERE, who="ada", application="QGIS")
    changelog.write("no_primary_key", "insert", boxes=HERE, who="bob", application="=cmd()")
    changelog.write("no_primary_key", "update", boxes=THERE, who="bob", application="psql")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3), ("layer=text_ids", 1), ("layer=no_primary_key", 2), ("layer=nothing", 0),
        ("who=ada", 1), ("who=psql", 1), ("who=bob&what=insert", 1), ("what=delete", 0),
        ("limit=2", 2), ("before=1", 0),
    ],
)  # fmt: skip
def test_the_feed_is_filtered(operator: Client, several: None, query: str, count: int) -> None:
    found = operator.get(f"/api/v1/changes?{query}").json()
    assert len(found["entries"]) == count
    if "limit" not in query:
        assert feed(operator, f"?{query}").count("<tr data-key=") == count


def test_what_was_dropped_as_a_whole_stands_between_the_changes_of_its_time(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    layer = odd("text_ids").layer
    for number in range(3):
        changelog.write("text_ids", "update", boxes=HERE, who=f"user {number}")
        log.note_raised([layer.pk], f"reason {number}")
    told: list[str] = []
    before = ""
    while not told or before:
        page = operator.get(f"/api/v1/changes?limit=1{before}").json()
        told += [one["who"] or one["what"] for one in page["entries"]]
        before = f"&before={page['more']}" if page["more"] else ""
    expected = [words for number in (2, 1, 0) for words in (f"reason {number}", f"user {number}")]
    assert told == expected


def test_what_is_published_is_not_looked_at_for_each_page(
    operator: Client, several: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "SURVEYED_SECONDS", 60.0)
    monkeypatch.setattr(entries, "_surveyed", None)
    surveys: list[sources.Sources] = []

    def surveyed(look: Callable[[], sources.Sources] = sources.sources) -> sources.Sources:
        surveys.append(look())
        return surveys[-1]

    monkeypatch.setattr(sources, "sources", surveyed)
    for _ in range(3):
        assert operator.get("/api/v1/changes?layer=text_ids").json()["entries"]
    assert len(surveys) == 1


def test_the_api_tells_all_and_leads_on(operator: Client, several: None) -> None:
    first = operator.get("/api/v1/changes?limit=2").json()
    second = operator.get(f"/api/v1/changes?limit=2&before={first['more']}").json()
    assert [one["who"] for one in first["entries"] + second["entries"]] == ["bob", "bob", "ada"]
    assert second["more"] is None
    assert second["entries"][0]["boxes"] == [HERE]
    assert operator.get("/api/v1/changes?limit=0").status_code == 400
    assert operator.get("/api/v1/changes?what=nonsense").status_code == 400
    assert Client().get("/api/v1/changes").status_code == 403


def test_the_csv_has_the_same_and_no_formulas(operator: Client, several: None) -> None:
    answer = operator.get("/admin/changes.csv?who=bob")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [row["application"] for row in rows] == ["psql", "'=cmd()"]
    assert {row["user"] for row in rows} == {"bob"}


def test_the_page_asks_again_only_for_what_is_new(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids")
    changelog.applied(changelog.write("text_ids", boxes=HERE))
    found = re.search(r'data-live="(\w+)"', feed(operator))
    assert found is not None
    assert operator.get(f"/admin/changes/?live={found[1]}").status_code == 204
    changelog.write("text_ids", boxes=THERE)
    news = operator.get(f"/admin/changes/?live={found[1]}")
    assert "no-store" in news.headers["Cache-Control"]
    assert news.json()["stamp"] != found[1]
    assert news.json()["html"].count("<tr data-key=") == 2


def test_layers_whose_changes_are_not_known_are_named(
    operator: Client, changelog: Log, odd: OddTable
) -> None:
    layer = odd("text_ids").layer
    assert "text_ids</a> (ttl)" not in feed(operator)
    Layer.objects.filter(pk=layer.pk).update(freshness="ttl")
    shown = feed(operator)
    assert "of which no change is known here" in shown
    assert "text_ids</a> (ttl)" in shown
    form = operator.get(f"/admin/core/layer/{layer.pk}/change/").content.decode()
    assert '<a href="/admin/health/text_ids/">Health</a>' in form


def test_empty_says_what_to_expect(operator: Client, changelog: Log) -> None:
    assert "No change yet since <time" in feed(operator)
    assert "No such change is in the log" in feed(operator, "?who=nobody")


def test_without_a_log_the_pages_say_what_to_do(operator: Client, no_changelog: None) -> None:
    assert "There is no change log in this database" in feed(operator)
    assert operator.get("/admin/changes.csv").content.count(b"\r\n") == 1
    assert operator.get("/api/v1/changes").json() == {"entries": [], "more": None}
    with pytest.raises(CommandError, match="There is no change log"):
        call_command("changes")


def test_the_command_prints_a_line_each(several: None) -> None:
    said = StringIO()
    call_command("changes", layer="no_primary_key", limit=1, stdout=said)
    [only] = said.getvalue().splitlines()
    assert "no_primary_key  1 update  by bob (psql)" in only


def test_who_may_not_view_layers_sees_no_changes(committed: None, changelog: Log) -> None:
    with logged_in("clerk") as clerk:
        assert clerk.get("/admin/changes/").status_code == 403
        assert "Needs you" not in clerk.get("/admin/").content.decode()
        user = User.objects.get(username="clerk")
        user.user_permissions.add(Permission.objects.get(codename="view_layer"))
        assert clerk.get("/admin/changes/").status_code == 200
        assert "Needs you" in clerk.get("/admin/").content.decode()
    answer = Client().get("/admin/changes/")
    assert (answer.status_code, "/admin/login/" in answer.headers["Location"]) == (302, True)
