"""What the changes feed says of a tileset: how often to ask, and how late its tiles may be."""

from dataclasses import replace

from core import snapshot
from core.models import Layer
from core.selection import select
from tests.odd import OddTable
from tileserver.changes import POLL_SECONDS
from tileserver.subject import FROZEN_POLL_SECONDS, subject_of


def test_a_map_of_a_frozen_tileset_asks_seldom_and_reloads_nothing(odd: OddTable) -> None:
    """Frozen by the Tileset itself, although its Layer may change."""
    table = odd("text_ids")
    Layer.objects.filter(pk=table.layer.pk).update(freshness="ttl", ttl_seconds=30)
    snapshot.forget()
    live = select(snapshot.current(), table.layer.name)
    found = subject_of(live, 1)
    assert (found.poll, found.reload, found.lag) == (POLL_SECONDS, 30, 60)
    frozen = subject_of(replace(live, frozen=True), 1)
    assert (frozen.poll, frozen.reload, frozen.lag) == (FROZEN_POLL_SECONDS, 0, 0)
