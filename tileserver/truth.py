"""The truth lease, and news: whether this process may believe what is cached.

The listener renews a key with a life of one second. A thread of each process asks for it, then
sends a PING through its subscription: when the PONG is back, every expiry that Redis had done by
then has been heard, since both come in order. So what is cached is believed for what was left of
the lease at the time of asking, and not a moment longer. A stopped Redis closes no socket and a
stopped listener says nothing: both end the belief by silence.

Publish/subscribe rather than RESP3 tracking: tracking in broadcast mode also tells of every store
(each cold tile, to every process), and it has no PING that would date what was heard.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from redis.exceptions import RedisError

from core import snapshot
from core.problems import Problem, Unavailable
from tileserver import metrics, redis_link
from tileserver.memory import Memory

logger = logging.getLogger(__name__)
LEASE_MS = 1000
ASK_SECONDS = 0.2
AGAIN_SECONDS = 0.2
SILENT_SECONDS = 3.0
EXPIRED, DONE, CHANGED, MOVED_ON = "x", "d", "c", "e"


@dataclass(frozen=True)
class Lease:
    """What the listener says while it renews.

    `revision` is that of what is published, `position` how far changes have been applied, and
    `index` names the index of cached keys: another name, and what is remembered is not in it.
    """

    revision: int
    position: int = 0
    index: str = ""


class Hearer(Protocol):
    """Who wants to know what changed, in a process that hears of it.

    A lease whose position was not heard of is a gap in the news: what was told between the
    subscription of a process and its first lease, for instance.
    """

    def on_lease(self, epoch: str, position: int, until: float) -> None:
        """All is known up to this position, until that moment of the monotonic clock."""

    def on_change(self, position: int, layers: dict[str, Any]) -> None:
        """These Layers (by id, as text) changed: `boxes`, `tiles` and `whole` of each."""

    def forget(self) -> None:
        """Changes may go unheard until the next lease."""


def lease_key(epoch: str) -> str:
    """The key that the listener of one database renews."""
    return f"g:{epoch}:truth"


def channel(epoch: str) -> str:
    """The channel of expiries and finished renders of one database."""
    return f"g:{epoch}:news"


def renew(epoch: str, lease: Lease, ms: int = LEASE_MS) -> None:
    """Renew the lease, for a second at most: for the listener; raises RedisError."""
    redis_link.client().set(lease_key(epoch), json.dumps(asdict(lease)), px=ms)


def tell_epoch(old: str) -> None:
    """Tell who believes in this epoch that it is over; raises RedisError."""
    client = redis_link.client()
    client.delete(lease_key(old))
    client.publish(channel(old), f"{MOVED_ON} ")


def tell_change(epoch: str, position: int, layers: dict[str, Any]) -> None:
    """Tell every process what changed, after it was expired; raises RedisError."""
    said = json.dumps({"seq": position, "layers": layers}, separators=(",", ":"))
    redis_link.client().publish(channel(epoch), f"{CHANGED} {said}")


class Watcher:
    """Hears the news of one database for one process, in a thread of its own."""

    def __init__(self, epoch: Callable[[bool], str], memory: Memory) -> None:
        """`epoch(again)` names the history of the database, asking it again if told to."""
        self._epoch = epoch
        self._heard = time.monotonic()
        self._said = ""
        self._memory = memory
        self._believed_until = 0.0
        self._lease = Lease(0)
        self._waiting: dict[str, list[threading.Event]] = {}
        self.hearers: list[Hearer] = []
        self._subscribed = ""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def revision(self) -> int:
        """The revision of what is published, as the listener last said."""
        return self._lease.revision

    def believed(self) -> bool:
        """True while what is cached may be believed."""
        return time.monotonic() < self._believed_until

    def believes(self, revision: int, until: float) -> bool:
        """True while what is cached of this revision, good until `until`, may be believed."""
        return time.monotonic() < self.good_until(revision, until)

    def good_until(self, revision: int, until: float) -> float:
        """Until when it may be believed, unless memory hears of a change; 0.0 if not at all."""
        return min(until, self._believed_until) if revision == self._lease.revision else 0.0

    def wait_for_belief(self, seconds: float) -> bool:
        """Wait until what is cached may be believed; False when that takes too long."""
        deadline = time.monotonic() + seconds
        while not self.believed() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.believed()

    def start(self) -> None:
        """Start the thread, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="truth", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)

    @contextmanager
    def waiting_for(self, key: str) -> Any:
        """An Event that is set when a tile was stored, given up or expired anywhere."""
        event = threading.Event()
        with self._lock:
            self._waiting.setdefault(key, []).append(event)
        try:
            yield event
        finally:
            with self._lock:
                left = self._waiting[key]
                left.remove(event)
                if not left:
                    del self._waiting[key]

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (RedisError, OSError, Problem) as error:
                self._say(f"no news, nothing cached is believed: {error}")
            except Exception:
                logger.exception("the news cannot be read, nothing cached is believed")
            self._doubt()
            metrics.carry()
            self._stop.wait(AGAIN_SECONDS)

    def _say(self, what: str) -> None:
        """Log a change of state, not its every second."""
        if what != self._said:
            logger.warning(what)
        self._said = what

    def _doubt(self) -> None:
        self._believed_until = 0.0
        # What was expired while nobody heard it must not come back with the news.
        self._memory.clear()
        for hearer in self.hearers:
            hearer.forget()

    def _listen(self) -> None:
        """Hear the news until Redis is another one, or the lease is silent for long.

        A silent lease may be that of another epoch: after a failover the listener has moved on.
        """
        epoch = self._epoch(time.monotonic() - self._heard > SILENT_SECONDS)
        client = redis_link.client()
        with client.pubsub(ignore_subscribe_messages=True) as news:
            news.subscribe(channel(epoch))
            self._subscribed = epoch
            self._doubt()
            began = time.monotonic()
            run_id = redis_link.run_id()
            while not self._stop.is_set() and run_id == redis_link.run_id():
                self._ask(client, news, epoch)
                metrics.carry()
                if time.monotonic() - max(began, self._heard) > SILENT_SECONDS:
                    raise Unavailable("the listener is silent")

    def _ask(self, client: Any, news: Any, epoch: str) -> None:
        """Ask for the lease, date the news with a PING, and hear what comes until the next turn."""
        asked = time.monotonic()
        value, left = client.pipeline().get(lease_key(epoch)).pttl(lease_key(epoch)).execute()
        news.ping(repr(asked))
        deadline = asked + ASK_SECONDS
        while (remaining := deadline - time.monotonic()) > 0:
            message = news.get_message(timeout=remaining)
            if message is not None:
                self._hear(message, repr(asked), value, asked + max(0, left) / 1000)

    def _hear(self, message: dict[str, Any], ping: str, value: bytes | None, until: float) -> None:
        if message["type"] == "pong" and message["data"] == ping.encode():
            if value is not None:
                self._believe(Lease(**json.loads(value)), until)
        elif message["type"] == "message":
            self._tell(message["data"].decode())

    def _believe(self, lease: Lease, until: float) -> None:
        self._heard = time.monotonic()
        self._said = ""
        old = self._lease
        if (lease.revision, lease.index) != (old.revision, old.index):
            self._memory.clear()
            snapshot.doubt()
        self._lease = lease
        for hearer in self.hearers:
            hearer.on_lease(self._subscribed, lease.position, until)
        self._believed_until = until

    def _tell(self, text: str) -> None:
        what, _, said = text.partition(" ")
        if what == MOVED_ON:
            self._heard -= SILENT_SECONDS
            raise Unavailable("the epoch is another one now")
        if what == CHANGED:
            news = json.loads(said)
            for hearer in self.hearers:
                hearer.on_change(news["seq"], news["layers"])
            return
        if what == EXPIRED:
            self._memory.expire(said)
        with self._lock:
            for event in self._waiting.get(said, ()):
                event.set()
