"""Review: nothing there, freezing, deciding, somebody else decided, closing, the next review."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend.records import reviews, tables
from backend.records.database import Database
from backend.records.reviews import Review
from backend.settings import Settings
from console import jobs
from console.jobs.worker import work
from console.reviews import meeting
from tests.pages.conftest import OpenPage, texts
from tests.pages.reviewed import frozen, reviewed

DUE = (datetime.now(UTC) + timedelta(days=9)).date()


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database in which a review was frozen."""
    return reviewed(tmp_path_factory, tmp_path / "data")


@pytest.fixture
def review(database: Database) -> Review:
    """The review, of a window in which some features moved."""
    return reviews.get(database, 1)


def first_finding(database: Database, review: Review) -> meeting.Finding:
    return meeting.findings(meeting.opened(database, review))[0]


def decide(page: AppTest, review: Review, decision: str, owner: str, reason: str) -> AppTest:
    """Fill in and send the form of the first finding, of which nothing was decided yet."""
    name = f"{review.id}_0_0"
    page = page.segmented_control(key=f"review_decision_{name}").set_value(decision).run()
    page.text_input(key=f"review_owner_{name}").set_value(owner)
    page.date_input(key=f"review_due_{name}").set_value(DUE)
    page.text_area(key=f"review_reason_{name}").set_value(reason)
    return page.button(key=f"review_decide_{name}").click().run()


def test_says_that_nothing_was_frozen_yet(database: Database, open_page: OpenPage) -> None:
    with database.write() as connection:
        connection.execute(tables.reviews.delete())
    page = open_page("review", model="breast_cancer")

    assert "None yet. Freeze one above" in texts(page)
    assert not page.button(key="review_freeze").disabled
    assert not page.exception


def test_a_review_is_frozen_by_a_job_and_then_opened(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    page = open_page("review", model="breast_cancer")
    page.checkbox(key="review_evidently").uncheck()
    page = page.button(key="review_freeze").click().run()
    [job] = jobs.recent(database, "review")
    assert job.params["end"] - job.params["start"] == 7 * 86_400 * 1_000_000
    assert (job.params["version"], job.params["evidently"]) == (1, False)
    assert page.query_params["job"] == str(job.id)

    work(settings, once=True)
    page = page.run()

    made = reviews.of_model(database, "breast_cancer")[0]
    assert made.id == 2
    assert page.query_params["review"] == str(made.id)
    assert "job" not in page.query_params
    assert f"verified: `{made.sha256}`" in texts(page)


def test_the_drift_page_freezes_the_window_that_it_shows(
    database: Database, open_page: OpenPage
) -> None:
    page = open_page("drift", model="breast_cancer", window="24h")

    page.button(key="drift_freeze").click().run()

    [job] = jobs.recent(database, "review")
    assert job.params["end"] - job.params["start"] == 86_400 * 1_000_000


def test_a_finding_says_what_changed_and_is_decided_with_owner_and_day(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    finding = first_finding(database, review)
    page = open_page("review", review=str(review.id))
    assert finding.what in texts(page)
    assert finding.matters in texts(page)

    page = decide(page, review, "retrain", "Ana *Ruiz*", "![x](http://example.org/x.png)")

    held = reviews.entries(database, review.id)[-1]
    assert (held.finding, held.decision, held.owner) == (finding.key, "retrain", "Ana *Ruiz*")
    assert (held.due_on, held.actor) == (DUE.isoformat(), "tester")
    assert r"**Retrain: Ana \*Ruiz\*, due" in texts(page)
    assert "Decided by tester" in texts(page)
    assert "![x]" not in texts(page)
    assert not page.exception


def test_an_action_without_an_owner_is_refused_in_a_sentence(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    page = open_page("review", review=str(review.id))

    page = decide(page, review, "watch", " ", "")

    assert "`watch` needs an owner" in page.error[0].value
    assert reviews.entries(database, review.id) == []


def test_a_page_that_is_behind_overwrites_nobody(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    finding = first_finding(database, review)
    page = open_page("review", review=str(review.id))
    name = f"{review.id}_0_0"
    page = page.segmented_control(key=f"review_decision_{name}").set_value("accept").run()
    reviews.decide(
        database, review.id, finding.key, "watch", owner="Ben", due_on=DUE.isoformat(),
        text="First.", actor="ben", seen=None,
    )  # fmt: skip

    page = page.button(key=f"review_decide_{name}").click().run()

    assert "ben chose `watch`" in page.error[0].value
    [held] = reviews.entries(database, review.id)
    assert held.decision == "watch"
    assert "**Watch: Ben, due" in texts(page)


def test_a_later_decision_stands_above_the_one_that_it_replaced(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    key, due = first_finding(database, review).key, DUE.isoformat()
    one = reviews.decide(
        database, review.id, key, "watch", owner="Ben", due_on=due, text="Wait.", actor="ben",
        seen=None,
    )  # fmt: skip
    reviews.decide(
        database, review.id, key, "retrain", owner="Eva", due_on=due, text="Now.", actor="eva",
        seen=one.id,
    )  # fmt: skip

    said = texts(open_page("review", review=str(review.id)))

    assert "**Retrain: Eva, due" in said
    assert "**Watch: Ben" not in said
    assert "~~Watch: Ben, due" in said
    assert "replaced; by ben" in said


def test_comments_are_kept_and_shown_as_they_were_written(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    page = open_page("review", review=str(review.id))
    page.text_input(key=f"review_comment_{review.id}_0").set_value("Is it *spring*?")
    page = page.button(key=f"review_say_{review.id}_0").click().run()

    [entry] = reviews.entries(database, review.id)
    assert (entry.kind, entry.text, entry.actor) == ("comment", "Is it *spring*?", "tester")
    assert "Is it *spring*?" in [element.value for element in page.text]


def test_the_next_review_opens_with_last_times_actions_and_takes_their_progress(
    database: Database, settings: Settings, review: Review, open_page: OpenPage
) -> None:
    finding = first_finding(database, review)
    action = reviews.decide(
        database, review.id, finding.key, "retrain", owner="Eva", due_on=DUE.isoformat(),
        text="", actor="ben", seen=None,
    )  # fmt: skip
    later = frozen(database, settings)
    page = open_page("review", review=str(later.id))
    said = texts(page)
    assert f"**Retrain** · {finding.title} · Eva, due" in said
    assert said.index("**Retrain**") < said.index("verified: `")

    key = f"last_{action.id}"
    page.segmented_control(key=f"review_state_{key}").set_value("done")
    page.text_area(key=f"review_far_{key}").set_value("Version 2 answers.")
    page = page.button(key=f"review_report_{key}").click().run()

    [reported] = [one for one in reviews.entries(database, review.id) if one.kind == "progress"]
    assert (reported.state, reported.text) == ("done", "Version 2 answers.")
    assert "Version 2 answers." in texts(page)


def test_a_closed_review_takes_no_more_decisions(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    page = open_page("review", review=str(review.id))
    page = page.button(key="review_close").click().run()

    assert reviews.get(database, review.id).closed_by == "tester"
    assert "by tester" in texts(page)
    assert not page.segmented_control
    assert "review_close" not in {button.key for button in page.button}


def test_reviews_are_listed_with_how_far_they_are_and_features_across_them(
    database: Database, settings: Settings, review: Review, open_page: OpenPage
) -> None:
    finding = first_finding(database, review)
    reviews.decide(
        database, review.id, finding.key, "watch", owner="Eva", due_on=DUE.isoformat(),
        text="", actor="ben", seen=None,
    )  # fmt: skip
    frozen(database, settings)

    page = open_page("review", model="breast_cancer")

    n = len(meeting.findings(meeting.opened(database, review)))
    plural = "finding" if n == 1 else "findings"
    assert f"1 of {n} {plural} decided · 1 open action" in texts(page)
    assert page.get("vega_lite_chart")
    page = page.button(key=f"review_open_{review.id}").click().run()
    assert page.query_params["review"] == str(review.id)
    page = page.button(key="review_all").click().run()
    assert "review" not in page.query_params


def test_an_altered_document_is_not_shown(
    database: Database, review: Review, open_page: OpenPage
) -> None:
    with database.write() as connection:
        chunks = tables.blob_chunks
        altered = chunks.update().where(chunks.c.sha256 == review.sha256)
        connection.execute(altered.values(bytes=b"{}"))

    page = open_page("review", review=str(review.id))
    assert "is not what was frozen" in page.error[0].value
    assert "verified: `" not in texts(page)

    listed = open_page("review", model="breast_cancer")
    assert not listed.error
    assert not listed.exception


def test_a_review_that_is_none_is_a_sentence(open_page: OpenPage) -> None:
    page = open_page("review", review="4711")

    assert "There is no review 4711." in page.error[0].value
