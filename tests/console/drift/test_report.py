"""A version's own log against its own reference, on a real database."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from backend.records import drafts
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console.drift import report
from console.drift.over_time import bucket_width, expected_false
from console.summaries.judged import drift
from console.summaries.report import over_time
from console.windows import DAY, HOUR, MINUTE
from tests.conftest import Problem, new_version
from tests.console.drift.logs import START, log_rows


def reference(database: Database, version: Version, store: Store) -> pd.DataFrame:
    return artefacts.table(database, version, artefacts.REFERENCE, store)


def test_rows_drawn_from_the_reference_show_no_drift_of_features_or_answers(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("diabetes")
    rows = reference(database, version, store).sample(1_000, replace=True, random_state=1)
    log_rows(database, version, rows, START + np.arange(1_000), store)
    found = drift(database, version, Window(START, START + HOUR), store)
    assert (found.status, found.n_current, found.n_reference) == ("stable", 1_000, 442)
    assert set(found.prediction["feature"]) == {"__value__"}
    assert set(found.prediction["status"]) == {"stable"}


def test_rows_of_one_kind_only_show_drift_of_features_and_of_the_answer(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("diabetes")
    table = reference(database, version, store).nlargest(100, "bmi")
    log_rows(database, version, table, START + np.arange(100), store)
    found = drift(database, version, Window(START, START + HOUR), store)
    assert found.frame["feature"].iloc[0] == "bmi"
    assert found.status == "drifted"
    assert found.prediction["status"].tolist() == ["drifted"]
    assert found.prediction["title"].tolist() == ["Predicted target"]


def test_explains_that_a_short_log_is_not_enough(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("iris")
    table = reference(database, version, store)
    log_rows(database, version, table.head(3), START + np.arange(3), store)
    found = drift(database, version, Window(START, START + HOUR), store)
    assert found.message == "Drift needs at least 30 logged predictions; there are 3."
    empty = drift(database, version, Window(0, 1), store)
    assert empty.status == "not_enough_rows"
    assert empty.message == "Drift needs at least 30 logged predictions; there are 0."
    assert len(empty.frame) == 4


def test_rows_that_another_version_answered_are_not_looked_at(
    database: Database,
    registered: Callable[..., Version],
    store: Store,
    problems: dict[str, Problem],
) -> None:
    first, second = registered("iris"), registered("iris")
    table = reference(database, first, store)
    log_rows(database, second, table, START + np.arange(len(table)), store)
    window = Window(START, START + HOUR)
    assert drift(database, first, window, store).n_current == 0
    assert drift(database, second, window, store).n_current == len(table)
    draft = drafts.one(database, registration.add(database, new_version(problems["iris"]), store))
    assert drift(database, draft, window, store).n_current == 0


def test_a_sample_is_drawn_from_all_of_a_large_window(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("iris")
    table = reference(database, version, store)
    log_rows(database, version, table, START + np.arange(150), store)
    found = report.rows(database, version, Window(START, START + HOUR), 60)
    assert len(found) == 60
    assert found["__at__"].is_monotonic_increasing


def test_a_shift_is_found_in_the_hour_in_which_it_begins(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("breast_cancer")
    random = np.random.default_rng(3)
    table = reference(database, version, store)
    rows = table.iloc[random.integers(0, len(table), 1_200)].reset_index(drop=True)
    at = START + np.sort(random.integers(0, 12 * HOUR, 1_200))
    rows.loc[at >= START + 8 * HOUR, "mean radius"] *= 1.3
    log_rows(database, version, rows, at, store)
    window = Window(START, START + 12 * HOUR)
    found = over_time(database, version, window, store)
    moved = found[(found["feature"] == "mean radius") & (found["status"] == "drifted")]
    hours = (moved["at"] - pd.Timestamp(START, unit="us", tz="UTC")) // pd.Timedelta(hours=1)
    assert hours.tolist() == [8, 9, 10, 11]
    assert len(found) == 12 * 30
    assert (found["until"] - found["at"]).unique().tolist() == [pd.Timedelta(hours=1)]


def test_a_window_without_rows_has_no_stretches(
    database: Database, registered: Callable[..., Version], store: Store
) -> None:
    version = registered("iris")
    found = over_time(database, version, Window(START, START + DAY), store)
    assert found.empty
    assert {"at", "feature", "status", "floors"} <= set(found.columns)


@pytest.mark.parametrize(
    ("length", "most", "width"),
    [(DAY, 24, HOUR), (DAY, 23, 3 * HOUR), (7 * DAY, 24, 12 * HOUR), (HOUR, 24, 5 * MINUTE)],
)
def test_stretches_are_of_a_length_that_a_clock_shows(length: int, most: int, width: int) -> None:
    start = START // DAY * DAY
    assert bucket_width(Window(start, start + length), most) == width


def test_a_century_still_gives_few_stretches() -> None:
    window = Window(0, 100 * 365 * DAY)
    assert window.end / bucket_width(window, 24) <= 24


def test_one_quiet_window_in_twenty_is_expected_to_show_a_flag() -> None:
    assert expected_false(40) == pytest.approx(2.0)
