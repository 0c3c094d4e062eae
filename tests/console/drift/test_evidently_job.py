"""Evidently's reports as real jobs: each task, with truth and without."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from backend.errors import Unusable
from backend.records import log, predictions, tables
from backend.records.database import Database
from backend.records.predictions import Truth, Window
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console import jobs
from console.drift.evidently import job as evidently_job
from console.jobs import claims
from console.jobs.context import JobContext
from console.windows import HOUR
from tests.conftest import Problem, new_version
from tests.console.drift.logs import START, log_rows

# evidently's own imports warn of numpy's and litestar's deprecations
pytestmark = pytest.mark.filterwarnings("ignore")

WINDOW = Window(START, START + HOUR)
NO_TRUTH = "No truth is known for this window yet. Send it as feedback."


@pytest.fixture
def small(
    database: Database, store: Store, problems: dict[str, Problem]
) -> Callable[[str], Version]:
    """A function that registers a version of a problem's first three features."""

    def make(name: str) -> Version:
        whole = problems[name]
        frame = whole.frame.iloc[:, :3]
        few = replace(
            whole,
            frame=frame,
            signature=replace(whole.signature, features=whole.signature.features[:3]),
            estimator=clone(whole.estimator).fit(frame.to_numpy(), whole.truth),
        )
        draft = registration.add(database, new_version(few), store)
        return registration.register(database, draft, store)

    return make


def asked_of(database: Database, version: Version, table: pd.DataFrame, store: Store) -> None:
    """Log a table's rows as a version's answers."""
    log_rows(database, version, table, START + np.arange(len(table)), store)


def told(database: Database, version: Version, truths: list[Any]) -> None:
    """Feedback for the first of the window's rows."""
    rows = log.features(database, log.Filter(version.model, WINDOW), [])
    numbers = version.task == "regression"
    sent = [
        Truth(key, None if numbers else str(truth), float(truth) if numbers else None)
        for key, truth in zip(rows["__prediction_id__"], truths, strict=False)
    ]
    predictions.append_feedback(database, version.model, sent)


def run(
    database: Database, settings: Settings, version: Version, **more: Any
) -> tuple[int, dict[str, Any]]:
    """A job's id and its result."""
    asked: dict[str, Any] = {"model": version.model, "version": version.number}
    asked |= {"start": WINDOW.start, "end": WINDOW.end}
    submitted = jobs.submit(database, "evidently", asked, by="tester")
    assert claims.claim(database, "tester") == submitted
    context = JobContext(database, settings, jobs.get(database, submitted))
    try:
        return submitted, evidently_job.run_job(context, **asked, **more)
    finally:
        context.close()


def reference_of(database: Database, version: Version, store: Store) -> pd.DataFrame:
    return artefacts.table(database, version, artefacts.REFERENCE, store)


@pytest.mark.parametrize(
    ("model", "unknown"), [("breast_cancer", []), ("iris", ["tulip", "tulip"]), ("diabetes", [])]
)
def test_a_document_for_each_preset_of_the_task(
    settings: Settings,
    database: Database,
    small: Callable[[str], Version],
    store: Store,
    model: str,
    unknown: list[str],
) -> None:
    version = small(model)
    reference = reference_of(database, version, store)
    table = reference.sample(80, random_state=0)
    asked_of(database, version, table, store)
    told(database, version, unknown + table["__truth__"].tolist()[len(unknown) : 60])
    submitted, found = run(database, settings, version)
    titles = {part["title"]: part["rows"] for part in found["parts"]}
    assert list(titles) == ["Drift", "Data summary", "Quality of the answers"]
    assert (found["left_out"], found["dropped"], found["pooled"]) == ({}, {}, {})
    assert found["n_window"] == 80
    less = " (less 2 whose truth is none that the version could answer)" if unknown else ""
    against = f", against {len(reference)} reference rows."
    assert titles["Drift"] == titles["Data summary"] == f"From all 80 predictions{against}"
    assert titles["Quality of the answers"] == (
        f"From all 60 predictions whose truth is known{less}{against}"
    )
    for part in found["parts"]:
        content, media_type = jobs.file(database, submitted, part["file"])
        page = content.decode()
        assert media_type == "text/html"
        assert f"<title>{part['title']} · {model}, version 1</title>" in page
        assert part["rows"] in page
        assert "drawDashboard" in page


def test_without_truth_the_data_is_reported_and_the_reason_given(
    settings: Settings, database: Database, small: Callable[[str], Version], store: Store
) -> None:
    version = small("iris")
    table = reference_of(database, version, store).head(60)
    asked_of(database, version, table, store)
    _, found = run(database, settings, version, sample=40)
    assert [part["file"] for part in found["parts"]] == ["drift.html", "summary.html"]
    assert found["left_out"] == {"Quality of the answers": NO_TRUTH}
    assert "petal length (cm)" in found["drifted"]
    assert found["n_columns"] == 5
    assert found["parts"][0]["rows"] == (
        "From a random sample of 40 of 60 predictions, against 150 reference rows."
    )


def test_what_evidently_fails_at_is_named_and_the_rest_is_made(
    settings: Settings, database: Database, small: Callable[[str], Version], store: Store
) -> None:
    """Evidently divides by the truths, and ends with an IndexError where all are 0."""
    version = small("diabetes")
    asked_of(database, version, reference_of(database, version, store).head(40), store)
    told(database, version, [0.0] * 40)
    submitted, found = run(database, settings, version)
    assert [part["title"] for part in found["parts"]] == ["Drift", "Data summary"]
    reason = found["left_out"]["Quality of the answers"]
    assert reason.startswith("Evidently failed at it (`IndexError: ")
    assert reason.endswith(" The job's log has the details.")
    assert "Traceback" in jobs.get(database, submitted).log


def test_a_window_without_any_value_is_summarised(
    settings: Settings, database: Database, small: Callable[[str], Version], store: Store
) -> None:
    version = small("iris")
    names = [feature["name"] for feature in version.signature["features"]]
    table = reference_of(database, version, store).head(40)
    asked_of(database, version, table, store)
    nothing = tables.predictions.update().values(
        features=f"[{', '.join(['null'] * len(names))}]", label=None, score=None
    )
    with database.write() as connection:
        connection.execute(nothing)
    _, found = run(database, settings, version)
    assert [part["title"] for part in found["parts"]] == ["Data summary"]
    reason = "No column has values on both sides. Choose another window."
    assert found["left_out"] == {"Drift": reason, "Quality of the answers": NO_TRUTH}
    assert set(found["dropped"].values()) == {"It has no values in the window."}
    assert len(found["dropped"]) == 5


def test_a_window_with_too_few_rows_is_refused(
    settings: Settings, database: Database, small: Callable[[str], Version]
) -> None:
    version = small("iris")
    with pytest.raises(Unusable) as refusal:
        run(database, settings, version)
    assert refusal.value.detail == (
        "Drift needs at least 30 logged predictions; there are 0. Choose a longer window."
    )
