"""The web process: gunicorn's threaded worker, with a lane for plain requests for tiles.

gunicorn reads a request in a thread, which a cached tile has no time for, and a slow client can
hold. Here the loop that waits for all connections reads the heads of requests itself. A plain one
(see `tileserver.plain`) whose tile is in memory is answered by the loop at once; if its tile has to
be made, a thread makes it and sends it. All others go to gunicorn with the bytes that have come,
and what it does with them is its own.
"""

import errno
import resource
import selectors
import socket
import time
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, cast

from gunicorn.http import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

from tileserver import plain, refusals
from tileserver.balance import REST_SECONDS, Balance
from tileserver.connection import ALL, Connection
from tileserver.poller import Poller, Told
from tileserver.precedence import PRECEDENCE
from tileserver.wire import Sending

if TYPE_CHECKING:
    from tileserver.lane import Wanted

FILES = 8192
CHORES_SECONDS = 0.25
# Of so many hot answers, to see whether they have to wait.
LOOK_EACH = 64
# Of all processes: this module is loaded before they are forked.
BALANCE = Balance()
PASSING = frozenset({errno.EAGAIN, errno.ECONNABORTED, errno.EPROTO, errno.EMFILE, errno.ENFILE})


class Worker(ThreadWorker):
    """`gunicorn --worker-class tileserver.worker.Worker`."""

    def load_wsgi(self) -> None:
        """Load the application, and with it the lane; make room for connections."""
        super().load_wsgi()
        # Not before: it wants Django, which every process sets up for itself.
        from tileserver import lane  # noqa: PLC0415

        self.lane = lane
        self.hot = 0
        lane.prepare(self.age, self.cfg.workers)
        self.poller.close()
        self.poller = Poller()  # type: ignore[assignment]
        self.at_work: set[Connection] = set()
        self.resting, self.rests_until = False, 0.0
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Look at the connections for a while: what gunicorn does in between takes its time."""
        until = time.monotonic() + min(timeout or 0.0, CHORES_SECONDS)
        self._tell()
        PRECEDENCE.look(self.hot)
        while (left := until - time.monotonic()) > 0:
            cast("Poller", self.poller).dispatch(self._until_listening(left))

    def _tell(self) -> None:
        if self.alive:
            BALANCE.tell(self.age, self.nr_conns)

    def _until_listening(self, left: float) -> float:
        """How long to look at connections: a rest from new ones ends when it is over."""
        if not self.resting:
            return left
        rest = self.rests_until - time.monotonic()
        if rest > 0:
            return min(left, rest)
        self.resting = False
        self.set_accept_enabled(self.alive and self.nr_conns < self.worker_connections)
        return left

    def _leaves_it(self) -> bool:
        """Leave a new connection to a process that has fewer. It is ours if it is still there after
        a moment: that process has no time."""
        now, rested = time.monotonic(), self.rests_until
        self.rests_until = 0.0
        if now < rested + REST_SECONDS or self.nr_conns <= BALANCE.least():
            return False
        self.resting, self.rests_until = True, now + REST_SECONDS
        self.set_accept_enabled(False)
        return True

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; it has no thread until it has asked for something."""
        if self._leaves_it():
            return
        try:
            client, address = listener.accept()
        except OSError as fault:
            if fault.errno not in PASSING:
                raise
            return
        self.nr_conns += 1
        self._tell()
        conn = Connection(self.cfg, client, address, listener.getsockname())
        conn.for_the_lane()
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self._watch(conn, new=True)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """More of a request has come, or the client has gone."""
        assert isinstance(conn, Connection)  # noqa: S101 - `accept` makes no others
        if conn.busy:
            self._set_apart(conn)
            return
        data = conn.received()
        if data:
            self._heard(conn, conn.head + data if conn.head else data)
        elif data is not None:
            self._drop(conn)

    def _heard(self, conn: Connection, head: bytes) -> None:
        whole = plain.END in head
        conn.head = b"" if whole else head
        wanted = self._read(head) if whole and self.alive else None
        if wanted is not None:
            self._answer(conn, wanted)
        elif whole:
            self._hand_over(conn, head)
        elif len(head) > plain.LONGEST:
            self._refuse(conn, 431, refusals.TOO_LONG)

    def _read(self, head: bytes) -> "Wanted | None":
        """The plain request; None for gunicorn's, and so is one that we fail to read."""
        try:
            return self.lane.read(head)
        except Exception:
            # The loop must go on, whatever it is.
            self.log.exception("a head could not be read")
            return None

    def _answer(self, conn: Connection, wanted: "Wanted") -> None:
        try:
            parts = self.lane.at_once(wanted)
        except Exception:
            # The loop must go on, whatever it is.
            self.log.exception("%s", wanted.plain.path)
            self._refuse(conn, 500, refusals.BROKEN)
            return
        if parts is not None:
            self.hot += 1
            if not self.hot % LOOK_EACH:
                PRECEDENCE.look(self.hot)
            conn.used = time.monotonic()
            self._went(conn, conn.sent(parts))
            return
        conn.busy = True
        self.at_work.add(conn)
        self.tpool.submit(self._stay, conn, wanted)

    def _stay(self, conn: Connection, first: "Wanted") -> None:
        """In a thread: make a client's tile, and those that it asks for right after it.

        From the loop to a thread and back costs as much as a tile out of Redis. A tile that is in
        memory ends it: the loop is better at those.
        """
        wanted: Wanted | None = first
        while wanted is not None:
            rest, at_hand = self._had(conn, wanted)
            head = b""
            if rest is None or rest or at_hand or not self.alive or not self._is_room():
                break
            head = conn.next()
            wanted = self._read(head) if head else None
        conn.used, conn.head = time.monotonic(), head
        self.at_work.discard(conn)
        if rest is None or rest or head:
            self.method_queue.defer(self._back, conn, rest)
            return
        # The loop sees by itself when the client says more, unless it has just seen that.
        conn.busy = False
        if conn.apart:
            self.method_queue.defer(self._back, conn, rest)

    def _is_room(self) -> bool:
        return len(self.at_work) <= int(self.cfg.threads) // 2

    def _had(self, conn: Connection, wanted: "Wanted") -> tuple[memoryview | None, bool]:
        """What is left to be sent, None if the client has gone; and whether it was in memory."""
        send, at_hand = Sending(conn.sent), False
        try:
            at_hand = self.lane.had(self.wsgi, wanted, conn.about, send)  # type: ignore[arg-type]
        except Exception:
            self.log.exception("%s", wanted.plain.path)
            send(refusals.refusal(500, refusals.BROKEN))
        return send.rest, at_hand

    def _back(self, conn: Connection, rest: memoryview | None) -> None:
        """The loop has a connection again that a thread has answered."""
        head, conn.head, conn.busy = conn.head, b"", False
        if not conn.is_closed:
            self._went(conn, rest)
        if head and not conn.is_closed:
            self._heard(conn, head)

    def _went(self, conn: Connection, rest: memoryview | None) -> None:
        """Go on after an answer: `rest` of it is not sent; None where the client has gone."""
        if rest is None:
            self._drop(conn)
        elif rest:
            self._watch(conn, partial(self._writable, conn, rest))
        elif conn.apart:
            self._watch(conn)

    def _writable(self, conn: Connection, rest: memoryview, _: socket.socket) -> None:
        left = conn.sent([rest])
        if left is None:
            self._drop(conn)
        elif len(left) < len(rest):
            conn.used = time.monotonic()
            self._watch(conn, partial(self._writable, conn, left) if left else None)

    def _watch(self, conn: Connection, writable: Told | None = None, *, new: bool = False) -> None:
        """Look at a connection again: for requests, or, with `writable`, until it takes more."""
        what = selectors.EVENT_WRITE if writable else selectors.EVENT_READ
        then = writable or partial(self.on_client_socket_readable, conn)
        put = self.poller.register if new or conn.apart else self.poller.modify
        conn.apart = False
        put(conn.sock, what, then)

    def _set_apart(self, conn: Connection) -> None:
        """Look no more at a connection until its tile is made."""
        self.poller.unregister(conn.sock)
        conn.apart = True
        if not conn.busy:
            # The thread has ended meanwhile, and may not have seen it.
            self.method_queue.defer(self._back, conn, ALL)

    def _hand_over(self, conn: Connection, data: bytes) -> None:
        """Leave a request to gunicorn; the connection comes back when it is answered."""
        self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)
        conn.for_gunicorn(data)
        self.enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """gunicorn has answered: the connection is the loop's again, or closed."""
        super().finish_request(conn, fs)
        if isinstance(conn, Connection) and conn in self.keepalived_conns:
            conn.for_the_lane()

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """In a thread of gunicorn's: answer a request that it has read."""
        if not any(name == "HOST" for name, _ in req.headers):
            raise refusals.NoHost
        return super().handle_request(req, conn)

    def handle_error(
        self, req: Request | None, client: socket.socket, addr: object, exc: BaseException
    ) -> None:
        """Say what is wrong with what gunicorn could not read, or that a request failed."""
        status = refusals.status_of(exc)
        if status == 500:
            self.log.error("%s", getattr(req, "uri", "no request"), exc_info=exc)
        detail = refusals.BROKEN if status == 500 else str(exc)[: refusals.LONGEST_DETAIL]
        try:
            client.sendall(b"".join(refusals.refusal(status, detail)))
        except OSError as fault:
            self.log.debug("a refusal was not heard: %s", fault)

    def _refuse(self, conn: Connection, status: int, detail: str) -> None:
        conn.sent(refusals.refusal(status, detail))
        self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        if not conn.apart:
            self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)
        self.nr_conns -= 1
        self._tell()
        conn.close()

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what has been silent for long; but nobody whose tile is being made."""
        now = time.monotonic()
        while self.keepalived_conns and not force:
            conn = self.keepalived_conns[0]
            if not isinstance(conn, Connection) or (conn.timeout or now) > now:
                break
            kept = now + 1 if conn.busy else conn.used + self.cfg.keepalive
            if kept <= now or not (self.alive or conn.busy):
                break
            self.keepalived_conns.rotate(-1)
            conn.timeout = kept
        super().murder_keepalived(force)  # type: ignore[call-arg]
