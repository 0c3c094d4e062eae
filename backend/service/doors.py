"""Who may knock: only requests addressed to a name of ours, and from pages of ours.

Listening on loopback is no protection by itself: a web page whose name is pointed at 127.0.0.1
reaches it through its visitor's browser (DNS rebinding), with its own name in `Host`.
"""

from urllib.parse import urlsplit

from backend.service.hot import App, Receive, Scope, Send, respond
from backend.settings import LOOPBACK_HOSTS


class Doors:
    """Refuses a foreign `Host` or `Origin` with 403 before anything else is read."""

    def __init__(self, app: App, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._allowed = frozenset(LOOPBACK_HOSTS) | set(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's event."""
        if scope["type"] == "http" and (detail := self._foreign(scope)):
            return await respond(send, 403, {"error": "Foreign", "detail": detail})
        return await self._app(scope, receive, send)

    def _foreign(self, scope: Scope) -> str | None:
        if "*" in self._allowed:
            return None
        for name, value in scope["headers"]:
            if name not in (b"host", b"origin"):
                continue
            text = value.decode("latin-1")
            host = _host(text if name == b"origin" else f"//{text}")
            if host not in self._allowed:
                return (
                    f"The request's {name.decode().title()} is `{text[:100]}`, which this service"
                    " does not answer to. If it is yours, add it to `WATCHDESK_ALLOWED_HOSTS`."
                )
        return None


def _host(address: str) -> str | None:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return f"[{host}]" if host and ":" in host else host
