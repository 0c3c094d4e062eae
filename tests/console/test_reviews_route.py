"""The routes of reviews over a real wire: the page, what was frozen, and Evidently's pages."""

import gzip
import hashlib
from pathlib import Path

import pytest
import requests

from backend.records import reviews, tables
from backend.records.database import Database
from backend.records.predictions import Window
from backend.settings import Settings
from tests.console.test_reports_route import url  # noqa: F401 — the server, as a fixture
from tests.pages.reviewed import MODEL, reviewed


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database in which review 1 was frozen."""
    return reviewed(tmp_path_factory, tmp_path / "data")


@pytest.fixture
def base(url: str) -> str:  # noqa: F811 — the fixture
    """The address under which reviews are."""
    return url.replace("/reports", "/reviews")


def test_the_page_runs_no_script_and_is_made_anew_each_time(base: str, database: Database) -> None:
    found = requests.get(f"{base}/1/page.html", timeout=20)

    policy = found.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script" not in policy
    assert found.headers["Cache-Control"] == "no-store"
    assert reviews.get(database, 1).sha256 in found.text
    saved = requests.get(f"{base}/1/page.html?download=1", timeout=20)
    assert saved.headers["Content-Disposition"] == 'attachment; filename="review-1.html"'


def test_the_frozen_document_comes_byte_for_byte(base: str, database: Database) -> None:
    found = requests.get(f"{base}/1/document.json", timeout=20)

    assert hashlib.sha256(found.content).hexdigest() == reviews.get(database, 1).sha256
    assert found.headers["Content-Type"] == "application/json"


def test_an_evidently_page_is_unpacked_by_the_browser_in_an_origin_of_its_own(
    base: str, database: Database
) -> None:
    page = b"<script>top.location</script>"
    files = {"drift.html.gz": (gzip.compress(page), "text/html+gzip")}
    content = b'{"findings":[]}'
    made = reviews.add(database, MODEL, 1, Window(0, 1), "stable", content, files, actor="ben")

    found = requests.get(f"{base}/{made.id}/evidently/drift.html", timeout=20)

    assert found.content == page
    assert found.headers["Content-Security-Policy"].startswith("sandbox allow-scripts;")
    assert found.headers["Content-Type"].startswith("text/html")


def test_an_altered_document_is_not_handed_out(base: str, database: Database) -> None:
    with database.write() as connection:
        chunks = tables.blob_chunks
        altered = chunks.update().where(chunks.c.sha256 == reviews.get(database, 1).sha256)
        connection.execute(altered.values(bytes=b"{}"))

    for name in ("page.html", "document.json"):
        found = requests.get(f"{base}/1/{name}", timeout=20)
        assert found.status_code == 503
        assert "is not what was frozen" in found.text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("x/page.html", "There is no review `x`; expected a number."),
        ("999/document.json", "There is no review 999."),
        ("1/evidently/other.html", "Review 1 has no file `other.html.gz`."),
    ],
)
def test_what_is_not_there_is_a_sentence(base: str, path: str, sentence: str) -> None:
    found = requests.get(f"{base}/{path}", timeout=20)

    assert found.status_code == 404
    assert found.text.startswith(sentence)


def test_another_host_is_turned_away(base: str) -> None:
    found = requests.get(f"{base}/1/page.html", headers={"Host": "evil.example"}, timeout=20)

    assert found.status_code == 403
