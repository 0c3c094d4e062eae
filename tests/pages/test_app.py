"""The router: every page opens, errors are sentences, bugs are references into the log."""

import logging
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend.settings import ROOT
from console.ui.navigation import PLACES
from tests.pages.conftest import OpenPage, clear_caches, texts


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_every_page_opens_on_an_empty_database(open_page: OpenPage, name: str) -> None:
    page = open_page(name)

    assert not page.exception
    assert not page.error
    assert page.title[0].value == next(p.title for p in PLACES if p.name == name)


def test_every_script_in_the_folder_is_a_page() -> None:
    scripts = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__", "app"}

    assert scripts == {place.name for place in PLACES}


def test_a_page_reads_and_is_short() -> None:
    for place in PLACES:
        assert len(place.script.read_text().splitlines()) <= 80, place.name


def test_a_database_without_tables_is_a_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WATCHDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    clear_caches()

    page = open_page("train")

    assert page.error[0].value == (
        "The database has no Watchdesk tables yet. Start the console with `streamlit run`, or"
        " create them with `python -m backend migrate`."
    )
    assert not page.exception


def a_page_with_a_bug() -> None:
    from console import ui

    with ui.boundary():
        raise RuntimeError("a secret detail")


def test_a_bug_is_a_reference_for_the_reader_and_a_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, logger="watchdesk.pages"):
        page = AppTest.from_function(a_page_with_a_bug).run()

    shown = page.error[0].value
    reference = re.search(r"`([0-9a-f]{8})`", shown)
    assert reference is not None
    assert "a secret detail" not in shown
    assert reference[1] in caplog.text
    assert "RuntimeError: a secret detail" in caplog.text


def a_page_that_stops() -> None:
    import streamlit as st

    from console import ui

    with ui.boundary():
        st.markdown("before")
        st.stop()


def test_a_page_that_stops_is_no_error() -> None:
    page = AppTest.from_function(a_page_that_stops).run()

    assert texts(page).strip() == "before"
    assert not page.error


def test_a_callers_value_in_an_error_cannot_draw_a_picture(open_page: OpenPage) -> None:
    page = open_page("what_if", prediction="![](http://example.org/x.png)")

    assert "is not a UUID" in page.error[0].value
    assert "![" not in page.error[0].value
