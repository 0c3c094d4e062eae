"""Drift: nothing there, too few rows, enough; a feature, an Evidently report."""

import pytest

from backend.records import aliases
from backend.records.database import Database
from backend.settings import Settings
from console import jobs
from console.jobs.worker import work
from console.summaries import judged
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import logged, rows_of, table, trained


def test_says_what_to_do_without_any_model(open_page: OpenPage) -> None:
    assert "No model yet" in texts(open_page("drift"))


def test_explains_that_a_short_log_is_not_enough(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 3))
    page = open_page("drift", model="breast_cancer")
    assert "Drift needs at least 30 logged predictions; there are 3." in texts(page)
    assert "3 predictions of version 1 in the window" in texts(page)
    assert page.button(key="drift_evidently").disabled
    assert not page.exception


def test_rows_like_the_reference_are_no_drift(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 1_200))
    page = open_page("drift", model="breast_cancer")
    assert "None of 30 features has drifted." in texts(page)


def test_a_window_too_short_to_rule_drift_out_says_how_long_would_do_and_is_drawn(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 200))
    page = open_page("drift", model="breast_cancer")
    said = "No drift was seen, but it cannot be ruled out: there are 200 logged predictions"
    assert said in texts(page)
    assert page.get("vega_lite_chart")


def test_a_shifted_feature_comes_first_and_is_looked_at_closely(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    frame = rows_of("breast_cancer", 200)
    frame["mean texture"] += 10
    logged(database, settings, version, frame)
    page = open_page("drift", model="breast_cancer")
    figures = table(page, "q_value")
    assert figures["feature"].tolist()[0] == "mean texture"
    assert figures["status"].tolist()[0] == "drifted"
    picker = page.selectbox(key=f"drift_feature_{version.id}")
    assert picker.value == "mean texture"
    page = picker.set_value("worst area").run()
    assert page.query_params["feature"] == "worst area"
    assert "worst area over time" in [heading.value for heading in page.subheader]
    assert "200 predictions of version 1 in the window, against 426 reference rows." in texts(page)


def test_categories_and_values_are_drawn_too(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database, "bikeshare", until="2011-02-01T00:00Z")
    aliases.promote(database, "bikeshare", 1, actor="ada", reason="first")
    logged(database, settings, version, rows_of("bikeshare", 300))
    page = open_page("drift", model="bikeshare", feature="weathersit")
    assert not page.exception
    assert not page.error
    assert len(page.get("vega_lite_chart")) >= 4
    assert "Weather over time" in [heading.value for heading in page.subheader]


def test_a_report_is_made_by_a_job_of_the_window_shown(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 60))
    page = open_page("drift", model="breast_cancer")
    page = page.button(key="drift_evidently").click().run()
    [job] = jobs.recent(database, "evidently")
    assert (job.params["model"], job.params["version"]) == ("breast_cancer", 1)
    assert job.params["end"] - job.params["start"] == 7 * 86_400 * 1_000_000
    assert job.submitted_by == "tester"
    assert page.query_params["report"] == str(job.id)
    assert page.button(key="drift_evidently").disabled


def test_a_large_window_is_judged_by_summaries_and_on_every_row_by_a_press(
    database: Database,
    settings: Settings,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judged, "SAMPLE", 300)
    monkeypatch.setattr(judged, "SHOWN", 200)
    version = trained(database)
    frame = rows_of("breast_cancer", 500)
    frame["mean texture"] += 10
    logged(database, settings, version, frame)
    page = open_page("drift", model="breast_cancer")
    assert "500 predictions of version 1 in the window" in texts(page)
    assert "from hourly summaries" in texts(page)
    assert "200 rows drawn at random" in texts(page)
    page = page.button(key="drift_exact").click().run()
    [job] = jobs.recent(database, "exact")
    assert "Exact run over every row" in texts(page)
    work(settings, once=True)
    assert jobs.get(database, job.id).state == "done"
    page = open_page("drift", model="breast_cancer")
    assert "Run on 500 predictions" in texts(page)
    assert "every verdict is the same" in texts(page)
    assert not page.exception


def test_features_rank_by_the_answers_that_they_change(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    frame = rows_of("breast_cancer", 400)
    frame["mean texture"] += 3
    frame["worst texture"] += 25
    logged(database, settings, version, frame)
    page = open_page("drift", model="breast_cancer")
    changed = table(page, "interval")["changed"].tolist()
    assert len(changed) >= 2
    assert changed == sorted(changed, reverse=True)
    assert changed[0] > 0
    figures = table(page, "q_value")
    assert figures["feature"].tolist()[0] == "worst texture"
    assert "When did it begin?" in [heading.value for heading in page.subheader]
