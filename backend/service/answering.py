"""The way of a request that came by another protocol than ours: the same as `/predict` goes.

Each protocol only says how its body becomes instances and its answer is worded; the version is
found, the rows are validated, predicted and committed here.
"""

import contextlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import msgspec

from backend.errors import NotFound, Unavailable, WatchdeskError
from backend.service.bodies import PredictBody
from backend.service.champions import Champions, Loaded
from backend.service.hot import read_rows, resolve
from backend.service.pipeline import Pipeline
from backend.service.requests import Request
from backend.service.wire import App, Receive, Scope, Send, read_body

# A longer body is read in a thread, so that others have their turn.
_READ_HERE = 32 << 10

Headers = Sequence[tuple[bytes, bytes]]
Read = Callable[[Request, Loaded, Headers], list[Any]]
"""From a request with its body, the version and the headers: instances, by name or in order.
Raises a WatchdeskError that refuses the request."""


class Answering:
    """What the protocols share: versions by name and number, and the pipeline."""

    def __init__(
        self,
        champions: Champions,
        pipeline: Pipeline,
        in_thread: Callable[..., Awaitable[Any]],
        body_limit: int,
    ) -> None:
        self._champions = champions
        self._pipeline = pipeline
        self.in_thread = in_thread
        self._body_limit = body_limit

    async def version(self, model: str | None, number: str | None = None) -> Loaded:
        """The version of that number, else the champion of the model or of the default model.

        Raises:
            NotFound, NoChampion, ArtefactDamaged: there is none that can answer.
        """
        if number is None or model is None:
            return await resolve(self._champions, model, self.in_thread)
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise NotFound(f"Version `{number[:20]}` is not a number; expected one like `3`.")
        with contextlib.suppress(WatchdeskError):
            champion = self._champions.resolve(model)
            if champion.number == int(number):
                return champion  # and so in one batch with everybody else's requests
        if not self._champions.known(model):
            await self.in_thread(self._champions.refresh)
        if not self._champions.known(model):
            raise NotFound(f"There is no model `{model[:100]}`; `GET /models` lists all.")
        loaded: Loaded = await self.in_thread(self._champions.version, model, int(number))
        return loaded

    async def answer(
        self,
        scope: Scope,
        receive: Receive,
        read: Read,
        model: str | None,
        number: str | None = None,
    ) -> tuple[Loaded, list[dict[str, Any]]]:
        """Read a request, predict its rows and commit them.

        Returns:
            The version that answered, and one answer per row.

        Raises:
            WatchdeskError: the request is refused, and that is in the log.
            Unavailable: it could not be answered or logged.
        """
        request = Request(model=self._champions.known(model))
        try:
            request.body = await read_body(scope, receive, self._body_limit)
            loaded = await self.version(model, number)
            request.loaded, request.model = loaded, loaded.model
            await self._fill(request, loaded, read, scope["headers"])
        except WatchdeskError as error:
            request.refusal = error
        answers = await self._pipeline.answer(request)
        return loaded, answers

    async def _fill(self, request: Request, loaded: Loaded, read: Read, headers: Headers) -> None:
        """Give a request its rows."""
        if len(request.body) > _READ_HERE:
            request.rows = await self.in_thread(_rows, request, loaded, read, headers)
        else:
            request.rows = _rows(request, loaded, read, headers)


def _rows(request: Request, loaded: Loaded, read: Read, headers: Headers) -> list[list[Any]]:
    _, rows = read_rows(loaded, PredictBody(instances=read(request, loaded, headers)))
    return rows


async def reply(send: Send, status: int, content: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send one answer whose headers, but for the length, are given."""
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": content})


def not_allowed(path: str, method: str, allowed: bytes) -> str:
    """The sentence for a wrong method."""
    return f"`{path[:200]}` does not take {method[:20]}; it takes {allowed.decode()}. See `/docs`."


async def refuse_method(send: Send, allowed: bytes, document: object) -> None:
    """Send a 405, which says what is allowed."""
    content = msgspec.json.encode(document)
    await reply(send, 405, content, (b"content-type", b"application/json"), (b"allow", allowed))


def as_json(headers: Headers) -> Headers:
    """The same headers, with a body that is declared to be JSON."""
    others = (header for header in headers if header[0] != b"content-type")
    return [(b"content-type", b"application/json"), *others]


async def own_answer(app: App, scope: Scope, path: str) -> Any:
    """What our own route `GET path` says.

    Raises:
        Unavailable: it says no; with its sentence.
    """
    messages: list[MutableMapping[str, Any]] = []

    async def nothing() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def keep(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await app(
        {**scope, "path": path, "raw_path": path.encode(), "query_string": b""}, nothing, keep
    )
    document = msgspec.json.decode(b"".join(message.get("body", b"") for message in messages))
    if messages[0]["status"] != 200:
        raise Unavailable(document["detail"])
    return document
