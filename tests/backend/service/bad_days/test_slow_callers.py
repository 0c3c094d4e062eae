"""Callers that never finish, never stop, or lie about what they send."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator

import pytest
import requests
import sqlalchemy as sa

from backend.records.database import connect as open_at
from backend.records.registry import Version
from backend.records.tables import predictions
from tests.backend.service.callers import Callers, first_row
from tests.backend.service.memory import resident
from tests.backend.service.served import serve
from tests.conftest import Problem, Service
from tests.processes.conftest import wait_until

pytestmark = pytest.mark.processes
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MEGABYTE = 1 << 20


ENDLESS = {
    "headers": (HEAD, b"X-Header: %s\r\n" % (b"a" * 1_000) * 1_000, 431),
    "a header": (HEAD + b"X-Header: ", b"a" * MEGABYTE, 431),
    "a header's name": (HEAD, b"a" * MEGABYTE, 431),
    "an address": (b"GET /", b"a" * MEGABYTE, 431),
    "chunks": (CHUNKED, b"100000\r\n" + b" " * MEGABYTE + b"\r\n", 413),
    "chunks of one byte": (CHUNKED, b"1\r\n \r\n" * 100_000, 431),
    "a chunk's extension": (CHUNKED + b"1;", b"a" * MEGABYTE, 431),
    "trailers": (CHUNKED + b"0\r\n", b"X-Trailer: %s\r\n" % (b"a" * 1_000) * 1_000, 431),
}
LIES = {
    "no number": b"Content-Length: two\r\n",
    "negative": b"Content-Length: -2\r\n",
    "more digits than a number has": b"Content-Length: " + b"9" * 100 + b"\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n",
    "a length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    "a chunk of no length": b"Transfer-Encoding: chunked\r\n",
    "two lines of a header": b"X-Header: a\r\n b: c\r\n\tContent-Length: 2\r\n",
    "more than a request can have": b"Content-Length: 99999999999\r\n",
}
STALLS = {
    "nothing": b"",
    "a method": b"POST",
    "a part of the head": HEAD,
    "a head": HEAD + b"Content-Length: 100\r\n\r\n",
    "a part of the body": HEAD + b"Content-Length: 100\r\n\r\n{",
    "a part of a chunk": CHUNKED + b"ff\r\n{",
}


def connect(service: Service) -> socket.socket:
    """A connection of one's own."""
    return socket.create_connection(("127.0.0.1", service.port), timeout=60)


def heard(connection: socket.socket) -> bytes:
    """What comes until the service closes the connection."""
    content = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65_536):
            content += part
    return content


def said(content: bytes) -> tuple[int, str]:
    """The status and the detail of the first answer in what was heard."""
    head, _, body = content.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["detail"]


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, problems: dict[str, Problem]
) -> Iterator[Service]:
    """A service of this module's own: its memory is looked at."""
    service = serve(tmp_path_factory.mktemp("slow"), problems, WATCHDESK_DEFAULT_MODEL="iris")
    yield service
    service.stop()


def test_what_never_ends_is_refused_before_it_fills_the_memory(
    running: Service, problems: dict[str, Problem]
) -> None:
    assert running.process is not None
    before = resident(running.process.pid)
    for name, (first, again, status) in ENDLESS.items():
        with connect(running) as connection:
            sent = 0
            with contextlib.suppress(ConnectionError):
                connection.sendall(first)
                while sent < 100:
                    connection.sendall(again)
                    sent += 1
            assert sent < 100, f"{name}: all of it was taken"
            assert said(heard(connection))[0] == status, name
    assert resident(running.process.pid) < before + 60_000
    assert running.post("/predict", {"features": first_row(problems["iris"])}).ok


def test_who_lies_about_the_length_is_refused(running: Service) -> None:
    for name, header in LIES.items():
        with connect(running) as connection:
            connection.sendall(HEAD + header + b"\r\n{}")
            status, detail = said(heard(connection))
        assert status in (400, 413), name
        assert detail.endswith("."), name
    assert running.get("/health").ok


def test_a_body_that_is_shorter_than_was_said_is_logged_as_refused(running: Service) -> None:
    before = refusals(running)
    with connect(running) as connection:
        connection.sendall(STALLS["a part of the body"])
    wait_until(lambda: len(refusals(running)) > len(before), "the refusal is logged")
    added = refusals(running)[len(before) :]
    assert added == ["The connection was closed before the body was whole."]


def test_what_follows_a_whole_request_and_is_none_does_not_keep_it_from_its_answer(
    running: Service, problems: dict[str, Problem]
) -> None:
    body = json.dumps({"features": first_row(problems["iris"])}).encode()
    with connect(running) as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"}}}")
        content = heard(connection)
    assert content.startswith(b"HTTP/1.1 200 ")
    assert content.count(b"HTTP/1.1") == 1


def test_callers_that_never_finish_keep_nobody_else_out(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> None:
    registered("breast_cancer")
    # The stalled ones take more than the service may open: for a while there is no room.
    service.command = ("sh", "-c", 'ulimit -n 256 && exec "$@"', "sh", *service.command)
    service.start()
    with Callers(service, problems["breast_cancer"], clients=2) as callers:
        callers.wait_for(10)
        stalled = [(name, connect(service)) for name in [*STALLS] * 50]
        for name, connection in stalled:
            with contextlib.suppress(ConnectionError):  # there was no room for it
                connection.sendall(STALLS[name])
        callers.wait_for(100)
        statuses = {(name, heard(connection)[9:12]) for name, connection in stalled}
        wait_until(lambda: is_alive(service), "a new caller is answered")
        callers.wait_for(10)
    for _, connection in stalled:
        connection.close()
    assert callers.refusals == []
    assert callers.broken == []
    too_slow = {(name, b"408") for name in STALLS if name != "nothing"}
    no_room = {(name, status) for name in STALLS for status in (b"503", b"")}
    assert too_slow <= statuses <= too_slow | no_room
    assert ("nothing", b"503") in statuses


def test_callers_that_never_read_their_answers_keep_nobody_else_out(
    running: Service, problems: dict[str, Problem]
) -> None:
    assert running.process is not None
    before = resident(running.process.pid)
    body = json.dumps({"instances": [first_row(problems["iris"])] * 1_000}).encode()
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    deaf = [connect(running) for _ in range(8)]
    for connection in deaf:
        connection.settimeout(0.1)
        with contextlib.suppress(TimeoutError):  # the service takes no more of them
            connection.sendall(request * 100)
    with Callers(running, problems["iris"], clients=2) as callers:
        callers.wait_for(50)
    assert callers.refusals == []
    assert resident(running.process.pid) < before + 100_000
    for connection in deaf:
        connection.close()


def test_a_caller_that_sends_byte_by_byte_is_told_that_it_is_too_slow(running: Service) -> None:
    with connect(running) as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n")
        connection.settimeout(0.2)
        content = b""
        for _ in range(100):
            with contextlib.suppress(TimeoutError):
                content = connection.recv(65_536)
                break
            connection.sendall(b" ")
    status, detail = said(content)
    assert status == 408
    assert detail.endswith("expected at least 5,000. Send it again.")


def refusals(service: Service) -> list[str | None]:
    """Why requests were refused, the oldest first."""
    database = open_at(service.settings.database_url)
    query = sa.select(predictions.c.error).where(predictions.c.outcome == "refused")
    with database.read() as connection:
        found = list(connection.scalars(query.order_by(predictions.c.id)))
    database.dispose()
    return found


def is_alive(service: Service) -> bool:
    """Whether a new connection is answered."""
    try:
        return requests.get(f"{service.url}/health", timeout=2).ok
    except requests.RequestException:
        return False
