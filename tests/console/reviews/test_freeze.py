"""Freezing: the same log gives the same hash, and the document says what the pages say."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from backend.errors import Refused
from backend.records import reviews
from backend.records.predictions import Window
from backend.records.tables import predictions
from console import jobs
from console.drift import documents
from console.jobs import claims
from console.jobs.context import JobContext
from console.reviews import canonical, frozen_pages, meeting
from console.reviews.freeze import run_job
from console.summaries.judged import judged
from console.windows import HOUR
from tests.console.reviews.conftest import EMPTY, HOSTILE, MOVED, QUIET, Logged


def test_the_same_window_gives_the_same_hash_whoever_freezes_it(logged: Logged) -> None:
    first = logged.freeze(MOVED)
    second = logged.freeze(MOVED, actor="grace")
    assert (first.sha256, first.frozen_by) == (second.sha256, "ada")
    assert second.frozen_by == "grace"
    content = reviews.document(logged.database, first)
    assert canonical.sha256(content) == first.sha256
    # Canonical: writing it again from what was read gives the same bytes.
    assert canonical.packed(json.loads(content)) == content


def test_another_row_in_the_window_gives_another_hash(logged: Logged) -> None:
    first = logged.freeze(MOVED)
    with logged.database.write() as connection:
        one = sa.select(sa.func.max(predictions.c.id)).scalar_subquery()
        connection.execute(predictions.delete().where(predictions.c.id == one))
    assert logged.freeze(MOVED).sha256 != first.sha256


def test_what_moved_is_a_finding_with_what_it_does_to_the_answers(logged: Logged) -> None:
    review = logged.freeze(MOVED)
    document = meeting.opened(logged.database, review)
    found = {one.key: one for one in meeting.findings(document)}
    moved = found[f"feature:{HOSTILE}"]
    assert (moved.kind, moved.status, review.status) == ("feature", "drifted", "drifted")
    assert "has drifted: its values lie" in moved.what
    assert "Putting" in moved.matters
    assert [chart["kind"] for chart in moved.charts] == ["histogram", "lines"]
    histogram = moved.charts[0]
    assert (histogram["n_current"], len(histogram["edges"])) == (600, 31)
    assert sum(histogram["current"]) == pytest.approx(1.0)
    assert sum(histogram["reference"]) == pytest.approx(1.0)
    assert found["answers:__value__"].kind == "answers"
    changed = document["decisions"]["changes"][0]
    assert (changed["feature"], changed["changed"] > 0.1) == (HOSTILE, True)
    assert document["traffic"]["window"]["answered"] == 600


def test_the_frozen_report_is_the_one_that_the_drift_page_shows(logged: Logged) -> None:
    document = meeting.opened(logged.database, logged.freeze(MOVED))
    shown = judged(logged.database, logged.version, MOVED, logged.store).report
    frozen = documents.from_json(document["drift"])
    assert document["verdict"] == shown.message
    for was, now in zip(frozen.results, shown.results, strict=True):
        assert (was.feature, was.status, was.message) == (now.feature, now.status, now.message)
        assert was.effect == pytest.approx(now.effect, rel=1e-8)


def test_a_quiet_and_an_empty_window_give_reviews_too(logged: Logged) -> None:
    quiet = logged.freeze(QUIET)
    document = meeting.opened(logged.database, quiet)
    assert [one.key for one in meeting.findings(document) if one.kind == "feature"] == []
    assert document["message"].endswith(document["verdict"])
    empty = logged.freeze(EMPTY)
    document = meeting.opened(logged.database, empty)
    assert (empty.status, document["findings"]) == ("not_enough_rows", [])
    assert document["message"] == (
        "There is nothing to review: no row was answered in this window. Choose another window."
    )


def test_requests_that_stay_away_are_a_finding(logged: Logged) -> None:
    after = Window(QUIET.end, QUIET.end + HOUR)
    document = meeting.opened(logged.database, logged.freeze(after))
    (found,) = meeting.findings(document)
    assert (found.key, found.status) == ("traffic:volume", "notice")
    assert found.what == ("0 requests came, against 600 in the time of equal length before it.")


def test_a_draft_is_not_reviewed(logged: Logged) -> None:
    draft = Logged(
        logged.database, replace(logged.version, number=None), logged.store, logged.settings
    )
    with pytest.raises(Refused, match=r"^A draft has answered nothing"):
        draft.freeze(MOVED)


@pytest.mark.filterwarnings("ignore")  # evidently's own imports warn
def test_the_job_keeps_evidently_s_pages_under_hashes_in_the_document(logged: Logged) -> None:
    asked: dict[str, Any] = {"model": logged.version.model, "version": logged.version.number}
    asked |= {"start": MOVED.start, "end": MOVED.end}
    submitted = jobs.submit(logged.database, "review", asked, by="tester")
    assert claims.claim(logged.database, "tester") == submitted
    context = JobContext(logged.database, logged.settings, jobs.get(logged.database, submitted))
    try:
        result = run_job(context, **asked)
    finally:
        context.close()
    review = reviews.get(logged.database, result["review"])
    assert (review.sha256, review.frozen_by) == (result["sha256"], "tester")
    document = meeting.opened(logged.database, review)
    assert [one["title"] for one in document["files"]] == ["Drift", "Data summary"]
    assert list(document["left_out"]) == ["Quality of the answers"]
    for one in document["files"]:
        content, media_type = reviews.file(logged.database, review, one["name"])
        assert (canonical.sha256(content), media_type) == (one["sha256"], "text/html+gzip")
        page = frozen_pages.unpacked(content)
        assert len(page) == one["bytes"]
        assert b"Content-Security-Policy" in page[:2_000]


def test_random_identifiers_of_a_page_become_numbers() -> None:
    page = b"a 8c9f1b1e-7d6b-4e7a-9d8f-0123456789ab b 8c9f1b1e7d6b4e7a9d8f0123456789ab c deadbeef"
    settled = frozen_pages.settled(page)
    assert settled == (
        b"a 00000000-0000-0000-0000-000000000000 b 00000000000000000000000000000000 c deadbeef"
    )
    other = page.replace(b"8c9f1b1e", b"11111111")
    assert frozen_pages.settled(other) == settled


def test_a_document_is_the_same_text_however_it_was_put_together() -> None:
    one = {"b": np.float64(0.1) + np.float64(0.2), "a": (np.int64(3), float("nan"), "Ü")}
    other = {"a": [3, None, "Ü"], "b": 0.3}
    assert canonical.packed(one) == canonical.packed(other) == '{"a":[3,null,"Ü"],"b":0.3}'.encode()
    with pytest.raises(TypeError, match=r"^object cannot stand in a review's document$"):
        canonical.packed({"a": object()})
