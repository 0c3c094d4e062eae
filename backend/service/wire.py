"""What every route written without FastAPI needs: bodies in, JSON out, as ASGI messages."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

from backend.errors import Malformed, TooLarge, UnsupportedMedia, WatchdeskError
from backend.service.reply import replied

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body.

    Raises:
        TooLarge: it is longer than `limit` bytes; the rest is not read.
        Malformed: the caller went away before it was whole.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > limit:
            raise _too_large(limit, int(value[:20]))
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The connection was closed before the body was whole.")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join([*parts, part]) if parts else part
        parts.append(part)


def check_json(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Check that a body is declared to be plain JSON.

    Raises:
        UnsupportedMedia: it is declared to be something else, or compressed.
    """
    media = b""
    for name, value in headers:
        if name == b"content-type":
            media = value
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            shown = value.decode("latin-1")[:60]
            raise UnsupportedMedia(
                f"The content encoding is `{shown}`; send the body as it is, not compressed."
            )
    if media == b"application/json":
        return
    media = media.split(b";")[0].strip().lower()
    if media != b"application/json" and not media.endswith(b"+json"):
        shown = media.decode("latin-1")[:60] or "missing"
        raise UnsupportedMedia(f"The content type is `{shown}`; expected `application/json`.")


def problem(error: WatchdeskError) -> dict[str, str]:
    """The JSON of an error."""
    return {"error": type(error).__name__, "detail": error.detail}


def bug(method: str, path: str) -> dict[str, str]:
    """The JSON of a bug of ours; its traceback belongs into the log."""
    detail = (
        f"{method} {path[:200]} failed by a bug of the service; its log has the details. Please"
        " report it."
    )
    return {"error": "Bug", "detail": detail}


async def respond(send: Send, status: int, document: object) -> None:
    """Send one JSON answer; a 503 says when to try again."""
    content = _encode(document)
    if status == 200 and replied(send, content):
        return
    headers = [_JSON, (b"content-length", b"%d" % len(content))]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    if status == 413:
        headers.append((b"connection", b"close"))  # the rest of the body was not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _too_large(limit: int, length: int | None = None) -> TooLarge:
    size = f"{length:,} bytes" if length is not None else "more bytes than allowed"
    return TooLarge(f"The body has {size}; the limit is {limit:,}. Send fewer instances at a time.")
