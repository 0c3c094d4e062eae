"""Overview: nothing there, too little, all well, a drift; the service; the demo."""

from collections.abc import Callable

import pytest

from backend.records import predictions
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import models
from backend.settings import Settings
from console import jobs
from tests.conftest import Problem, Service
from tests.console.log_rows import NOON, row
from tests.console.test_overview import log_rows
from tests.pages.conftest import OpenPage, clear_caches, texts

Register = Callable[..., Version]


def test_says_what_to_do_on_an_empty_database(open_page: OpenPage) -> None:
    page = open_page()

    assert "Nothing is watched yet: there is no model." in texts(page)
    assert "Train a version on a built-in data set or on your own table" in texts(page)
    assert page.button(key="overview_demo_load").disabled is False


def test_a_calm_model_is_well(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    log_rows(database, registered("diabetes"), problems["diabetes"], 1_000)

    page = open_page(window="all")

    assert page.success[0].value.startswith("All is well: no input drifted")
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures == {
        "Requests": "1,000",
        "Median time": "2 ms",
        "Refused": "0.0 %",
        "Truth known": "0 %",
        "Drifted inputs": "0 of 10",
    }


def test_a_drifted_model_needs_review_in_the_window_that_was_chosen(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    log_rows(database, registered("iris"), problems["iris"], 100, shift=5.0)

    page = open_page(window="30d")

    assert page.warning[0].value == (
        "Needs review: 4 of 4 inputs of `iris` drifted in the last 30 days of its log."
    )
    assert page.segmented_control(key="overview_window").value == "30d"

    page = page.segmented_control(key="overview_window").set_value("1h").run()
    assert "Too few predictions in the last hour of its log" in texts(page)
    assert page.query_params["window"] == "1h"


def test_a_model_without_champion_says_so(registered: Register, open_page: OpenPage) -> None:
    registered("iris", promoted=False)

    page = open_page()

    assert page.warning[0].value == "Needs review: `iris` has no champion."


def test_says_when_the_service_cannot_be_reached(open_page: OpenPage) -> None:
    shown = texts(open_page())

    assert "Prediction service: not reachable" in shown
    assert "does not answer" in shown


@pytest.mark.processes
def test_says_that_the_service_answers(
    service: Service,
    registered: Register,
    monkeypatch: pytest.MonkeyPatch,
    open_page: OpenPage,
) -> None:
    registered("iris")
    monkeypatch.setenv("WATCHDESK_PORT", str(service.start().port))
    clear_caches()

    assert "Prediction service: answering" in texts(open_page())


def test_a_running_demo_is_followed_and_cannot_be_started_twice(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    job = jobs.submit(database, "demo", {}, by="ada")

    page = open_page()

    assert "**Demo data**" in texts(page)
    assert "Started by ada" in texts(page)
    assert page.button(key="overview_demo_load").disabled

    page.button(key=f"overview_demo_cancel_{job}").click().run()
    assert jobs.get(database, job).state == "cancelled"


def test_the_demo_is_removed_only_after_it_was_agreed_to(
    database: Database, registered: Register, open_page: OpenPage
) -> None:
    mark_as_demo(database, registered("iris").model)

    page = open_page()
    assert page.button(key="overview_demo_remove").disabled

    page = page.checkbox(key="overview_demo_agreed").check().run()
    page.button(key="overview_demo_remove").click().run()

    submitted = jobs.recent(database, "demo")
    assert [(job.params, job.submitted_by) for job in submitted] == [({"remove": True}, "tester")]


def test_a_name_from_elsewhere_is_only_text(
    database: Database, registered: Register, open_page: OpenPage
) -> None:
    version = registered("iris")
    predictions.append(database, [row(version, NOON, outcome="failed", error="![](http://x)")])

    assert "![" not in texts(open_page())


def mark_as_demo(database: Database, name: str) -> None:
    """Make a model one of the demo's."""
    with database.write() as connection:
        connection.execute(models.update().where(models.c.name == name).values(demo=True))
