"""What is written in one go is, byte for byte, what the ordinary way would have written."""

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from backend.records.registry import Version
from tests.conftest import Problem, Service


@pytest.fixture
def ask(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> Callable[..., bytes]:
    """A function that sends requests in one packet and gives all bytes that come back."""
    registered("iris")
    service.start()
    row = problems["iris"].frame.iloc[0].tolist()
    body = json.dumps({"features": row}).encode()

    def sent(*heads: str) -> bytes:
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
            for head in heads:
                lines = f"{head}\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                length = f"Content-Length: {len(body)}\r\n\r\n"
                connection.sendall((lines + length).encode() + body)
            parts = []
            while part := connection.recv(65_536):
                parts.append(part)
        return b"".join(parts)

    return sent


def split(answer: bytes) -> tuple[list[str], dict[str, Any]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return sorted(head.decode().lower().split("\r\n")), json.loads(body)


PREDICT = "POST /predict HTTP/1.1"
CLOSING = f"{PREDICT}\r\nConnection: close"


def test_pipelined_answers_come_in_order_and_alike(ask: Callable[..., bytes]) -> None:
    both = ask(PREDICT, CLOSING)
    cut = both.index(b"HTTP/1.1", 1)
    (quick, at_once), (ordinary, closing) = split(both[:cut]), split(both[cut:])
    assert [line for line in ordinary if not line.startswith(("connection", "date"))] == [
        line for line in quick if not line.startswith("date")
    ]
    assert any(line.startswith("date: ") for line in quick)
    ids = [answer.pop("prediction_id") for answer in (at_once, closing)]
    assert at_once == closing
    assert ids == sorted(ids)


def test_an_old_client_s_connection_is_closed_after_its_answer(ask: Callable[..., bytes]) -> None:
    head, answer = split(ask("POST /predict HTTP/1.0"))
    assert "connection: close" in head
    assert answer["model"] == "iris"


def test_a_connection_takes_many_requests(ask: Callable[..., bytes]) -> None:
    answers = ask(*[PREDICT] * 30, CLOSING)
    assert answers.count(b"HTTP/1.1 200 OK") == 31
    assert answers.count(b'"prediction_id"') == 31
