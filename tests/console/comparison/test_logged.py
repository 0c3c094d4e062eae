"""Logged rows with truth: whoever answered them, both versions answer them anew."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.errors import Unusable
from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Truth, Window
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.comparison import Logged, compare, rows
from tests.console.comparison.made import buyers, problem_of, shopping, version_of
from tests.console.log_rows import HOUR, NOON
from tests.console.rescoring.logs import EVER, SECOND, log, tell
from tests.databases import BOTH, settings_on

N = 160


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with an empty database, of SQLite where a test does not ask for both."""
    return settings_on(getattr(request, "param", "sqlite"), request, tmp_path)


@pytest.fixture(name="pair")
def two_versions(database: Database, store: Store) -> tuple[Version, Version]:
    """Two versions, trained before the rows were asked; the second does not know `visits`."""
    old: dict[str, Any] = {"until": "2011-04-01T00:00Z", "time": "at"}
    a = version_of(database, store, buyers(5), **old)
    return a, version_of(database, store, buyers(6, columns=["age"]), **old)


def asked() -> pd.DataFrame:
    """Rows that were asked."""
    return shopping(N, seed=77).drop(columns=["bought", "spent"])


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_each_answers_the_rows_with_truth_whoever_answered_them(
    database: Database, store: Store, pair: tuple[Version, Version]
) -> None:
    a, b = pair
    truth = shopping(N, seed=77)["bought"]
    first = log(database, store, a, asked().iloc[:100])
    second = log(database, store, b, asked().iloc[100:], start=NOON + 100 * SECOND)
    tell(database, first, truth.iloc[:90])
    tell(database, second, truth.iloc[100:])
    # The rows that b answered have no `visits`, without which a cannot answer.
    found = compare(database, a, b, store, chosen=Logged(EVER), timing=False)
    assert (found.n, found.rows.n_found, found.warning) == (90, 150, "")
    assert found.rows.notes == (
        "60 of 150 logged rows with truth are left out: version 1 cannot answer without `visits`.",
    )
    frame = found.frame.set_index("metric")
    for side, made in (("a", buyers(5)), ("b", buyers(6, columns=["age"]))):
        inputs = asked().iloc[:90][list(made.frame.columns)].to_numpy()
        scores = made.estimator.predict_proba(inputs)[:, 1]
        positive = truth.iloc[:90] == "yes"
        assert frame.loc["roc_auc", side] == pytest.approx(sk.roc_auc_score(positive, scores))
    assert found.rows.frame["__prediction_id__"].tolist() == first.ids[:90]
    assert set(found.rows.frame["__truth__"]) == {"yes", "no"}


def test_only_the_window_counts(
    database: Database, store: Store, pair: tuple[Version, Version]
) -> None:
    logged = log(database, store, pair[0], asked())
    tell(database, logged, shopping(N, seed=77)["bought"])
    window = Window(NOON + 20 * SECOND, NOON + 80 * SECOND)
    found = rows(database, pair, Logged(window), store)
    assert found.n == 60
    assert found.title == (
        "60 logged rows with truth, 2011-04-01T12:00:20Z to 2011-04-01T12:01:20Z"
    )
    assert found.window == window
    assert found.frame["__at__"].min() == window.start


def test_a_row_asked_before_the_training_ended_may_flatter(
    database: Database, store: Store, pair: tuple[Version, Version]
) -> None:
    later = version_of(database, store, buyers(), until="2011-04-01T12:01:00Z", time="at")
    tell(database, log(database, store, pair[0], asked()), shopping(N, seed=77)["bought"])
    found = rows(database, (pair[0], later), Logged(EVER), store)
    assert found.warning == (
        "Version 3 may have been trained on 60 of these 160 rows (they are older than"
        " 2011-04-01T12:01:00Z, up to when its training data may reach), which flatters it."
    )
    # Of a version without times in its data only the moment it was made is known.
    undated = version_of(database, store, buyers())
    warning = rows(database, (pair[0], undated), Logged(EVER), store).warning
    assert warning.startswith("Version 4 may have been trained on 160 of these 160 rows (they are")


def test_a_corrected_truth_takes_the_place_of_the_first(
    database: Database, store: Store, pair: tuple[Version, Version]
) -> None:
    logged = log(database, store, pair[0], asked())
    tell(database, logged, pd.Series(["no"] * N))
    corrected = [Truth(key, "yes", None, at=NOON + HOUR) for key in logged.ids]
    predictions.append_feedback(database, "made", corrected, correct=True)
    found = compare(database, *pair, store, chosen=Logged(EVER), timing=False)
    assert set(found.rows.frame["__truth__"]) == {"yes"}
    assert "ROC AUC is not defined for version 1 and version 2 on these rows." in found.undefined


def test_a_log_without_truth_says_what_to_do(
    database: Database, store: Store, pair: tuple[Version, Version]
) -> None:
    log(database, store, pair[0], asked())
    with pytest.raises(Unusable) as refusal:
        rows(database, pair, Logged(EVER), store)
    assert refusal.value.detail == (
        "A comparison needs at least 30 logged rows with truth; there are 0. Choose a longer"
        " window, or report more ground truth."
    )


def test_the_truth_of_a_regression_is_a_number_again(database: Database, store: Store) -> None:
    frame = shopping().drop(columns="bought")
    a, b = (
        version_of(database, store, problem_of(frame, "spent", "regression", columns=columns))
        for columns in (["age", "visits"], ["age"])
    )
    fresh = shopping(N, seed=77)
    logged = log(database, store, a, asked())
    tell(database, logged, fresh["spent"])
    found = compare(database, a, b, store, chosen=Logged(EVER), timing=False)
    frame = found.frame.set_index("metric")
    for side, columns in (("a", ["age", "visits"]), ("b", ["age"])):
        made = problem_of(shopping().drop(columns="bought"), "spent", "regression", columns=columns)
        values = made.estimator.predict(fresh[columns].to_numpy())
        assert frame.loc["mae", side] == pytest.approx(np.abs(values - fresh["spent"]).mean())
        assert frame.loc["rmse", side] == pytest.approx(
            sk.root_mean_squared_error(fresh["spent"], values)
        )
        assert frame.loc["median_ae", side] == pytest.approx(
            sk.median_absolute_error(fresh["spent"], values)
        )
        assert frame.loc["r2", side] == pytest.approx(sk.r2_score(fresh["spent"], values))
        assert frame.loc["bias", side] == pytest.approx((values - fresh["spent"]).mean())
    assert frame.loc["mae", "better"] == "a"
    assert (found.mcnemar, found.agreement) == (None, None)
    assert found.calibration.empty
    assert found.thresholds.empty
