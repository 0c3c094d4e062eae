"""An alert from the rule to the person who has it in hand, in a real browser."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import expect

from backend.records import alerts
from backend.records.database import Database, now
from backend.records.registry import Version
from backend.settings import ROOT, Settings
from console.windows import HOUR
from tests.browser.conftest import Console, Tab
from tests.console.monitors.receivers import webhook
from tests.processes.conftest import environment, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]
REFUSALS = "Refused requests"
PATIENT = 30_000  # ms; a page that acts may share its cores


def test_an_alert_is_fired_told_and_taken_in_hand(
    settings: Settings,
    database: Database,
    registered: Callable[..., Version],
    console: Console,
    tab: Tab,
) -> None:
    registered("iris")
    console.start()
    for _ in range(60):
        url = f"{console.service_url}/predict"
        answer = requests.post(url, json={"model": "iris", "features": {}}, timeout=10)
        assert answer.status_code == 422
    page = tab.page
    with webhook() as receiver:
        page.goto(f"{console.url}/alerts?model=iris")
        expect(page.get_by_text("Nobody watches iris yet")).to_be_visible(timeout=PATIENT)
        page.get_by_role("button", name="Add a channel").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("ops")
        dialog.get_by_label("URL").fill("no address")
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog.get_by_text("The webhook's address is no URL")).to_be_visible(timeout=PATIENT)
        dialog.get_by_label("URL").fill(receiver.url)
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text("Channel ops is added.")).to_be_visible(timeout=PATIENT)
        expect(dialog).to_have_count(0, timeout=PATIENT)

        page.get_by_role("button", name="Set up suggested monitors").click()
        expect(page.get_by_text("They tell ops.")).to_be_visible(timeout=PATIENT)
        watched = subprocess.run(
            [sys.executable, "-m", "console", "watch", "--once", "--json"],
            cwd=ROOT,
            env=environment(settings),
            check=False,
            capture_output=True,
        )
        assert watched.returncode == 0, watched.stderr
        # The console's worker may have looked and told first.
        wait_until(lambda: alerts.open_ones(database), "an alert is open")
        wait_until(lambda: receiver.got, "the webhook was told", 60)
    told = [message["watchdesk"] for _, message in receiver.got]
    assert ("opened", "iris", REFUSALS) in [(t["event"], t["model"], t["monitor"]) for t in told]

    page.reload()
    card = page.locator("[class*=st-key-alerts_card_]").filter(has_text=REFUSALS)
    expect(card.get_by_text("60 of 60 requests").first).to_be_visible(timeout=PATIENT)
    card.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("is acknowledged by ana")).to_be_visible(timeout=PATIENT)
    card.get_by_role("button", name="Assign").click()
    page.get_by_role("button", name="To me (ana)").click()
    expect(card.get_by_text("ana has it")).to_be_visible(timeout=PATIENT)
    card.get_by_role("button", name="Snooze").click()
    page.get_by_role("menuitem", name="1 day").click()
    expect(card.get_by_text("Snoozed until").first).to_be_visible(timeout=PATIENT)

    found = next(one for one in alerts.open_ones(database) if one.monitor == REFUSALS)
    assert (found.acknowledged_by, found.assigned_to) == ("ana", "ana")
    assert found.snoozed_until is not None
    assert found.snoozed_until > now() + 23 * HOUR
    card.get_by_role("link", name="See what was refused").click()
    expect(page.get_by_role("heading", name="Predictions", exact=True)).to_be_visible(
        timeout=PATIENT
    )
    expect(page.get_by_text("60 rows", exact=True)).to_be_visible(timeout=PATIENT)
    assert tab.outside == []
