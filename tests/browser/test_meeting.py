"""The meeting in a real browser: freeze, look back, decide, present, print, and the next time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.records import reviews
from backend.records.database import Database, connect
from backend.settings import Settings
from console.reviews import meeting
from tests.browser.conftest import Console, Tab
from tests.pages.reviewed import MODEL, reviewed

pytestmark = [pytest.mark.browser, pytest.mark.processes]
DUE = (datetime.now(UTC) + timedelta(days=12)).date()


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database in which a log has moved and a first review was held."""
    return reviewed(tmp_path_factory, tmp_path / "data")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    found = connect(settings.database_url)
    yield found
    found.dispose()


def decided_before(database: Database) -> str:
    """Decide on the first review; returns the title of the finding that shall be watched."""
    [first] = reviews.of_model(database, MODEL)
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


def on_slide(page: Page, number: int) -> None:
    """Wait for the bar, drawn last: a key that is pressed while a slide is drawn is lost."""
    expect(page.get_by_text(re.compile(rf"· {number} of \d+$"))).to_be_visible()
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)


def test_a_meeting_from_last_times_actions_to_the_next(
    database: Database, console: Console, tab: Tab
) -> None:
    watched = decided_before(database)
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
    on_slide(page, 1)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("finding=1"))
    expect(page.get_by_role("heading", name=titles[0], exact=True)).to_be_visible()
    expect(page.get_by_text("Retrain: Eva Lind")).to_be_visible()
    on_slide(page, 2)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("finding=2"))
    expect(page.get_by_role("heading", name=titles[1], exact=True)).to_be_visible()
    fits = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{fits}.scrollHeight <= {fits}.clientHeight"), "a slide scrolls"
    on_slide(page, 3)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("finding=1"))
    on_slide(page, 2)
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
