"""A bug behind the door is an answer in our form, on every route."""

import asyncio
from typing import Any

import msgspec
import pytest

from backend.service.doors import Doors
from backend.service.wire import Receive, Scope, Send

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/predict",
    "headers": [(b"host", b"127.0.0.1:8000")],
}


class Cycle:
    """What uvicorn's `send` belongs to, as far as the door looks at it."""

    def __init__(self) -> None:
        self.response_started = False
        self.messages: list[Any] = []

    async def send(self, message: Any) -> None:
        self.response_started = True
        self.messages.append(message)


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_a_bug_is_told_in_our_form() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError("x")

    cycle = Cycle()
    asyncio.run(Doors(broken, ())(SCOPE, receive, cycle.send))  # type: ignore[arg-type]  # a coroutine
    start, body = cycle.messages
    assert start["status"] == 500
    assert msgspec.json.decode(body["body"]) == {
        "error": "Bug",
        "detail": "POST /predict failed by a bug of the service; its log has the details. Please"
        " report it.",
    }


def test_a_bug_after_the_answer_has_begun_is_left_to_the_server() -> None:
    async def breaks_late(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("x")

    cycle = Cycle()
    with pytest.raises(KeyError):
        asyncio.run(Doors(breaks_late, ())(SCOPE, receive, cycle.send))  # type: ignore[arg-type]  # a coroutine
    assert len(cycle.messages) == 1
