"""No model: read the body, answer a constant. What is left is the cost of each layer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Message = MutableMapping[str, Any]
ANSWER = {"label": "malignant", "probabilities": [0.0, 1.0]}
ENCODED = msgspec.json.encode(ANSWER)


class Body(msgspec.Struct):
    """One row, as msgspec reads it."""

    features: list[float]


read = msgspec.json.Decoder(Body).decode


async def plain(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """An ASGI application by hand."""
    if scope["type"] != "http":
        return
    message = await receive()
    body = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    read(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(ENCODED)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ENCODED})


async def _on_starlette(request: Request) -> Response:
    read(await request.body())
    return Response(ENCODED, media_type="application/json")


starlette = Starlette(routes=[Route("/predict", _on_starlette, methods=["POST"])])
fastapi = FastAPI()


class Row(BaseModel):
    """One row, as pydantic reads it."""

    features: list[float]


@fastapi.post("/predict")
async def _on_fastapi(row: Row) -> dict[str, Any]:  # noqa: ARG001  # it is only read
    return ANSWER
