"""The hot routes: an ASGI layer ahead of FastAPI, for everything that predicts.

FastAPI's own validation costs several times the work of a prediction, so these few routes read
and answer on their own. `openapi.py` adds them to the document.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

import msgspec

from backend.errors import Malformed, NotFound, TooLarge, Unusable, WatchdeskError
from backend.records.predictions import EXCERPT
from backend.service.bodies import (
    BODY_LIMIT,
    MOST_INSTANCES,
    PredictBody,
    read_predict,
    too_large,
)
from backend.service.champions import Champions, Loaded
from backend.service.pipeline import Pipeline, Request, answer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_PLAIN = ("/predict", "/predict/batch")
_MODEL = re.compile(r"/models/([^/]+)/predict")
_WHAT_IF = re.compile(r"/models/([^/]+)/versions/([^/]+)/what-if")
_encode = msgspec.json.Encoder().encode


class HotRoutes:
    """Answers `POST` on the predicting paths; everything else goes on to `app`."""

    def __init__(
        self,
        app: App,
        champions: Champions,
        pipeline: Pipeline,
        in_thread: Callable[..., Awaitable[Any]],
    ) -> None:
        self._app = app
        self._champions = champions
        self._pipeline = pipeline
        self._in_thread = in_thread

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's event."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path in _PLAIN:
            await self._predict(None, scope, receive, send)
        elif match := _MODEL.fullmatch(path):
            await self._predict(unquote(match[1]), scope, receive, send)
        elif match := _WHAT_IF.fullmatch(path):
            await self._what_if(unquote(match[1]), match[2], scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _predict(self, named: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        request = Request(model="")
        try:
            body = await read_body(scope, receive)
            await self._prepare(request, named, read_predict(body, dict(scope["headers"])))
        except WatchdeskError as error:
            request.refusal = error
        request.excerpt = body[:EXCERPT].decode("utf-8", "replace").replace("\0", "\ufffd")
        try:
            answers = await self._pipeline.answer(request)
        except WatchdeskError as error:
            await respond(send, error.status, problem(error))
            return
        await respond(send, 200, answers[0] if request.single else {"predictions": answers})

    async def _prepare(self, request: Request, named: str | None, body: PredictBody) -> None:
        """Fill in the model, its champion and the rows; raises what refuses the request."""
        if named is not None and body.model not in (None, named):
            raise Malformed(
                f"The address names model `{named[:100]}` and the body `{str(body.model)[:100]}`;"
                " name the same, or leave it out of the body."
            )
        wanted = named if named is not None else body.model
        request.model = self._champions.known(wanted)
        request.loaded = await self._resolve(wanted)
        request.model = request.loaded.model
        request.single, request.rows = read_rows(request.loaded, body)

    async def _resolve(self, model: str | None) -> Loaded:
        try:
            return self._champions.resolve(model)
        except WatchdeskError:
            # It may have been promoted a moment ago: look once more before refusing.
            await self._in_thread(self._champions.refresh)
            return self._champions.resolve(model)

    async def _what_if(
        self, model: str, number: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            body = read_predict(await read_body(scope, receive), dict(scope["headers"]))
            if not (number.isascii() and number.isdecimal()):
                raise NotFound(f"Version `{number[:20]}` is not a number; expected one like `3`.")
            loaded = await self._in_thread(self._champions.version, model, int(number))
            single, rows = read_rows(loaded, body)
            answers = await self._in_thread(_score, loaded, rows)
        except WatchdeskError as error:
            await respond(send, error.status, problem(error))
            return
        await respond(send, 200, answers[0] if single else {"predictions": answers})


def is_hot(path: str) -> bool:
    """Whether `path` is one that predicts, and so takes POST alone."""
    return path in _PLAIN or bool(_MODEL.fullmatch(path) or _WHAT_IF.fullmatch(path))


def read_rows(loaded: Loaded, body: PredictBody) -> tuple[bool, list[list[Any]]]:
    """Whether the body holds a single row, and its rows as values to score.

    Raises:
        Unusable: a value cannot be used, or there are none; in a batch the index is named.
        TooLarge: there are more than 10,000 instances.
    """
    if not isinstance(body.instances, list):
        return True, [loaded.signature.read(body.features)]
    if not body.instances:
        raise Unusable("`instances` is empty; expected at least one row.")
    if len(body.instances) > MOST_INSTANCES:
        raise TooLarge(
            f"`instances` has {len(body.instances):,} rows; the limit is {MOST_INSTANCES:,}. Send"
            " them in several batches."
        )
    rows = []
    for index, instance in enumerate(body.instances):
        try:
            rows.append(loaded.signature.read(instance))
        except Unusable as error:
            raise Unusable(f"Instance {index}: {error.detail}") from None
    return False, rows


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body.

    Raises:
        TooLarge: it is longer than the limit; the rest is not read.
        Malformed: the caller went away before it was whole.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > BODY_LIMIT:
            raise too_large(int(value))
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The connection was closed before the body was whole.")
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise too_large()
        if not message.get("more_body", False):
            return b"".join([*parts, part]) if parts else part
        parts.append(part)


def problem(error: WatchdeskError) -> dict[str, str]:
    """The JSON of an error."""
    return {"error": type(error).__name__, "detail": error.detail}


async def respond(send: Send, status: int, document: object) -> None:
    """Send one JSON answer; a 503 says when to try again."""
    content = _encode(document)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    if status == 413:
        headers.append((b"connection", b"close"))  # the rest of the body was not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _score(loaded: Loaded, rows: list[list[Any]]) -> list[dict[str, Any]]:
    try:
        scored = loaded.scorer.score(rows)
    except Exception as error:
        raise Unusable(
            f"Version {loaded.number} of `{loaded.model}` could not answer these values"
            f" ({type(error).__name__}: {str(error)[:200]})."
        ) from error
    return [answer(loaded, scored, i, row) for i, row in enumerate(rows)]
