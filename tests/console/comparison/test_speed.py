"""How fast a version answers: what is measured, not how much it is."""

import pytest

from backend.records.database import Database
from backend.versions import artefacts, manifests, registration
from backend.versions.artefacts import Store
from console.comparison.speed import measure
from console.training import datasets
from console.training.choices import Choices
from console.training.train import train
from tests.console.comparison.made import buyers, shopping, version_of
from tests.console.comparison.test_compare import made
from tests.console.training.tables import csv_of, mixed


def test_a_speed_has_what_was_measured_and_the_size_of_what_is_loaded(
    database: Database, store: Store
) -> None:
    version = version_of(database, store, buyers())
    scorer = artefacts.load(database, version, store)
    found = measure(version, scorer, shopping(), store)
    assert found.batch_rows == 400
    assert found.single_ms > 0
    assert found.batch_us_per_row > 0
    files = manifests.check(version, store.key)
    assert scorer.compiled is None
    assert (found.engine, found.size_bytes) == ("scikit-learn", files[artefacts.ESTIMATOR].size)
    assert measure(version, scorer, shopping(2_500), store).batch_rows == 1_000


def test_a_compiled_version_counts_what_it_loads_beside_the_estimator(
    database: Database, store: Store
) -> None:
    version = made(database, store, "iris", "logistic_regression")
    scorer = artefacts.load(database, version, store)
    found = measure(version, scorer, datasets.load("builtin:iris").frame, store)
    files = manifests.check(version, store.key)
    assert found.engine == "ONNX"
    assert found.size_bytes > files[artefacts.ESTIMATOR].size


@pytest.mark.parametrize("algorithm", ["logistic_regression", "gradient_boosting"])
def test_rows_with_every_kind_of_column_and_missing_values_are_answered(
    database: Database, store: Store, algorithm: str
) -> None:
    data = datasets.from_csv(csv_of(mixed()), "mixed.csv")
    choices = Choices(
        model="mixed",
        data="x",
        target="bought",
        algorithm=algorithm,
        folds=2,
        features=("size", "count", "colour", "member"),
    )
    new = train(data, choices, by="tester")
    version = registration.register(database, registration.add(database, new, store), store)
    heldout = artefacts.table(database, version, artefacts.HELDOUT, store)
    scorer = artefacts.load(database, version, store)
    assert measure(version, scorer, heldout, store).batch_rows == len(heldout)
    assert measure(version, scorer, data.frame, store).batch_rows == len(data.frame)
