"""How long a socket waits, told to the kernel: Python would look at the socket before each use."""

import socket
import struct


def wait_at_most(one: socket.socket, seconds: float) -> None:
    """Have it read and write for so long, and then raise BlockingIOError."""
    whole, part = divmod(seconds, 1)
    told = struct.pack("ll", int(whole), int(part * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        one.setsockopt(socket.SOL_SOCKET, option, told)
    one.setblocking(True)
