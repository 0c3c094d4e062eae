"""The meeting in a real browser: freeze, look back, decide, present, print, and the next time."""

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_breast_cancer

from backend.records import aliases, predictions, reviews
from backend.records.database import Database, connect, now
from backend.records.predictions import Row
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console import windows
from console.reviews import meeting
from console.reviews.freeze import freeze
from console.training import Choices
from console.training.train import run_training
from tests.browser.conftest import Console, Tab
from tests.databases import settings_on

pytestmark = [pytest.mark.browser, pytest.mark.processes]
HOUR = 3_600_000_000
DUE = (datetime.now(UTC) + timedelta(days=12)).date()


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A SQLite file in which a version is served, its log has moved, and a review was held."""
    return settings_on("sqlite", request, tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    found = connect(settings.database_url)
    yield found
    found.dispose()


def held_before(database: Database, settings: Settings) -> str:
    """A champion, 300 rows of which some features moved, and a first review with an action.

    Returns the title of the finding that was decided.
    """
    store = Store.of(settings)
    chosen = Choices(model="breast_cancer", data="builtin:breast_cancer", folds=2)
    version = run_training(database, store, chosen, by="ben")
    aliases.promote(database, "breast_cancer", 1, actor="ben", reason="The first.")
    scorer = artefacts.load(database, version, store)
    frame = load_breast_cancer(as_frame=True).data.sample(300, replace=True, random_state=0)
    frame["worst texture"] += 25
    frame["mean texture"] += 10
    scored = scorer.score_frame(frame)
    at = now() - np.linspace(47 * HOUR, HOUR, len(frame)).astype(np.int64)
    rows = frame[scorer.signature.names].to_numpy().tolist()
    predictions.append(
        database,
        [
            Row(
                prediction_id=uuid.uuid4().bytes,
                request_id=uuid.uuid4().bytes,
                at=int(at[i]),
                model="breast_cancer",
                version=1,
                source="live",
                outcome="answered",
                features=json.dumps(rows[i]),
                label=str(scored.labels[i]),
                value=None,
                score=float(scored.scores[i]),
                latency_ms=1.0,
                error=None,
            )
            for i in range(len(frame))
        ],
    )
    window = windows.Choice("7d").window(windows.span(database, "breast_cancer"))
    first = freeze(database, version, window, store, actor="ben", evidently=False)
    finding = meeting.findings(meeting.opened(database, first))[0]
    reviews.decide(
        database, first.id, finding.key, "watch", owner="Ben Oduya", due_on=DUE.isoformat(),
        text="Look again after the holidays.", actor="ben", seen=None,
    )  # fmt: skip
    return finding.title


def freeze_one(page: Page, number: int) -> None:
    """Freeze a review of the model and wait until it is open."""
    page.get_by_text("With Evidently's documents").click()
    page.get_by_role("button", name="Freeze a review").click()
    page.wait_for_url(re.compile(rf"review={number}\b"), timeout=120_000)
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()


def decide(page: Page, place: int, decision: str, owner: str, reason: str) -> None:
    """Decide on a finding of the open review."""
    finding = page.locator(f".st-key-review_finding_{place}")
    finding.get_by_role("radio", name=decision, exact=True).or_(
        finding.get_by_role("button", name=decision, exact=True)
    ).first.click()
    if owner:
        finding.get_by_role("textbox", name="Owner").fill(owner)
    finding.get_by_role("textbox", name="Reason").fill(reason)
    finding.get_by_role("button", name=f"Decide: {decision}").click()
    expect(finding.get_by_text("Decided by ana")).to_be_visible()


def test_a_meeting_from_last_times_actions_to_the_next(
    database: Database, console: Console, settings: Settings, tab: Tab
) -> None:
    watched = held_before(database, settings)
    console.start()
    page = tab.page
    page.goto(f"{console.url}/review?model=breast_cancer")
    expect(page.get_by_role("button", name="Review 1")).to_be_visible()

    freeze_one(page, 2)
    titles = [f.title for f in meeting.findings(meeting.opened(database, reviews.get(database, 2)))]
    assert len(titles) >= 2
    expect(page.get_by_role("heading", name="Last time's actions")).to_be_visible()
    expect(
        page.get_by_text(re.compile(f"Watch · {re.escape(watched)} · Ben Oduya"))
    ).to_be_visible()

    decide(page, 0, "Retrain", "Eva Lind", "The lamp of the scanner was changed.")
    decide(page, 1, "Accept", "", "It follows from the first.")

    page.get_by_role("button", name="Present").first.click()
    page.wait_for_url(re.compile("present=1"))
    expect(page.get_by_role("heading", name="Review of breast_cancer: drifted")).to_be_visible()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("finding=1"))
    expect(page.get_by_role("heading", name=titles[0], exact=True)).to_be_visible()
    expect(page.get_by_text("Retrain: Eva Lind")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("finding=2"))
    expect(page.get_by_role("heading", name=titles[1], exact=True)).to_be_visible()
    fits = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{fits}.scrollHeight <= {fits}.clientHeight"), "a slide scrolls"
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("finding=1"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()
    assert "present" not in page.url

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Print").click()
    printed = opened.value
    for said in ("Eva Lind", DUE.isoformat()[:4], "Ben Oduya", "It follows from the first."):
        expect(printed.get_by_text(re.compile(re.escape(said))).first).to_be_visible()
    printed.close()

    page.get_by_role("button", name="All reviews").click()
    freeze_one(page, 3)
    expect(page.get_by_text(re.compile(r"Retrain · .* · Eva Lind")).first).to_be_visible()
    expect(page.get_by_text(re.compile("Ben Oduya")).first).to_be_visible()
    assert tab.outside == []
