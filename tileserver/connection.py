"""A client's connection to a web process: what it says, and what it takes, without waiting."""

import socket

from gunicorn.workers.gthread import TConn

from tileserver import patience
from tileserver.wire import Parts

RECEIVE_BYTES = 65536
# How long a thread waits: of gunicorn's for more of a body, or until the client takes more of an
# answer; of ours, when it has made a tile, for the client's next request.
SILENT_SECONDS, STAY_SECONDS = 30.0, 0.02
# Nothing is left to be sent.
ALL = memoryview(b"")


class Connection(TConn):
    """A client. `head` is what has come of a request's head.

    `busy` while a thread makes its tile; `apart` when the loop does not look at it meanwhile,
    since more has come. `used`: when it was last answered in the lane.
    """

    head = b""
    busy = False
    apart = False
    used = 0.0

    def about(self) -> dict[str, str]:
        """What a WSGI environ says of server and client."""
        server = self.server if isinstance(self.server, tuple) else (str(self.server), 0)
        client = self.client[0] if isinstance(self.client, tuple) else ""
        return {
            "SERVER_NAME": str(server[0]),
            "SERVER_PORT": str(server[1]),
            "REMOTE_ADDR": str(client),
        }

    @property
    def is_closed(self) -> bool:
        """Whether we have closed it."""
        return self.sock.fileno() < 0

    def for_the_lane(self) -> None:
        """Wait for this client no longer than the lane does."""
        # gunicorn makes it one that never waits, in between.
        patience.wait_at_most(self.sock, STAY_SECONDS)

    def for_gunicorn(self, data: bytes) -> None:
        """Give what has come to gunicorn's parser, and wait as long as a body may take."""
        patience.wait_at_most(self.sock, SILENT_SECONDS)
        self.init()
        self.parser.unreader.unread(data)  # type: ignore[union-attr]

    def received(self) -> bytes | None:
        """What has come, without waiting: b"" at the end, None when nothing has."""
        try:
            return self.sock.recv(RECEIVE_BYTES, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def next(self) -> bytes:
        """What the client says within a moment; b"" when it says nothing, or has gone."""
        try:
            return self.sock.recv(RECEIVE_BYTES)
        except OSError:
            return b""

    def sent(self, parts: Parts) -> memoryview | None:
        """Send what can be sent without waiting; the rest, or None where the client has gone."""
        whole = b"".join(parts)
        try:
            sent = self.sock.send(whole, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            return None
        return memoryview(whole)[sent:] if sent < len(whole) else ALL
