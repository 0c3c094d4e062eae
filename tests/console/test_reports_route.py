"""The route of job files over a real wire: whose browser gets what, under which policy."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from starlette.applications import Starlette

from backend.records.database import Database
from backend.settings import Settings
from console import jobs
from console.jobs import claims
from console.jobs.context import JobContext
from console.reports_route import is_ours, routes
from tests.conftest import free_port


@pytest.fixture
def url(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with the route, on the test's database."""
    monkeypatch.setenv("WATCHDESK_DATABASE_URL", settings.database_url)
    monkeypatch.delenv("WATCHDESK_ALLOWED_HOSTS", raising=False)
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/reports"
    server.should_exit = True
    thread.join()


@pytest.fixture
def kept(database: Database, settings: Settings) -> int:
    """A job that kept `drift.html`."""
    job_id = jobs.submit(database, "evidently", {}, by="tester")
    claims.claim(database, "w")
    context = JobContext(database, settings, jobs.get(database, job_id))
    context.keep("drift.html", b"<script>top.location</script>", "text/html; charset=utf-8")
    context.close()
    return job_id


def test_a_report_comes_in_an_origin_of_its_own(url: str, kept: int) -> None:
    found = requests.get(f"{url}/{kept}/drift.html", timeout=5)
    assert (found.status_code, found.content) == (200, b"<script>top.location</script>")
    policy = found.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none';")
    assert "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy
    assert found.headers["Content-Type"] == "text/html; charset=utf-8"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Cache-Control"] == "private, max-age=3600, immutable"
    assert "Content-Disposition" not in found.headers


def test_a_report_can_be_saved(url: str, kept: int) -> None:
    found = requests.get(f"{url}/{kept}/drift.html?download=1", timeout=5)
    expected = f'attachment; filename="job-{kept}-drift.html"'
    assert found.headers["Content-Disposition"] == expected


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("1/other.html", "Job 1 kept no file `other.html`."),
        ("999/drift.html", "Job 999 kept no file `drift.html`."),
        ("x1/drift.html", "There is no job `x1`; expected a number."),
        ("%C2%B2/drift.html", "There is no job `²`; expected a number."),
        ("9" * 30 + "/a", f"There is no job `{'9' * 30}`; expected a number."),
    ],
)
def test_what_is_not_there_is_a_sentence(url: str, kept: int, path: str, sentence: str) -> None:
    found = requests.get(f"{url}/{path}", timeout=5)
    assert (found.status_code, found.text) == (404, f"{sentence}\n")
    assert found.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert found.headers["Cache-Control"] == "no-store"


def test_a_foreign_name_is_refused_even_on_loopback(url: str, kept: int) -> None:
    found = requests.get(f"{url}/{kept}/drift.html", headers={"Host": "evil.example"}, timeout=5)
    assert found.status_code == 403
    assert found.text == (
        "The request's Host is `evil.example`, which this console does not answer to. If it is"
        " yours, add it to `WATCHDESK_ALLOWED_HOSTS`.\n"
    )


@pytest.mark.parametrize(
    ("host", "allowed", "ours"),
    [
        ("localhost:8501", (), True),
        ("127.0.0.1", (), True),
        ("[::1]:8501", (), True),
        ("LOCALHOST", (), True),
        ("desk.example:8501", (), False),
        ("desk.example:8501", ("desk.example",), True),
        ("localhost.evil.example", (), False),
        ("anything", ("*",), True),
        ("", (), False),
        ("[", (), False),
    ],
)
def test_loopback_and_allowed_names_are_ours(
    host: str, allowed: tuple[str, ...], ours: bool
) -> None:
    assert is_ours(host, allowed) is ours
