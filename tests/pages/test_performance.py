"""Performance: nothing there, no truth, too little of it, enough; a metric chosen, odd windows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Truth, text_of
from backend.records.registry import Version
from backend.records.tables import predictions as log
from backend.settings import Settings
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console.windows import HOUR
from tests.conftest import Problem, new_version
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import logged, rows_of, table, trained

Register = Callable[..., Version]


def told(database: Database, version: Version, truths: "pd.Series[Any]") -> None:
    """Record the truths of the oldest logged rows of a version, an hour after each was asked."""
    query = sa.select(log.c.prediction_id, log.c.at).where(log.c.model == version.model)
    with database.read() as connection:
        asked = connection.execute(query.order_by(log.c.at)).all()
    is_number = version.task == "regression"
    predictions.append_feedback(
        database,
        version.model,
        [
            Truth(
                text_of(bytes(row.prediction_id)),
                None if is_number else str(truth),
                float(truth) if is_number else None,
                row.at + HOUR,
            )
            for row, truth in zip(asked, truths, strict=False)
        ],
    )


def flipped(truths: "pd.Series[Any]", share: float) -> "pd.Series[Any]":
    """Labels of which a random share is the other one."""
    names = sorted(map(str, truths.unique()))
    wrong = np.random.default_rng(0).random(len(truths)) < share
    other = truths.astype(str).map({names[0]: names[1], names[1]: names[0]})
    return truths.astype(str).mask(wrong, other)


def metric_of(page: AppTest, label: str) -> tuple[str, str]:
    """The value of a card, and what stands below it."""
    [found] = [card for card in page.metric if card.label == label]
    return found.value, found.delta


def headings(page: AppTest) -> list[str]:
    return [heading.value for heading in page.subheader]


def test_says_what_to_do_without_any_model(open_page: OpenPage) -> None:
    assert "No model yet" in texts(open_page("performance"))


def test_a_window_without_answers_leads_on_and_draws_nothing(
    database: Database, open_page: OpenPage
) -> None:
    trained(database)
    page = open_page("performance", model="breast_cancer")
    assert "Version 1 answered nothing in this window" in texts(page)
    assert not page.get("vega_lite_chart")
    assert not page.metric
    assert not page.exception


def test_without_truth_there_are_estimates_and_the_way_to_bring_truth(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    logged(database, settings, version, rows_of("breast_cancer", 200))
    page = open_page("performance", model="breast_cancer")
    assert "No truth is known in this window" in texts(page)
    assert metric_of(page, "Truth known") == ("0 %", "0 of 200 answers")
    assert metric_of(page, "Realized") == ("–", "no rows with truth")
    value, below = metric_of(page, "Estimated (CBPE)")
    assert value.endswith(" %")
    assert below.endswith("200 rows")
    assert "Not known yet" in badges(page)
    assert not page.exception
    assert not page.error


def badges(page: AppTest) -> str:
    return "\n".join(str(element.value) for element in page.markdown)


def test_a_few_truths_are_not_enough_and_it_says_how_many_would_be(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    frame = rows_of("breast_cancer", 100)
    logged(database, settings, version, frame)
    told(database, version, frame[version.signature["target"]].head(10))
    page = open_page("performance", model="breast_cancer")
    assert metric_of(page, "Realized") == ("–", "only 10 rows with truth")
    assert metric_of(page, "Truth known") == ("10 %", "10 of 100 answers")
    assert "30" in "".join(caption.value for caption in page.caption if "Accuracy" in caption.value)
    assert not page.exception


def test_wrong_answers_are_told_as_worse_and_a_metric_is_looked_at(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    version = trained(database)
    frame = rows_of("breast_cancer", 400)
    logged(database, settings, version, frame)
    told(database, version, flipped(frame[version.signature["target"]], 0.3))
    page = open_page("performance", model="breast_cancer")
    assert "Worse than promised" in badges(page)
    assert "The assumption of the estimates is broken." in page.error[0].value
    figures = table(page, "verdict").set_index("title")
    assert figures.loc["Accuracy", "verdict"] == "worse"
    assert figures.loc["Accuracy", "n"] == 400
    assert len(page.get("vega_lite_chart")) >= 3
    assert headings(page) == [
        "Accuracy over time",
        "Track record of the estimates",
        "When truth comes",
        "Why it changed",
        "All figures",
    ]
    value, below = metric_of(page, "Realized")
    assert 60 < float(value.removesuffix(" %")) < 80
    assert below.endswith("400 rows with truth")
    page = page.segmented_control(key="performance_metric_binary").set_value("roc_auc").run()
    assert page.query_params["metric"] == "roc_auc"
    assert headings(page)[0] == "ROC AUC over time"
    assert metric_of(page, "Realized")[0] == figures.loc["ROC AUC", "realized"]
    assert not page.exception


def test_a_metric_comes_by_the_address_and_an_unknown_one_is_the_first(
    database: Database, settings: Settings, open_page: OpenPage, registered: Register
) -> None:
    version = registered("diabetes")
    logged(database, settings, version, rows_of("diabetes", 60))
    page = open_page("performance", model="diabetes", metric="rmse")
    assert headings(page)[0] == "Root mean squared error over time"
    page = open_page("performance", model="diabetes", metric="no_such")
    assert headings(page)[0] == "Mean absolute error over time"


def test_three_labels_have_no_estimate_where_none_can_be_had(
    database: Database,
    settings: Settings,
    open_page: OpenPage,
    registered: Register,
    problems: dict[str, Problem],
) -> None:
    version, iris = registered("iris"), problems["iris"]
    logged(database, settings, version, iris.frame)
    told(database, version, iris.truth)
    page = open_page("performance", model="iris", metric="macro_f1")
    assert metric_of(page, "Estimated (CBPE)") == ("–", "cannot be had")
    assert metric_of(page, "Realized")[0] != "–"
    assert not page.exception


@pytest.mark.parametrize(
    ("name", "n", "is_alike"),
    [("iris", 60, True), ("diabetes", 60, True), ("diabetes", 10, False), ("diabetes", 1, False)],
)
def test_truths_all_alike_and_tiny_windows_are_sentences(
    database: Database,
    settings: Settings,
    open_page: OpenPage,
    registered: Register,
    problems: dict[str, Problem],
    name: str,
    n: int,
    is_alike: bool,
) -> None:
    version, found = registered(name), problems[name]
    logged(database, settings, version, found.frame.head(n))
    truths = found.truth.head(n)
    told(database, version, truths.map(lambda _: truths.iloc[0]) if is_alike else truths)
    page = open_page("performance", model=name, window="all")
    assert metric_of(page, "Truth known") == ("100 %", f"{n} of {n} answer{'' if n == 1 else 's'}")
    assert "Something went wrong" not in texts(page)
    assert not page.exception


def test_a_version_without_held_out_rows_promises_nothing_and_is_shown(
    database: Database,
    settings: Settings,
    open_page: OpenPage,
    store: Store,
    problems: dict[str, Problem],
) -> None:
    found = problems["diabetes"]
    new = new_version(found)
    none = found.frame.assign(__truth__=found.truth, __value__=found.truth).head(0)
    files = {**new.files, artefacts.HELDOUT: artefacts.pack_table(none)}
    draft = registration.add(database, replace(new, files=files), store)
    version = registration.register(database, draft, store)
    logged(database, settings, version, found.frame.head(60))
    told(database, version, found.truth.head(60))
    page = open_page("performance", model="diabetes")
    assert metric_of(page, "Promised")[0] == "–"
    assert metric_of(page, "Realized")[0] != "–"
    assert "Something went wrong" not in texts(page)
    assert not page.exception
