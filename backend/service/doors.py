"""Who may knock: only requests addressed to a name of ours, and from pages of ours.

Listening on loopback is no protection by itself: a web page whose name is pointed at 127.0.0.1
reaches it through its visitor's browser (DNS rebinding), with its own name in `Host`.
"""

import logging
from collections.abc import Awaitable
from urllib.parse import urlsplit

from backend.service.reply import has_begun
from backend.service.wire import App, Receive, Scope, Send, bug, respond
from backend.settings import LOOPBACK_HOSTS

log = logging.getLogger(__name__)

MOST_SEEN = 100


class Doors:
    """Refuses a foreign `Host` or `Origin` with 403 before anything else is read."""

    def __init__(self, app: App, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._allowed = frozenset(LOOPBACK_HOSTS) | set(allowed)
        self._seen: set[bytes] = set()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection's event."""
        if scope["type"] == "http" and (detail := self._foreign(scope)):
            return respond(send, 403, {"error": "Foreign", "detail": detail})
        return self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:
            # FastAPI has answered for itself by now; the routes ahead of it have not.
            if scope["type"] != "http" or has_begun(send):
                raise
            log.exception("a request failed by a bug")
            await respond(send, 500, bug(scope["method"], scope["path"]))

    def _foreign(self, scope: Scope) -> str | None:
        if "*" in self._allowed:
            return None
        for name, value in scope["headers"]:
            if name not in (b"host", b"origin") or value in self._seen:
                continue
            text = value.decode("latin-1")
            host = _host(text if name == b"origin" else f"//{text}")
            if host not in self._allowed:
                return (
                    f"The request's {name.decode().title()} is `{text[:100]}`, which this service"
                    " does not answer to. If it is yours, add it to `WATCHDESK_ALLOWED_HOSTS`."
                )
            if len(self._seen) < MOST_SEEN:
                self._seen.add(value)  # a name of ours: not taken apart again
        return None


def _host(address: str) -> str | None:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return f"[{host}]" if host and ":" in host else host
