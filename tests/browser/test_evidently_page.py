"""A saved copy of each Evidently report in a real browser: it draws, and does nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, expect

from backend.records.predictions import Window
from backend.records.registry import Version
from console.drift.evidently import report as evidently_report
from console.drift.evidently.page import Page
from console.drift.evidently.report import Made
from console.drift.evidently.tables import tables
from tests.browser.conftest import Tab
from tests.console.drift.test_evidently_report import FEATURES, hostile, judged

# evidently's own imports warn of numpy's and litestar's deprecations
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]


def hostile_reports() -> dict[str, tuple[Made | evidently_report.Fault, str]]:
    """A page of each kind, of values that a caller made hostile, and words that it draws."""
    whole = tables(hostile(80, 0), hostile(60, 1), FEATURES)
    compared = whole.only(set(whole.names) - set(whole.empty))
    return {
        "drift": (evidently_report.of_columns("DataDriftPreset", compared), "Dataset Drift"),
        "summary": (evidently_report.of_columns("DataSummaryPreset", whole), "Dataset Summary"),
        "quality": (evidently_report.of_quality(judged("binary")), "Confusion Matrix"),
    }


def test_a_saved_report_draws_runs_no_value_and_asks_nobody(
    tab: Tab, tmp_path: Path, registered: Callable[..., Version]
) -> None:
    version = registered("iris")
    opened: list[str] = []

    def note(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    tab.page.on("dialog", note)
    for name, (made, words) in hostile_reports().items():
        assert isinstance(made, Made), made
        copy = tmp_path / f"{name}.html"
        page = Page(name, version, Window(0, 1), "From all 200 <img src=x onerror=alert(4)> rows.")
        copy.write_text(page.around(made.html))
        tab.page.goto(copy.as_uri())
        expect(tab.page.get_by_text(words).first).to_be_visible()
        expect(tab.page.get_by_text("From all 200 <img").first).to_be_visible()
        tab.page.wait_for_load_state("networkidle")
        assert tab.page.locator("img[src=x]").count() == 0
        assert tab.page.locator("a[href^='javascript:alert']").count() == 0
    assert opened == []
    assert [address for address in tab.outside if not address.startswith(tmp_path.as_uri())] == []


def test_a_report_could_not_ask_anybody_if_it_tried(
    tab: Tab, tmp_path: Path, registered: Callable[..., Version]
) -> None:
    """The policy is in the copy itself: the picture below is refused before it is asked for."""
    page = Page("Drift", registered("iris"), Window(0, 1), "")
    asks = "<html><head></head><body><script>document.title = 'drawn'</script>"
    asks += "<img src='https://evil.example/x.png'><p>after</p></body></html>"
    refused: list[str] = []
    tab.page.on("console", lambda message: refused.append(message.text))
    copy = tmp_path / "copy.html"
    copy.write_text(page.around(asks))
    tab.page.goto(copy.as_uri())
    expect(tab.page.get_by_text("after")).to_be_visible()
    assert tab.page.title() == "drawn"
    assert any("evil.example" in text and "Content Security Policy" in text for text in refused)
