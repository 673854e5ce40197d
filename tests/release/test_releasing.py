"""A release as it is asked for: a row with its progress, a command, a worker's task."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.changelog import tracking
from core.feed import log
from core.models import Layer
from core.publishing import publish_tileset
from core.release import held
from tasks import releases, releasing
from tasks.models import Act, Release, RunState
from tests.database import execute
from tests.release.town import content


def told(*words: Any) -> str:
    """What a command says."""
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_the_command_loads_a_table_and_says_what_it_did(trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'new' WHERE id < 4; INSERT INTO odd.load VALUES (200)")
    dry = told("release", "trees", "--from", "odd.load", "--dry-run")
    assert "A dry run: nothing was changed." in dry
    assert "97 the same, would be 3 changed, 1 added, 0 removed (by id" in dry
    assert content("odd", "trees") != content("odd", "load")
    real = told("release", "trees", "--from", "odd.load", "--drop")
    assert "97 the same, 3 changed, 1 added, 0 removed (by id" in real
    assert "What differs in the changed rows looked at: name (3)." in real
    row = Release.objects.get(state=RunState.DONE, dry_run=False)
    assert (row.act, row.source, row.total) == (Act.LOAD, "odd.load", 4)
    assert row.reports[0]["changed"] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["release", "nowhere"], "no layer or tileset 'nowhere'"),
        (["release", "trees"], "is not held: its edits are seen at once"),
        (["release", "trees", "--key", "id"], "go with --from TABLE"),
        (["release", "trees", "--from", "odd.nothing"], "no table or view odd.nothing"),
        (["release", "trees", "--from", "odd.load", "--max-removed", "101"], "less than or equal"),
        (["release", "both", "--from", "odd.load"], "is a Tileset. Load its Layers one by one"),
        (["hold", "trees", "--off"], "is not held"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why(
    trees: Layer, words: list[str], said: str
) -> None:
    publish_tileset("both", ["trees"])
    with pytest.raises(CommandError, match=said):
        call_command(*words)


def test_a_worker_notes_progress_and_a_cancel_undoes_all(trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'new'")
    before = content("odd", "trees")
    asked = releases.store(Release(resource=trees, act=Act.LOAD, source="odd.load"))
    seen = []

    def told(phase: str, done: int, total: int) -> bool:
        row = Release.objects.get(pk=asked.pk)
        seen.append((row.state, row.phase))
        assert phase != "writing" or releases.cancel(asked.pk)
        return phase != "writing"

    releasing.carry_out(asked.pk, told)
    asked.refresh_from_db()
    assert asked.state == RunState.CANCELLED
    assert asked.finished is not None
    assert seen == [("running", "comparing"), ("running", "writing")]
    assert content("odd", "trees") == before
    releasing.carry_out(asked.pk)
    assert content("odd", "trees") == before


def test_what_fails_is_noted_with_the_reason(trees: Layer) -> None:
    execute("TRUNCATE odd.load")
    asked = releases.store(Release(resource=trees, act=Act.LOAD, source="odd.load"))
    releasing.carry_out(asked.pk)
    asked.refresh_from_db()
    assert asked.state == RunState.FAILED
    assert "odd.load is empty" in asked.error


def test_a_release_that_lost_its_worker_is_ended_and_one_that_waits_is_sent_again(
    trees: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"resource": trees, "act": Act.LOAD, "source": "odd.load"}
    lost, waiting = releases.store(Release(**words)), releases.store(Release(**words))
    young = releases.store(Release(**words))
    assert releases.claim(lost.pk) is not None
    assert releases.claim(lost.pk) is None
    long_ago = timezone.now() - 2 * releases.SILENT
    Release.objects.filter(pk__in=[lost.pk, waiting.pk]).update(updated=long_ago)
    sent: list[int] = []
    monkeypatch.setattr(releases, "_send", sent.append)
    assert releases.resume() == 1
    assert sent == [waiting.pk]
    assert young.pk not in sent
    lost.refresh_from_db()
    assert (lost.state, "The worker stopped" in lost.error) == (RunState.FAILED, True)


def test_a_load_into_an_untracked_table_drops_everything_and_says_so(trees: Layer) -> None:
    Layer.objects.filter(pk=trees.pk).update(asked_freshness="ttl", freshness="ttl")
    assert tracking.release_unused() == ""
    execute("UPDATE odd.load SET name = 'new' WHERE id < 4")
    trees.refresh_from_db()
    before = trees.generation
    dry = told("release", "trees", "--from", "odd.load", "--dry-run")
    assert "odd.trees is not tracked: every cached tile of it is dropped" in dry
    real = told("release", "trees", "--from", "odd.load")
    assert "odd.trees is not tracked: every cached tile of it was dropped" in real
    trees.refresh_from_db()
    assert trees.generation == before + 1
    assert "nothing is tracked" in log.raised(log.Raised([trees.pk]), 1)[0].note


def test_a_load_behind_a_hold_waits_for_the_release(trees: Layer) -> None:
    call_command("hold", "trees")
    trees.refresh_from_db()
    before = trees.generation
    execute("UPDATE odd.load SET name = 'new' WHERE id < 4")
    said = told("release", "trees", "--from", "odd.load")
    assert "is held: the public sees it after `manage.py release trees`" in said
    assert content(*held.relation_of(trees)) != content("odd", "load")
    assert "3 changed" in told("release", "trees")
    assert content(*held.relation_of(trees)) == content("odd", "load")
    trees.refresh_from_db()
    assert trees.generation == before
