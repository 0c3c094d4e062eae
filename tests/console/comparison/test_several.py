"""Any number of versions in a table: each equals its own comparison, the best first."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.comparison import Table, compare, rows, table
from tests.console.comparison.made import buyers, problem_of, shopping, version_of

NEW = Table("new", shopping(200, seed=77))


@pytest.fixture(name="three")
def three_versions(database: Database, store: Store) -> list[Version]:
    """A good version, its twin, and one that knows the lesser input alone."""
    return [
        version_of(database, store, buyers()),
        version_of(database, store, buyers(columns=["age"])),
        version_of(database, store, buyers()),
    ]


def test_each_line_has_the_figures_of_scikit_learn_and_the_best_stands_first(
    database: Database, store: Store, three: list[Version]
) -> None:
    found = table(database, three, rows(database, three, NEW, store), store, timing=False)
    assert found["version"].tolist() == [1, 3, 2]
    truth = NEW.frame["bought"]
    for line in found.to_dict("records"):
        made = buyers(columns=["age"]) if line["version"] == 2 else buyers()
        inputs = NEW.frame[list(made.frame.columns)].to_numpy()
        answers, scores = made.estimator.predict(inputs), made.estimator.predict_proba(inputs)
        assert line["accuracy"] == pytest.approx((answers == truth).mean())
        assert line["log_loss"] == pytest.approx(sk.log_loss(truth, scores))
        assert line["average_precision"] == pytest.approx(
            sk.average_precision_score(truth == "yes", scores[:, 1])
        )
        assert line["features"] == len(made.frame.columns)
    assert found["single_ms"].isna().all()


def test_a_twin_is_not_behind_and_the_worse_one_clearly_is(
    database: Database, store: Store, three: list[Version]
) -> None:
    found = table(database, three, rows(database, three, NEW, store), store, timing=False)
    assert found["behind"].tolist()[:2] == [0.0, 0.0]
    assert found["clear"].tolist() == [False, False, True]
    worst = found.iloc[2]
    assert worst["behind"] == pytest.approx(found["accuracy"].iloc[0] - worst["accuracy"])
    alone = compare(database, three[0], three[1], store, chosen=NEW, timing=False).frame.iloc[0]
    assert (worst["low"], worst["high"]) == pytest.approx((-alone["high"], -alone["low"]))


def test_of_an_error_the_least_stands_first(database: Database, store: Store) -> None:
    frame = shopping().drop(columns="bought")
    versions = [
        version_of(database, store, problem_of(frame, "spent", "regression", columns=columns))
        for columns in (["age"], ["age", "visits"])
    ]
    found = table(database, versions, rows(database, versions, NEW, store), store, timing=False)
    assert found["version"].tolist() == [2, 1]
    assert found["mae"].is_monotonic_increasing
    assert found["behind"].iloc[1] == pytest.approx(found["mae"].iloc[1] - found["mae"].iloc[0])


def test_how_fast_and_how_large_they_are_is_beside_it(
    database: Database, store: Store, three: list[Version]
) -> None:
    found = table(database, three, rows(database, three, NEW, store), store)
    assert (found[["single_ms", "batch_us_per_row", "size_bytes"]] > 0).all(axis=None)
    assert np.isfinite(found["single_ms"]).all()
    assert list(found.columns)[-8:] == [
        *("behind", "low", "high", "clear", "n"),
        *("single_ms", "batch_us_per_row", "size_bytes"),
    ]
    assert isinstance(found, pd.DataFrame)
