"""The section of Evidently's reports: nothing made yet, being made, made, made long ago, failed."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.records.database import Database
from backend.records.registry import Version
from backend.settings import Settings
from console import jobs
from console.jobs import claims
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import logged, rows_of, trained

HOSTILE = "![x](https://evil.example/x.png) `</script><script>alert(1)</script>"
DRIFT = {
    "title": "Drift",
    "file": "drift.html",
    "rows": "From a random sample of 20,000 of 1,204,332 predictions, against 426 reference rows.",
}
QUALITY = {
    "title": "Quality of the answers",
    "file": "quality.html",
    "rows": "From all 412 predictions whose truth is known, against 426 reference rows.",
}
RESULT: dict[str, Any] = {
    "parts": [DRIFT, QUALITY],
    "left_out": {},
    "dropped": {},
    "pooled": {},
    "drifted": ["mean area"],
    "n_columns": 32,
}


@pytest.fixture
def version(database: Database, settings: Settings) -> Version:
    """A version that 40 predictions were asked of."""
    made = trained(database)
    logged(database, settings, made, rows_of("breast_cancer", 40))
    return made


def ended(database: Database, version: Version, **how: Any) -> int:
    """A job that ended."""
    params = {"model": version.model, "version": version.number, "start": 0, "end": 1}
    job_id = jobs.submit(database, "evidently", params, by="ada")
    assert claims.claim(database, "w") == job_id
    claims.finish(database, job_id, "w", **how)
    return job_id


def made(database: Database, version: Version, **changed: Any) -> int:
    return ended(database, version, state="done", result=RESULT | changed)


def frame(page: AppTest) -> str:
    """The address in the frame."""
    [found] = page.get("iframe")
    return str(found.proto.src)


def test_says_that_no_report_was_made(version: Version, open_page: OpenPage) -> None:
    page = open_page("drift", model="breast_cancer")
    assert "No report of this model has been made yet." in texts(page)
    assert not page.get("iframe")


def test_a_report_is_made_by_a_job_and_followed(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    page = open_page("drift", model="breast_cancer")
    page = page.button(key="drift_evidently").click().run()
    [job] = jobs.recent(database, "evidently")
    assert (job.params["model"], job.params["version"]) == ("breast_cancer", 1)
    assert page.query_params["report"] == str(job.id)
    assert "**Evidently report of version 1**" in texts(page)
    assert page.button(key="drift_evidently").disabled
    assert not page.get("iframe")


def test_a_document_comes_with_its_rows_and_another_is_a_choice_away(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    job_id = made(database, version)
    page = open_page("drift", model="breast_cancer", report=str(job_id))
    assert frame(page) == f"/reports/{job_id}/drift.html"
    assert f"{DRIFT['rows']} Evidently calls 1 of 32 columns drifted: `mean area`." in texts(page)
    picker = page.selectbox(key=f"drift_part_{job_id}")
    assert picker.options == ["Drift", "Quality of the answers"]
    page = picker.set_value("quality.html").run()
    assert frame(page) == f"/reports/{job_id}/quality.html"
    assert QUALITY["rows"] in texts(page)
    assert DRIFT["rows"] not in texts(page)
    assert page.query_params["part"] == "quality.html"


def test_the_document_in_the_address_is_opened(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    job_id = made(database, version)
    page = open_page("drift", model="breast_cancer", report=str(job_id), part="quality.html")
    assert frame(page) == f"/reports/{job_id}/quality.html"


def test_what_was_left_out_is_named_with_its_reason(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    job_id = made(
        database,
        version,
        left_out={"Quality of the answers": "No truth is known for this window yet."},
        dropped={"colour": "It has no values in the window."},
        pooled={"shop": "Of its 1,801 different values the 802 rarest are counted as one."},
        parts=[DRIFT],
    )
    page = open_page("drift", model="breast_cancer", report=str(job_id))
    assert (
        "**Quality of the answers** was not made. No truth is known for this window yet."
        in texts(page)
    )
    assert "2 columns left out or shortened" in [each.label for each in page.expander]
    [table] = [each.value for each in page.dataframe if "Why" in each.value.columns]
    assert table["Column"].tolist() == ["colour", "shop"]


def test_what_callers_wrote_fetches_nothing_and_ends_no_code(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    job_id = made(database, version, drifted=[HOSTILE], left_out={"Data summary": HOSTILE})
    page = open_page("drift", model="breast_cancer", report=str(job_id))
    assert not page.exception
    assert "![x]" not in texts(page)
    [shown] = [each.value for each in page.caption if "Evidently calls" in each.value]
    assert shown.count("`") == 2


def test_a_report_from_before_there_were_documents_is_still_read(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    old = {"n_reference": 426, "n_current": 60, "n_columns": 32, "dropped": {}, "drifted": []}
    job_id = ended(database, version, state="done", result=old | {"file": "report.html"})
    page = open_page("drift", model="breast_cancer", report=str(job_id))
    assert frame(page) == f"/reports/{job_id}/report.html"
    assert "From 60 predictions, against 426 reference rows." in texts(page)
    assert not page.exception


def test_a_job_that_failed_says_why(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    job_id = ended(database, version, state="failed", error="None of them could be made.")
    page = open_page("drift", model="breast_cancer", report=str(job_id))
    assert "None of them could be made." in texts(page)
    assert not page.get("iframe")
