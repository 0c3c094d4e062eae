"""The routes of promotion dossiers over a real wire: the page, and what was frozen."""

import hashlib
from pathlib import Path

import pytest
import requests

from backend.records import requests as promotion_requests
from backend.records.database import Database
from backend.records.requests import Request
from backend.records.tables import blob_chunks
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.promotion import asking
from tests.console.test_reports_route import url  # noqa: F401 — the server, as a fixture
from tests.pages.challenged import AS_GOOD, CHAMPION, MODEL, challenged


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database with a champion and two candidates."""
    return challenged(tmp_path_factory, tmp_path / "data")


@pytest.fixture
def base(url: str) -> str:  # noqa: F811 — the fixture
    """The address under which dossiers are."""
    return url.replace("/reports", "/requests")


@pytest.fixture
def asked(database: Database, store: Store) -> Request:
    """A request that waits for a decision; its reason would be a script if it could."""
    return asking.ask(
        *(database, store, MODEL, AS_GOOD),
        actor="ana",
        reason="<script>top.location</script>",
        seen=CHAMPION,
        wait=True,
    )


def test_the_page_runs_no_script_and_says_what_became_of_the_request(
    base: str, database: Database, asked: Request
) -> None:
    found = requests.get(f"{base}/{asked.id}/dossier.html", timeout=20)

    assert found.headers["Content-Type"].startswith("text/html")
    policy = found.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script" not in policy
    assert "<script" not in found.text
    assert asked.sha256 in found.text
    assert found.headers["Cache-Control"] == "no-store"

    promotion_requests.refuse(database, asked.id, actor="ben", reason="Wait for a week of truth.")
    after = requests.get(f"{base}/{asked.id}/dossier.html?download=1", timeout=20)
    assert "Wait for a week of truth." in after.text
    assert after.headers["Content-Disposition"] == (
        'attachment; filename="promotion-request-1.html"'
    )


def test_the_frozen_document_comes_byte_for_byte(base: str, asked: Request) -> None:
    found = requests.get(f"{base}/{asked.id}/dossier.json", timeout=20)

    assert hashlib.sha256(found.content).hexdigest() == asked.sha256
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("number", ["7", "0", "-1", "one", "9" * 30])
def test_a_request_that_there_is_not_is_a_sentence(base: str, number: str) -> None:
    found = requests.get(f"{base}/{number}/dossier.html", timeout=20)

    assert found.status_code == 404
    assert found.text.startswith("There is no promotion request")


@pytest.mark.parametrize("name", ["dossier.html", "dossier.json"])
def test_a_dossier_that_was_altered_is_not_shown(
    base: str, database: Database, asked: Request, name: str
) -> None:
    with database.write() as connection:
        damaged = blob_chunks.c.sha256 == asked.sha256
        connection.execute(blob_chunks.update().where(damaged).values(bytes=b"{}"))

    found = requests.get(f"{base}/{asked.id}/{name}", timeout=20)

    assert found.status_code == 503
    assert "is not what was frozen" in found.text
