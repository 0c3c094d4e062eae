"""Predictions: nothing there, filters, pages, a row that was answered and one that was refused."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Row, text_of
from backend.records.registry import Version
from tests.conftest import Problem
from tests.console.log_rows import HOUR, NOON, row
from tests.pages.conftest import OpenPage, texts

Register = Callable[..., Version]


def shown_rows(page: AppTest) -> pd.DataFrame:
    """The table of the log."""
    return next(f.value for f in page.dataframe if "outcome" in f.value.columns)


def mixed(database: Database, version: Version, made: Problem) -> list[Row]:
    """Sixty answered rows an hour apart, two labels, and a refused one as the newest."""
    objects: list[dict[Any, Any]] = made.frame.head(60).to_dict("records")
    rows = [
        row(
            version,
            NOON - i * HOUR,
            features=features,
            label="malignant" if i % 3 == 0 else "benign",
            score=i / 60,
            source="replay" if i >= 50 else "live",
        )
        for i, features in enumerate(objects)
    ]
    refused = row(
        version,
        NOON + 1,
        outcome="refused",
        features='{"features": {"mean radius": "wide"}}',
        label=None,
        score=None,
        error="Feature `mean texture` is missing; expected a finite number.",
    )
    predictions.append(database, [*rows, refused])
    return [refused, *rows]


def test_says_how_to_begin_where_nothing_was_asked(
    registered: Register, open_page: OpenPage
) -> None:
    registered("iris")

    shown = texts(open_page("predictions", model="iris"))

    assert "**`iris` has not been asked anything yet**" in shown


def test_shows_the_newest_rows_of_the_replayed_past(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    mixed(database, registered(), problems["breast_cancer"])

    page = open_page("predictions", model="breast_cancer")
    table = shown_rows(page)

    assert not page.error
    assert len(table) == 50
    assert table["outcome"].tolist()[:2] == ["refused", "answered"]
    assert table["time"].is_monotonic_decreasing
    assert "61 rows" in texts(page)
    assert "1 Apr 2011, 13:00 (UTC)" in texts(page)


def test_older_rows_follow_and_a_filter_begins_anew(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    mixed(database, registered(), problems["breast_cancer"])
    page = open_page("predictions", model="breast_cancer")
    first = shown_rows(page)

    page = page.button(key="predictions_older").click().run()
    second = shown_rows(page)
    assert len(second) == 11
    assert set(first["prediction_id"]).isdisjoint(second["prediction_id"])
    assert page.button(key="predictions_older").disabled

    page = page.selectbox(key="predictions_label_breast_cancer").set_value("malignant").run()
    assert "after" not in page.query_params
    assert shown_rows(page)["answer"].tolist() == ["malignant"] * 20


def test_every_filter_can_be_sent_to_a_colleague(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    mixed(database, registered(), problems["breast_cancer"])

    page = open_page(
        "predictions",
        model="breast_cancer",
        version="1",
        outcome="answered",
        label="benign",
        source="replay",
        score="0.9-1",
    )
    table = shown_rows(page)

    # Scores are i/60 for i under 60, benign where i is no multiple of 3, replayed from 50 on.
    assert table["score"].round(4).tolist() == [round(i / 60, 4) for i in (55, 56, 58, 59)]
    assert page.query_params["score"] == "0.9-1"


def test_a_window_from_to_is_taken_from_the_address_in_utc(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    mixed(database, registered(), problems["breast_cancer"])

    page = open_page(
        "predictions",
        model="breast_cancer",
        **{"from": "2011-04-01T10:00", "to": "2011-04-01T14:00+02:00"},
    )

    assert shown_rows(page)["time"].dt.hour.tolist() == [11, 10]
    assert page.query_params["window"] == "custom"
    assert page.query_params["from"] == "2011-04-01T10:00:00Z"


def test_an_answered_row_is_shown_beside_the_reference(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    asked = mixed(database, registered(), problems["breast_cancer"])[2]
    key = text_of(asked.prediction_id)

    page = open_page("predictions", model="breast_cancer", row=key)
    features = next(f.value for f in page.dataframe if "usual" in f.value.columns)

    assert len(features) == 30
    assert "**benign** · score 0.017 · version 1" in texts(page)
    assert "The truth is not known yet." in texts(page)
    links = [element.proto for element in page.get("page_link")]
    assert any(link.label == "Open in What-if" and key in link.query_string for link in links)


def test_a_refused_row_says_why_and_shows_what_was_sent(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    refused = mixed(database, registered(), problems["breast_cancer"])[0]

    page = open_page("predictions", model="breast_cancer", row=text_of(refused.prediction_id))

    assert page.error[0].value == ("Feature `mean texture` is missing; expected a finite number.")
    assert page.code[0].value == '{"features": {"mean radius": "wide"}}'


def test_a_filter_that_matches_nothing_says_so(
    database: Database, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    mixed(database, registered(), problems["breast_cancer"])

    page = open_page("predictions", model="breast_cancer", outcome="failed")

    assert "**No row matches**" in texts(page)
