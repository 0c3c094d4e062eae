"""Documents for the browser: files that jobs kept at `/reports/{job}/{name}`, reviews, dossiers.

`/reviews/{id}/page.html` is a review as one page, `document.json` beside it what was frozen, and
`evidently/{name}` its Evidently pages. `/requests/{id}/dossier.html` is the dossier of a promotion
request as one page, and `dossier.json` beside it the bytes of which its hash is. An Evidently
report contains what callers of the service sent, unescaped. So it comes with a policy that puts it
into an origin of its own, where its scripts run but reach neither the console nor any other
machine. The page of a review or a dossier may run no script at all.
"""

import functools
import json
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from backend.errors import NotFound, WatchdeskError
from backend.records import requests, reviews
from backend.records.database import Database, open_database
from backend.settings import LOOPBACK_HOSTS, Settings
from console.jobs import queue
from console.reviews import page

SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
PAGE = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
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
    return _answer(request, _job_file)


def review_page(request: Request) -> Response:
    """A review as one page that needs nothing else, with what is decided by now."""
    return _answer(request, _review_page)


def review_document(request: Request) -> Response:
    """The frozen document of a review, of which its hash is."""
    return _answer(request, _review_document)


def review_evidently(request: Request) -> Response:
    """One of the Evidently pages that were frozen with a review."""
    return _answer(request, _review_evidently)


def dossier_page(request: Request) -> Response:
    """The dossier of a promotion request as one page, with what became of the request by now."""
    return _answer(request, _dossier_page)


def dossier_document(request: Request) -> Response:
    """The dossier as it was frozen, of which its hash is."""
    return _answer(request, _dossier_document)


def _dossier_page(request: Request, database: Database) -> Response:
    # Imported where it is used: it brings much that the console's start need not wait for.
    from console.promotion import dossier

    found = requests.get(database, _number(request, "promotion request"))
    content = dossier.html(json.loads(requests.document(database, found)), found)
    # What became of the request is on it, so it is made anew each time.
    headers = _saved(request, f"promotion-request-{found.id}.html")
    headers |= {"Content-Security-Policy": PAGE, "Cache-Control": "no-store"}
    return Response(content, media_type="text/html", headers=headers)


def _dossier_document(request: Request, database: Database) -> Response:
    found = requests.get(database, _number(request, "promotion request"))
    content = requests.document(database, found)
    headers = _saved(request, f"promotion-request-{found.id}.json") | {"Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


def _job_file(request: Request, database: Database) -> Response:
    job_id, name = _number(request, "job"), request.path_params["name"]
    content, media_type = queue.file(database, job_id, name[:60])
    headers = _saved(request, f"job-{job_id}-{name}") | {"Cache-Control": KEEP}
    return Response(content, media_type=media_type, headers=headers)


def _review_page(request: Request, database: Database) -> Response:
    found = reviews.get(database, _number(request, "review"))
    # Decisions are added to it, so it is made anew each time.
    headers = _saved(request, f"review-{found.id}.html")
    headers |= {"Content-Security-Policy": PAGE, "Cache-Control": "no-store"}
    return Response(page.html(database, found), media_type="text/html", headers=headers)


def _review_document(request: Request, database: Database) -> Response:
    found = reviews.get(database, _number(request, "review"))
    content = reviews.document(database, found)
    headers = _saved(request, f"review-{found.id}.json") | {"Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


def _review_evidently(request: Request, database: Database) -> Response:
    found = reviews.get(database, _number(request, "review"))
    name = request.path_params["name"][:60]
    # Kept compressed, and sent so: the browser unpacks it.
    content, _ = reviews.file(database, found, f"{name}.gz")
    headers = _saved(request, f"review-{found.id}-{name}") | {"Cache-Control": KEEP}
    headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="text/html", headers=headers)


routes = [
    Route("/reports/{number}/{name}", report),
    Route("/reviews/{number}/page.html", review_page),
    Route("/reviews/{number}/document.json", review_document),
    Route("/reviews/{number}/evidently/{name}", review_evidently),
    Route("/requests/{number}/dossier.html", dossier_page),
    Route("/requests/{number}/dossier.json", dossier_document),
]


def _answer(request: Request, find: Callable[[Request, Database], Response]) -> Response:
    """What `find` gives, for requests that name this console; an error of ours is a sentence."""
    settings = Settings.from_environment()
    host = request.headers.get("host", "")
    if not is_ours(host, settings.allowed_hosts):
        return _sentence(
            403,
            f"The request's Host is `{host[:100]}`, which this console does not answer to. If it"
            " is yours, add it to `WATCHDESK_ALLOWED_HOSTS`.",
        )
    try:
        return find(request, _open(settings.database_url))
    except WatchdeskError as error:
        return _sentence(error.status, error.detail)


def _number(request: Request, what: str) -> int:
    number = str(request.path_params["number"])
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise NotFound(f"There is no {what} `{number[:40]}`; expected a number.")
    return int(number)


def _saved(request: Request, name: str) -> dict[str, str]:
    """The headers of all documents; with `?download=1` the browser saves it under that name."""
    if not request.query_params.get("download"):
        return dict(HEADERS)
    return HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}


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
