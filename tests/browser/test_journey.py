"""The walk a person takes, in a real browser: train, register, promote, ask, look, review."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from backend.settings import Settings
from tests.browser.conftest import Console, Tab
from tests.databases import BOTH, settings_on

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(params=BOTH)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The walk is taken on both databases."""
    return settings_on(request.param, request, tmp_path)


def open_page(page: Page, console: Console, path: str, title: str) -> None:
    page.goto(f"{console.url}/{path}")
    expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible()


def test_a_person_trains_promotes_asks_and_reviews_drift(console: Console, tab: Tab) -> None:
    console.start()
    page = tab.page

    open_page(page, console, "train?data=builtin:breast_cancer", "Train")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Register").click(timeout=90_000)
    expect(page.get_by_text("Registered as version 1.")).to_be_visible()

    page.get_by_role("link", name="Promote it").click()
    page.get_by_role("button", name="Promote version 1 without a dossier …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("version 1")
    dialog.get_by_label("Reason").fill("The first version that is good enough.")
    dialog.get_by_role("button", name=re.compile("^Promote")).click()
    expect(page.get_by_text("The first version that is good enough.").first).to_be_visible()

    open_page(page, console, "what-if?model=breast_cancer", "What-if")
    expect(page.get_by_text(re.compile("malignant|benign")).first).to_be_visible()

    table = requests.get(f"{console.service_url}/models/breast_cancer", timeout=10).json()
    middle = {f["name"]: f["quantiles"][10] for f in table["signature"]["features"]}
    for step in range(60):
        shifted = {name: value * (1 + step / 100) for name, value in middle.items()}
        answer = requests.post(
            f"{console.service_url}/predict", json={"features": shifted}, timeout=10
        )
        assert answer.status_code == 200
    refused = requests.post(f"{console.service_url}/predict", json={"features": {}}, timeout=10)
    assert refused.status_code == 422

    open_page(page, console, "predictions?model=breast_cancer", "Predictions")
    expect(page.get_by_text(re.compile(r"\b61\b")).first).to_be_visible()

    open_page(page, console, "drift?model=breast_cancer", "Drift")
    expect(page.get_by_text(re.compile("drifted", re.IGNORECASE)).first).to_be_visible()
    expect(
        page.locator(
            "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
        ).first
    ).to_be_visible()
    page.get_by_role("button", name=re.compile("Evidently")).first.click()
    report = page.frame_locator("iframe").first
    expect(report.get_by_text(re.compile("Drift", re.IGNORECASE)).first).to_be_visible(
        timeout=120_000
    )
    assert tab.outside == []


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "Overview"),
        ("predictions", "Predictions"),
        ("drift", "Drift"),
        ("train", "Train"),
        ("compare", "Compare"),
        ("promote", "Promote"),
        ("what-if", "What-if"),
    ],
)
def test_a_cold_deep_link_opens_its_page_with_the_navigation(
    empty_console: Console, tab: Tab, path: str, title: str
) -> None:
    open_page(tab.page, empty_console, path, title)
    expect(tab.page.get_by_text("Monitor", exact=True).first).to_be_visible()
    assert tab.outside == []
