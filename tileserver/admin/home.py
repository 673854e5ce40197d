"""What the home page of the admin tells of the cache, of the truth and of Layers."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from redis.exceptions import RedisError

from core import checks
from core.admin import home
from core.admin.home import Fact, Need
from core.changelog import reader
from core.feed import log
from core.models import Layer, Mismatch
from tileserver import metrics, process, redis_link
from tileserver.budget import worst

HITS = ("memory", "redis", "not_modified")
SLOW_SECONDS = 1.0
_FRESHNESS = """
SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY seconds), count(*) FROM graticule.applied
WHERE change IS NOT NULL AND at > clock_timestamp() - interval '1 hour'
"""
_OLDEST = """
SELECT extract(epoch FROM clock_timestamp() - min(c.at)), count(*)
FROM graticule.change c JOIN graticule.cursor k ON k.name = %s
WHERE c.xid >= pg_snapshot_xmin(k.snapshot::pg_snapshot)
  AND NOT pg_visible_in_snapshot(c.xid, k.snapshot::pg_snapshot)
"""


def facts() -> list[Fact]:
    """The numbers, most telling first."""
    return [*_freshness(), _truth(), _hits(), _seats(), _memory(), _redis()]


def _freshness() -> Iterable[Fact]:
    url = reverse("admin:changes")
    if not log.is_there():
        yield Fact("Fresh within", "–", "no change log in this database", url=url)
        return
    [(seconds, count)] = log.ask(_FRESHNESS)
    value = "–" if seconds is None else f"{seconds:.2f} s"
    more = f"99 of 100 changes, last hour; {count:,} applied" if count else "no change in an hour"
    yield Fact("Fresh within", value, more, bad=(seconds or 0) > SLOW_SECONDS, url=url)
    [(age, waiting)] = log.ask(_OLDEST, [reader.cursor_name(settings.REDIS_URL)])
    value = "none" if age is None else f"{float(age):.1f} s"
    more = f"{waiting:,} waiting" if waiting else ""
    yield Fact("Oldest change waiting", value, more, bad=float(age or 0) > SLOW_SECONDS, url=url)


def _truth() -> Fact:
    found = Mismatch.objects.filter(settled=None).order_by()
    wrong = found.values("tier", "tileset", "tile", "variant").distinct().count()
    checked = metrics.total("graticule_truth_checked_total")
    more = f"not settled; {checked:,.0f} audited since the start"
    return Fact("Wrong tiles", f"{wrong:,}", more, wrong > 0, reverse("admin:health"))


def _hits() -> Fact:
    asked = metrics.total("graticule_tile_requests_total")
    if not asked:
        return Fact("Out of the cache", "–", "no tile was asked for yet")
    shares = [metrics.total("graticule_tile_requests_total", outcome=one) for one in HITS]
    parts = zip(("memory", "Redis", "304"), shares, strict=True)
    more = ", ".join(f"{name} {share / asked:.0%}" for name, share in parts)
    return Fact("Out of the cache", f"{sum(shares) / asked:.1%}", f"{more}; {asked:,.0f} asked for")


def _seats() -> Fact:
    busy, size = metrics.total("graticule_seats_busy"), metrics.total("graticule_seats")
    return Fact("Seats in use", f"{busy:.0f} of {size:.0f}", "tile queries at once")


def _memory() -> Fact:
    held = metrics.total("graticule_memory_bytes")
    most = filesizeformat(settings.MEMORY_CACHE_BYTES)
    return Fact("In memory", filesizeformat(held), f"all web processes; {most} each at most")


def _redis() -> Fact:
    try:
        found = redis_link.client().info("memory")
    except RedisError:
        return Fact("In Redis", "away", "tiles are rendered each time", bad=True)
    most = found.get("maxmemory")
    more = f"of {filesizeformat(most)}" if most else "no limit is set"
    return Fact("In Redis", filesizeformat(found["used_memory"]), more)


def needs() -> list[Need]:
    """What is wrong with the listener and with Layers."""
    return [*_nothing(), *_listener(), *_wrong(), *_troubled(), *_unsound(), *_over_budget()]


def _nothing() -> Iterable[Need]:
    if not Layer.objects.exists():
        what = "Nothing published yet. The demo maps: manage.py load_demo."
        yield Need("", what, "Publish a table", reverse("admin:core_layer_add"))


def _listener() -> Iterable[Need]:
    if not process.current().watcher.believed():
        what = "is silent: nothing cached is believed, and every tile is rendered. Start it: "
        yield Need("The listener", f"{what}manage.py listen", "Changes", _changes(), grave=True)


def _changes() -> str:
    return reverse("admin:changes")


def _wrong() -> Iterable[Need]:
    found = Mismatch.objects.filter(settled=None).values_list("layer__name").annotate(Count("id"))
    for name, count in found.order_by("layer__name"):
        what = f"had {count} wrong tile{'s' * (count != 1)} cached, and promises nothing since."
        yield Need(
            name, what, "See and repair", reverse("admin:layer_health", args=[name]), grave=True
        )


def _health(name: str) -> str:
    return reverse("admin:layer_health", args=[name])


def _troubled() -> Iterable[Need]:
    doubted = Mismatch.objects.filter(settled=None).values("layer")
    rows = Layer.objects.exclude(trouble="").exclude(pk__in=doubted).order_by("name")
    for layer in rows:
        yield Need(layer.name, layer.trouble, "See and repair", _health(layer.name))


def _unsound() -> Iterable[Need]:
    """What the system checks say of Layers."""
    for message in checks.check_layers(["default"]):
        what = f"{message.msg} {message.hint or ''}"
        yield Need("", what, "Its health", _health(str(message.obj)))


def _over_budget() -> Iterable[Need]:
    found = worst()
    if found:
        most = found[0]
        what = (
            f"shows {most.features_after:,} of {most.features_before:,} features in {most.tile}, "
            f"to stay within the byte budget; {len(found)} cut in all."
        )
        yield Need(most.layer, what, "Tiles over budget", reverse("admin:budget"))


home.facts.append(facts)
home.needs.append(needs)
