"""The hot routes: an ASGI layer ahead of FastAPI, for everything that predicts.

FastAPI's own validation costs several times the work of a prediction, so these few routes read
and answer on their own. `openapi.py` adds them to the document.
"""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from backend.errors import Malformed, NotFound, TooLarge, Unusable, WatchdeskError
from backend.service.bodies import (
    MOST_INSTANCES,
    Envelope,
    PredictBody,
    read_envelope,
    read_predict,
)
from backend.service.champions import Champions, Loaded
from backend.service.pipeline import Pipeline
from backend.service.requests import Request
from backend.service.scoring import score
from backend.service.wire import App, Receive, Scope, Send, check_json, problem, read_body, respond
from backend.versions.reader import items_of

_PLAIN = ("/predict", "/predict/batch")
_MODEL = re.compile(r"/models/([^/]+)/predict")
_WHAT_IF = re.compile(r"/models/([^/]+)/versions/([^/]+)/what-if")
# So many rows are read before others get a turn.
_ROWS_AT_ONCE = 500


class HotRoutes:
    """Answers `POST` on the predicting paths; everything else goes on to `app`."""

    def __init__(
        self,
        app: App,
        champions: Champions,
        pipeline: Pipeline,
        in_thread: Callable[..., Awaitable[Any]],
        body_limit: int,
    ) -> None:
        self._app = app
        self._champions = champions
        self._pipeline = pipeline
        self._in_thread = in_thread
        self._body_limit = body_limit

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection's event."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return self._app(scope, receive, send)
        path = scope["path"]
        if path in _PLAIN:
            return self._predict(None, scope, receive, send)
        if named := _model_in(path):
            return self._predict(named, scope, receive, send)
        if match := _WHAT_IF.fullmatch(path):
            return self._what_if(unquote(match[1]), match[2], scope, receive, send)
        return self._app(scope, receive, send)

    async def _predict(self, named: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request()
        try:
            request.body = await read_body(scope, receive, self._body_limit)
            check_json(scope["headers"])
            envelope = read_envelope(request.body)
            if not self._read_at_once(request, named, envelope):
                await self._read(request, named, envelope)
        except WatchdeskError as error:
            request.refusal = error
        try:
            answers = await self._pipeline.answer(request)
        except WatchdeskError as error:
            await respond(send, error.status, problem(error))
            return
        await respond(send, 200, answers[0] if request.single else {"predictions": answers})

    def _read_at_once(self, request: Request, named: str | None, envelope: Envelope | None) -> bool:
        """The way of nearly every request: one row, plainly right, for a model that serves."""
        if envelope is None or not isinstance(envelope.features, msgspec.Raw):
            return False
        if named is not None and envelope.model not in (None, named):
            return False
        loaded = self._champions.at_once(named if named is not None else envelope.model)
        if loaded is None:
            return False
        try:
            row, text = loaded.reader.one(envelope.features)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return False
        request.model, request.loaded = loaded.model, loaded
        request.single, request.rows, request.texts = True, (row,), (text,)
        return True

    async def _read(self, request: Request, named: str | None, envelope: Envelope | None) -> None:
        """Fill in the model, its champion and the rows; raises what refuses the request."""
        if envelope is None or (named is not None and envelope.model not in (None, named)):
            body = read_predict(request.body)
            loaded = await self._find(request, _one_name(named, body.model))
        else:
            loaded = await self._find(request, named if named is not None else envelope.model)
            if await _read_instances(request, loaded, envelope):
                return
            body = read_predict(request.body)
        if isinstance(body.instances, list) and len(body.instances) > _ROWS_AT_ONCE:
            read = await self._in_thread(read_rows, loaded, body)
        else:
            read = read_rows(loaded, body)
        request.single, request.rows = read

    async def _find(self, request: Request, wanted: str | None) -> Loaded:
        request.model = self._champions.known(wanted)
        loaded = await resolve(self._champions, wanted, self._in_thread)
        request.loaded, request.model = loaded, loaded.model
        return loaded

    async def _what_if(
        self, model: str, number: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            content = await read_body(scope, receive, self._body_limit)
            check_json(scope["headers"])
            body = read_predict(content)
            if not (number.isascii() and number.isdecimal() and len(number) < 10):
                raise NotFound(f"Version `{number[:20]}` is not a number; expected one like `3`.")
            loaded = await self._in_thread(self._champions.version, model, int(number))
            single, rows = await self._in_thread(read_rows, loaded, body)
            answers = await self._in_thread(score, loaded, rows)
        except WatchdeskError as error:
            await respond(send, error.status, problem(error))
            return
        await respond(send, 200, answers[0] if single else {"predictions": answers})


async def resolve(
    champions: Champions, model: str | None, in_thread: Callable[..., Awaitable[Any]]
) -> Loaded:
    """The champion of a model, or of the default one.

    Raises:
        NotFound, NoChampion, ArtefactDamaged: as `Champions.resolve`.
    """
    try:
        return champions.resolve(model)
    except WatchdeskError:
        # It may have been promoted a moment ago: look once more before refusing.
        await in_thread(champions.refresh)
        return champions.resolve(model)


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
    _check_count(len(body.instances))
    rows = []
    for index, instance in enumerate(body.instances):
        try:
            rows.append(loaded.signature.read(instance))
        except Unusable as error:
            raise Unusable(f"Instance {index}: {error.detail}") from None
    return False, rows


async def _read_instances(request: Request, loaded: Loaded, envelope: Envelope) -> bool:
    """Read a batch that is plainly right; False when the signature has to look at it.

    Raises:
        Unusable, TooLarge: there are no instances, or more than 10,000.
    """
    if not isinstance(envelope.instances, msgspec.Raw):
        return False
    rows: list[Sequence[Any]] = []
    texts: list[str] = []
    try:
        items = items_of(envelope.instances)
        _check_count(len(items))
        for start in range(0, len(items), _ROWS_AT_ONCE):
            if start:
                await asyncio.sleep(0)  # let others have their turn
            read = loaded.reader.several(items[start : start + _ROWS_AT_ONCE])
            rows += read[0]
            texts += read[1]
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return False
    request.rows, request.texts = rows, texts
    return True


def _check_count(rows: int) -> None:
    if not rows:
        raise Unusable("`instances` is empty; expected at least one row.")
    if rows > MOST_INSTANCES:
        raise TooLarge(
            f"`instances` has {rows:,} rows; the limit is {MOST_INSTANCES:,}. Send them in several"
            " batches."
        )


def _one_name(named: str | None, body: str | None) -> str | None:
    if named is None or body in (None, named):
        return named if named is not None else body
    raise Malformed(
        f"The address names model `{named[:100]}` and the body `{str(body)[:100]}`; name the same,"
        " or leave it out of the body."
    )


@functools.lru_cache(1_000)
def _model_in(path: str) -> str | None:
    """The model that a path `/models/{model}/predict` names."""
    match = _MODEL.fullmatch(path)
    return unquote(match[1]) if match else None
