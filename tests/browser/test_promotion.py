"""A promotion in a real browser: train, compare, rescore, gates, ask, approve, swap, roll back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.settings import Settings
from tests.backend.service.callers import Callers
from tests.browser.conftest import Console, Tab
from tests.conftest import Problem, Service
from tests.console.test_promotion_journey import turns, versions
from tests.pages.challenged import MODEL, challenged
from tests.processes.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]
PATIENT = 60_000  # ms; a page that acts shares its cores with the load
NEW = 4
"""The version that is trained here: as good as the champion, by the same rows."""


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Settings:
    """Those of a database with a champion, its traffic, and two candidates that stay."""
    return challenged(tmp_path_factory, tmp_path / "data")


def train(page: Page, console: Console) -> None:
    page.goto(f"{console.url}/train?data=builtin:{MODEL}")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Register").click(timeout=90_000)
    expect(page.get_by_text(f"Registered as version {NEW}.")).to_be_visible(timeout=PATIENT)


def rescore(page: Page, console: Console) -> None:
    """Compare the two, and answer last week's requests with the new one."""
    page.goto(f"{console.url}/compare?model={MODEL}&a=1&b={NEW}")
    expect(page.get_by_role("heading", name="Metrics", exact=True)).to_be_visible(timeout=PATIENT)
    page.locator(".st-key-compare_rescore button").click()
    expect(page.get_by_text(re.compile("^Run on "))).to_be_visible(timeout=PATIENT)


def ask_for_approval(page: Page) -> None:
    """Another person must approve from now on; the new version is asked for on its evidence."""
    page.get_by_text("Rules: gates, approval, probation, retention").click()
    page.get_by_role("tab", name="Policy").click()
    page.get_by_text("Another person must approve a promotion").click()
    page.get_by_role("button", name="Save the policy").click()
    expect(page.get_by_text(f"The policy of {MODEL} is saved.")).to_be_visible(timeout=PATIENT)

    expect(page.get_by_text(re.compile("^All 7 gates that apply pass"))).to_be_visible()
    form = page.locator("[data-testid=stForm]", has=page.locator(".st-key-promote_ask"))
    form.get_by_label("Reason").fill("As right as the first, on newer rows.")
    form.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text(f"Request 1 is open: version {NEW} waits")).to_be_visible(
        timeout=PATIENT
    )


def decide(page: Page, name: str) -> None:
    """Press Approve under a name."""
    request = page.locator(".st-key-promote_request_1")
    request.get_by_role("textbox", name="Your name").fill(name)
    request.get_by_label("Reason").fill("Seen in the meeting.")
    request.get_by_role("button", name="Approve").click()


def roll_back(page: Page) -> None:
    page.get_by_role("button", name="Roll back to version 1 …").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Only a drill.")
    dialog.get_by_role("button", name="Roll back to version 1").click()
    back = f"The champion of {MODEL} rolled back from version {NEW} to version 1."
    expect(page.get_by_text(back)).to_be_visible(timeout=PATIENT)


def test_a_challenger_is_promoted_on_evidence_by_two_people_and_rolled_back(
    settings: Settings, console: Console, tab: Tab, problems: dict[str, Problem]
) -> None:
    console.start()
    page = tab.page
    train(page, console)
    rescore(page, console)
    page.goto(f"{console.url}/promote?model={MODEL}&version={NEW}")
    ask_for_approval(page)

    dossier = page.context.new_page()
    dossier.goto(f"{console.url}/requests/1/dossier.html")
    expect(dossier.get_by_text("Promotion request 1").first).to_be_visible()
    expect(dossier.get_by_role("heading", name="Gates", exact=True)).to_be_visible()
    dossier.close()

    decide(page, "Ana")  # who asked, however it is written
    expect(page.get_by_text("ana asked for request 1")).to_be_visible(timeout=PATIENT)

    served = Service(settings, port=console.service_port)
    with Callers(served, problems[MODEL], clients=2, pause=0.01) as callers:
        callers.wait_for(20)
        decide(page, "ben")
        moved = f"The champion of {MODEL} moved from version 1 to version {NEW}."
        expect(page.get_by_text(moved)).to_be_visible(timeout=PATIENT)
        wait_until(lambda: versions(callers)[-1] == NEW, "the new version answers")
        callers.wait_for(20)
        expect(page.get_by_text(re.compile("is on probation until"))).to_be_visible(timeout=PATIENT)
        roll_back(page)
        wait_until(lambda: versions(callers)[-1] == 1, "the first version answers again")
        callers.wait_for(20)

    assert (callers.refusals, callers.broken) == ([], [])
    assert turns(callers.answers) == [1, NEW, 1]
    chart = page.locator("[data-testid=stVegaLiteChart]").first
    expect(chart.locator("canvas, svg").first).to_be_visible(timeout=PATIENT)
    assert tab.outside == []
