"""Watching on the Drift page: too early, quiet, an alarm; the budget is in the address."""

import pytest

from backend.records.database import Database
from backend.settings import Settings
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import logged, rows_of, table, trained


def test_says_what_it_waits_for_when_it_has_not_begun(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 200))
    page = open_page("drift", model="breast_cancer")
    assert "Watched all the time" in [heading.value for heading in page.subheader]
    assert "Watching has not begun. Hours or days are chosen when there are 3 whole" in texts(page)
    assert not page.exception


def test_quiet_hours_are_drawn_with_the_budget_they_keep(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 900))
    page = open_page("drift", model="breast_cancer", block="hour")
    assert "All is quiet over" in texts(page)
    assert "The budget is one false alarm in 12 weeks." in texts(page)
    assert "Blocks are whole hours, as chosen." in texts(page)
    page = page.selectbox(key="drift_budget").set_value("4").run()
    assert "The budget is one false alarm in 4 weeks." in texts(page)
    assert page.query_params["budget"] == "4"
    assert not page.exception


def test_a_shift_alarms_with_its_feature_and_when_it_began(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    frame = rows_of("breast_cancer", 900).reset_index(drop=True)
    frame.loc[600:, "mean texture"] += 8
    logged(database, settings, version, frame)
    page = open_page("drift", model="breast_cancer", block="hour")
    said = [warning.value for warning in page.warning if "Alarm on" in warning.value]
    assert len(said) == 1
    assert "`mean texture` has changed; the evidence began to grow on" in said[0]
    leading = table(page, "Began to grow")
    assert leading["Feature"].tolist()[0] == "mean texture"
    assert leading["Evidence"].tolist()[0] == pytest.approx(1.0)
    assert leading["Alarm"].tolist()[0] != "–"
    assert not page.exception
