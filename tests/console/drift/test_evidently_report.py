"""Evidently's report as a real job, with values that a caller made hostile."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import Feature
from console import jobs
from console.drift import evidently_report
from console.jobs import claims
from console.jobs.context import JobContext
from console.windows import HOUR
from tests.console.drift.logs import START, log_rows

# evidently's own imports warn of numpy's and litestar's deprecations
pytestmark = pytest.mark.filterwarnings("ignore")

HOSTILE = "</script><script>alert(1)</script>"


def hostile(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": random.normal(size=n),
            "shop": random.choice(["north", "south", HOSTILE], n),
            "<img src=x onerror=alert(2)>": random.normal(size=n),
            "flag": random.random(n) < 0.5,
            "empty": np.nan,
            "constant": 4.0,
        }
    )


FEATURES = [
    Feature("size", "number"),
    Feature("shop", "category"),
    Feature("<img src=x onerror=alert(2)>", "number"),
    Feature("flag", "boolean", categories=("True", "False")),
    Feature("empty", "number"),
    Feature("constant", "number"),
]


@pytest.fixture(scope="module")
def page() -> tuple[str, list[str], dict[str, str]]:
    """The HTML of a hostile table, what drifted in it, and what was left out."""
    current = hostile(300, 1)
    current["size"] += 1
    ready = evidently_report.tables(hostile(500, 0), current, FEATURES)
    html, drifted = evidently_report.evaluate(ready)
    return html, drifted, ready.dropped


def test_a_callers_value_cannot_end_a_script(page: tuple[str, list[str], dict[str, str]]) -> None:
    html = page[0]
    assert "alert(1)" in html
    assert HOSTILE not in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_the_page_asks_no_other_host(page: tuple[str, list[str], dict[str, str]]) -> None:
    html = page[0]
    elements = (
        r"""<(?:script|link|img|iframe|source|video|audio)[^>]*(?:src|href)\s*=\s*["']?https?:"""
    )
    assert not re.search(elements, html)
    assert not re.search(r"""url\(\s*["']?https?:""", html)
    assert not re.search(r"""@import\s+(?:url|["'])""", html)


def test_empty_and_constant_columns_are_left_out_and_named(
    page: tuple[str, list[str], dict[str, str]],
) -> None:
    assert page[2] == {
        "empty": "It has no values in the reference.",
        "constant": "It has the same value in every row.",
    }


def test_the_columns_that_evidently_calls_drifted_are_told(
    page: tuple[str, list[str], dict[str, str]],
) -> None:
    assert "size" in page[1]
    assert "flag" not in page[1]


def test_only_a_sample_of_a_large_table_is_used() -> None:
    frame = pd.DataFrame({"size": np.arange(30_000.0)})
    ready = evidently_report.tables(frame, frame, [Feature("size", "number")])
    assert len(ready.reference) == len(ready.current) == 20_000


def test_nothing_to_compare_is_a_sentence() -> None:
    frame = pd.DataFrame({"empty": [np.nan] * 50})
    with pytest.raises(Unusable, match="No column has values to compare"):
        evidently_report.tables(frame, frame, [Feature("empty", "number")])


def test_the_job_keeps_the_report_and_says_what_it_holds(
    settings: Settings, database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("iris")
    assert version.number is not None
    table = artefacts.table(database, version, artefacts.REFERENCE, store).head(60)
    log_rows(database, version, table, START + np.arange(60), store)
    asked: dict[str, Any] = {"model": "iris", "version": version.number}
    asked |= {"start": START, "end": START + HOUR}
    submitted = jobs.submit(database, "evidently", asked, by="tester")
    assert claims.claim(database, "tester") == submitted
    context = JobContext(database, settings, jobs.get(database, submitted))
    found = evidently_report.run_job(context, **asked)
    context.close()
    assert (found["n_current"], found["n_reference"]) == (60, 150)
    assert "petal length (cm)" in found["drifted"]
    content, media_type = jobs.file(database, submitted, found["file"])
    assert media_type == "text/html"
    assert len(content) > 1_000_000


def test_the_job_refuses_a_window_with_too_few_rows(
    settings: Settings, database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    asked = {"model": "iris", "version": 1, "start": START, "end": START + HOUR}
    submitted = jobs.submit(database, "evidently", asked, by="tester")
    assert claims.claim(database, "tester") == submitted
    context = JobContext(database, settings, jobs.get(database, submitted))
    with pytest.raises(Unusable) as refusal:
        evidently_report.run_job(context, model="iris", version=1, start=START, end=START + HOUR)
    context.close()
    assert refusal.value.detail == (
        "Drift needs at least 30 logged predictions; there are 0. Choose a longer window."
    )
