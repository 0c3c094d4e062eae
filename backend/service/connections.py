"""Connections: uvicorn's HTTP, with a limit to a request's head and to the time it may take.

By itself uvicorn takes headers and addresses of any length, and waits for the rest of a request
for ever: one caller could fill the memory, and a few hundred that never finish their requests
would keep everybody else out, or leave no file for the database to open. A request that arrives
whole costs a comparison here, and no timer.
"""

import asyncio
import functools
import resource
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_LIMIT = 64 << 10
"""The most bytes of a request that are not its body."""
LOOK_SECONDS = 10.0
LEAST_BYTES = 5_000
"""What must have come of an unfinished request each time that it is looked at."""
KEPT_FILES = 128
"""Files that connections leave to the database, the cache and the log."""
MOST_FILES = 16_384


@functools.cache
def most_connections() -> int:
    """How many this process can hold; from now on it may open as many files as the system lets it.

    The usual limit, 1,024, dates from a call that nothing here makes.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(most - KEPT_FILES, most // 2)


class Connection(HttpToolsProtocol):
    """One connection of a caller."""

    _timer: asyncio.TimerHandle | None = None
    """Runs while a request is unfinished."""
    _overhead = 0
    """The unfinished request's bytes that are not its body."""
    _came: int | None = None
    """Its bytes since it was last looked at; None before anything came."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A caller is there, and should send something."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            self._refuse(
                503,
                "Unavailable",
                f"{len(self.connections) - 1:,} connections are open already. Try again in a"
                " second, or close those that are not used.",
            )
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller is gone."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came; only what leaves a request unfinished is counted and timed."""
        if self._timer is not None:
            self._go_on(data)
            return
        super().data_received(data)
        if not self._is_whole() and not self.transport.is_closing():
            self._overhead, self._came = 0, len(data)
            self._wait()

    def _go_on(self, data: bytes) -> None:
        """More of an unfinished request came."""
        cycle: Any = self.cycle
        scope, before = self.scope, len(cycle.body) if cycle is not None else 0
        super().data_received(data)
        if self._is_whole():
            self._rest()
            return
        self._came = (self._came or 0) + len(data)
        if self.scope is not scope:
            self._overhead = 0  # another request has begun in the same bytes
            return
        # A chunk of the body may be announced by as many bytes as it has itself.
        body = len(self.cycle.body) - before if self.cycle is cycle and cycle is not None else 0
        self._overhead += len(data) - 2 * body
        if self._overhead > HEAD_LIMIT:
            self._refuse(
                431,
                "TooLarge",
                f"The request's address and headers have more than {HEAD_LIMIT:,} bytes. Send"
                " what is long in the body.",
            )

    def _is_whole(self) -> bool:
        """Whether nothing is missing of the last request that began."""
        cycle: Any = self.cycle
        return cycle is not None and not cycle.more_body and cycle.scope is self.scope

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # ours says what to do
        """Refuse what is no HTTP, in the form of all our errors."""
        self._refuse(400, "Malformed", "The request is not HTTP/1.1 that can be read. Check it.")

    def _look(self) -> None:
        self._timer = None
        if self._came is None:
            self.transport.close()  # opened in advance, and not used
        elif self._came >= LEAST_BYTES or self.flow.read_paused:
            self._came = 0
            self._wait()
        else:
            self._refuse(
                408,
                "TooSlow",
                f"The request was not whole, and of its rest {self._came:,} bytes came in"
                f" {LOOK_SECONDS:.0f} seconds; expected at least {LEAST_BYTES:,}. Send it again.",
            )

    def _wait(self) -> None:
        self._timer = self.loop.call_later(LOOK_SECONDS, self._look)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int, error: str, detail: str) -> None:
        """Answer and close; an earlier request that is whole gets its own answer, and no other."""
        self._rest()
        cycle: Any = self.cycle
        if self.transport.is_closing():
            return
        is_unfinished = cycle is not None and cycle.scope is self.scope and cycle.more_body
        if cycle is not None and not cycle.response_complete and not is_unfinished:
            cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if not (is_unfinished and cycle.response_started):
            self.transport.write(_answer(status, error, detail))
        self.transport.close()


def _answer(status: int, error: str, detail: str) -> bytes:
    content = msgspec.json.encode({"error": error, "detail": detail})
    head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: "
    if status == 503:
        head = b"retry-after: 1\r\n" + head
    return b"%s%s%d\r\n\r\n%s" % (STATUS_LINE[status], head, len(content), content)
