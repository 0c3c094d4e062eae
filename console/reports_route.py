"""`/reports/{job}/{name}`: files that jobs kept, Evidently's reports above all, for the browser.

Such a report contains what callers of the service sent, unescaped. So it comes with a policy that
puts it into an origin of its own, where its scripts run but reach neither the console nor any
other machine.
"""

import functools
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from backend.errors import NotFound, WatchdeskError
from backend.records.database import Database, open_database
from backend.settings import LOOPBACK_HOSTS, Settings
from console.jobs import queue

SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": SANDBOX,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# A finished job's files never change. Not for ever: another database may begin at job 1 again.
KEEP = "private, max-age=3600, immutable"


def report(request: Request) -> Response:
    """One file of a job; `?download=1` saves it.

    A plain function: Starlette runs it in a thread, off the event loop.
    """
    settings = Settings.from_environment()
    host = request.headers.get("host", "")
    if not is_ours(host, settings.allowed_hosts):
        return _sentence(
            403,
            f"The request's Host is `{host[:100]}`, which this console does not answer to. If it"
            " is yours, add it to `WATCHDESK_ALLOWED_HOSTS`.",
        )
    job_id, name = request.path_params["job_id"], request.path_params["name"]
    try:
        if not (job_id.isascii() and job_id.isdecimal() and len(job_id) < 19):
            raise NotFound(f"There is no job `{job_id[:40]}`; expected a number.")
        content, media_type = queue.file(_open(settings.database_url), int(job_id), name[:60])
    except WatchdeskError as error:
        return _sentence(error.status, error.detail)
    headers = {**HEADERS, "Cache-Control": KEEP}
    if request.query_params.get("download"):
        headers["Content-Disposition"] = f'attachment; filename="job-{job_id}-{name}"'
    return Response(content, media_type=media_type, headers=headers)


routes = [Route("/reports/{job_id}/{name}", report)]


def is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a `Host` header names this console: loopback, or one of the allowed names."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    if name and ":" in name:
        name = f"[{name}]"
    return "*" in allowed or name in {*LOOPBACK_HOSTS, *allowed}


@functools.lru_cache(maxsize=4)
def _open(url: str) -> Database:
    return open_database(url)


def _sentence(status: int, detail: str) -> Response:
    return PlainTextResponse(
        f"{detail}\n", status, headers={**HEADERS, "Cache-Control": "no-store"}
    )
