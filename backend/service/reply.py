"""An answer in one write.

ASGI sends an answer as two messages, its head and its body, and uvicorn writes each as it comes:
two calls of the system and two packets, which cost a fifth of a whole request. The common answer, a
short 200 on a connection that stays open, is written here at once, on uvicorn's own terms; every
other goes the ordinary way.
"""

from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class _Head:
    """The head of a 200 up to the length of its body; uvicorn renews its own part each second."""

    def __init__(self) -> None:
        self._of: Sequence[tuple[bytes, bytes]] | None = None
        self._bytes = b""

    def with_defaults(self, defaults: Sequence[tuple[bytes, bytes]]) -> bytes:
        if defaults is not self._of:
            lines = [b"%b: %b\r\n" % header for header in defaults]
            lines.append(b"content-type: application/json\r\ncontent-length: ")
            self._bytes = b"HTTP/1.1 200 OK\r\n" + b"".join(lines)
            self._of = defaults
        return self._bytes


_head = _Head()


def replied(send: Any, content: bytes) -> bool:
    """Answer 200 with JSON if that can be done at once; otherwise nothing was written."""
    cycle = getattr(send, "__self__", None)
    if type(cycle) is not RequestResponseCycle or not _is_plain(cycle):
        return False
    head = _head.with_defaults(cycle.default_headers)
    cycle.transport.write(b"%b%d\r\n\r\n%b" % (head, len(content), content))
    # What `RequestResponseCycle.send` leaves behind after the last message.
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    cycle.on_response()
    return True


def has_begun(send: Any) -> bool:
    """Whether an answer was begun; True where that cannot be told."""
    return bool(getattr(getattr(send, "__self__", None), "response_started", True))


def _is_plain(cycle: RequestResponseCycle) -> bool:
    return (
        cycle.keep_alive
        and not cycle.disconnected
        and not cycle.response_started
        and not cycle.flow.write_paused
        and not cycle.access_log
        and cycle.scope["method"] == "POST"
    )
