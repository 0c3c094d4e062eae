"""Shadow answers beside the champion's: agreement, moves, differences and who was right."""

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from backend.records import aliases, predictions, shadows
from backend.records.database import Database
from backend.records.predictions import Truth, Window
from backend.records.registry import Model, Version
from backend.records.shadows import ShadowRow
from backend.records.tables import versions
from console.comparison import shadow
from tests.console.log_rows import NOON, row

EVER = Window(0, 1 << 60)


class Pairs:
    """Writes the champion's answers and the challenger's of a model, a second apart."""

    def __init__(self, database: Database, version: Version) -> None:
        self.database = database
        self.version = version
        self.model = shadows.switch(database, version.model, True)
        self.ids: list[bytes] = []

    def add(self, ours: dict[str, Any], theirs: dict[str, Any], truth: Any = None) -> None:
        identity, at = uuid.uuid4().bytes, NOON + len(self.ids) * 1_000_000
        self.ids.append(identity)
        logged = row(self.version, at, prediction_id=identity, **ours)
        predictions.append(self.database, [logged])
        answered = {"label": None, "value": None, "score": None, "error": None} | theirs
        beside = ShadowRow(
            prediction_id=identity,
            at=at,
            model=self.version.model,
            version=answered.pop("version", 2),
            latency_ms=0.1,
            **answered,
        )
        shadows.append(self.database, [beside])
        if truth is not None:
            key = predictions.text_of(identity)
            number = isinstance(truth, float)
            said = Truth(key, None if number else truth, truth if number else None)
            predictions.append_feedback(self.database, self.version.model, [said])

    def read(self, window: Window = EVER) -> shadow.Shadowed:
        found = shadow.read(self.database, self.model, window)
        assert found is not None
        return found


@pytest.fixture
def pairs(database: Database, registered: Callable[..., Version]) -> Callable[[str], Pairs]:
    """A function giving pairs of a model's champion (version 1) and challenger (version 2)."""

    def make(name: str) -> Pairs:
        version = registered(name)
        registered(name, promoted=False)
        aliases.set_challenger(database, name, 2, actor="tester", reason="test")
        return Pairs(database, version)

    return make


def label(name: str, score: float) -> dict[str, Any]:
    return {"label": name, "score": score}


def test_agreement_has_wilsons_interval() -> None:
    for hits, n in ((0, 7), (3, 7), (7, 7), (92, 100), (1, 5_000)):
        expected = binomtest(hits, n).proportion_ci(method="wilson")
        found = shadow.wilson(hits, n)
        assert found.share == hits / n
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_a_classification_counts_where_labels_moved_and_who_was_right(
    pairs: Callable[[str], Pairs],
) -> None:
    made = pairs("breast_cancer")
    for _ in range(6):
        made.add(label("benign", 0.2), label("benign", 0.3))
    made.add(label("benign", 0.2), label("malignant", 0.9), "malignant")
    made.add(label("benign", 0.4), label("malignant", 0.6), "benign")
    made.add(label("benign", 0.4), label("malignant", 0.5))
    made.add(label("malignant", 0.8), label("benign", 0.1), "malignant")
    made.add(label("benign", 0.1), label("benign", 0.1), "benign")
    made.add(label("benign", 0.1), label("benign", 0.1), "malignant")
    made.add(label("benign", 0.1), {"error": "No."})
    found = made.read()
    assert (found.version, found.stored, found.n) == (2, 13, 12)
    assert found.agreement is not None
    assert found.agreement.share == pytest.approx(8 / 12)
    assert found.moves.to_numpy().tolist() == [
        ["benign", "malignant", 3, 1, 1],
        ["malignant", "benign", 1, 1, 0],
    ]
    assert dict(found.truth.to_numpy().tolist()) == {
        "both": 1,
        "champion": 2,
        "challenger": 1,
        "neither": 1,
    }
    assert found.known == 5
    assert found.errors.to_numpy().tolist() == [["No.", 1]]
    differences = [*[0.1] * 6, 0.7, 0.2, 0.1, -0.7, 0.0, 0.0]
    assert found.difference == pytest.approx(
        {
            "mean": np.mean(differences),
            "mean_size": np.mean(np.abs(differences)),
            "largest": 0.7,
            "n": 12,
        }
    )
    assert found.frame["challenger"].tolist() == ["benign", *["malignant"] * 3]
    assert found.frame["truth"].tolist() == ["malignant", None, "benign", "malignant"]
    assert found.frame["prediction_id"][0] == predictions.text_of(made.ids[9])


def test_a_regression_says_who_is_nearer_and_shows_the_largest_differences(
    pairs: Callable[[str], Pairs],
) -> None:
    made = pairs("diabetes")
    for ours, theirs, truth in (
        (100.0, 110.0, 101.0),
        (100.0, 150.0, 149.0),
        (100.0, 100.0, 90.0),
        (100.0, 90.0, None),
    ):
        nothing = {"label": None, "score": None}
        made.add(nothing | {"value": ours}, {"value": theirs}, truth)
    found = made.read()
    assert found.agreement is None
    assert found.moves.empty
    assert found.unit == "value"
    assert found.difference == {"mean": 12.5, "mean_size": 17.5, "largest": 50.0, "n": 4}
    assert dict(found.truth.to_numpy().tolist()) == {
        "both": 1,
        "champion": 1,
        "challenger": 1,
        "neither": 0,
    }
    assert found.errors_of_value == pytest.approx(((1 + 49 + 10) / 3, (9 + 1 + 10) / 3))
    assert found.frame["difference"].tolist() == [50.0, -10.0, 10.0, 0.0]


def test_scores_of_several_classes_are_compared_under_the_same_label_only(
    pairs: Callable[[str], Pairs],
) -> None:
    made = pairs("iris")
    made.add(label("setosa", 0.9), label("setosa", 0.8))
    made.add(label("setosa", 0.9), label("virginica", 0.5))
    found = made.read()
    assert found.difference == pytest.approx(
        {"mean": -0.1, "mean_size": 0.1, "largest": 0.1, "n": 1}
    )
    assert found.frame["difference"].isna().all()


def test_only_the_challengers_rows_of_the_window_count(pairs: Callable[[str], Pairs]) -> None:
    made = pairs("breast_cancer")
    for _ in range(4):
        made.add(label("benign", 0.2), label("benign", 0.3))
    made.add(label("benign", 0.2), {**label("malignant", 0.9), "version": 3})
    assert made.read().n == 4
    assert made.read(Window(NOON, NOON + 2_000_000)).n == 2
    assert shadow.read(made.database, made.model, Window(0, NOON)) is None
    aliases.set_challenger(made.database, "breast_cancer", None, actor="tester", reason="test")
    withdrawn = shadows.switch(made.database, "breast_cancer", False)
    last = shadow.read(made.database, withdrawn, EVER)
    assert last is not None
    assert last.version == 3


def test_scores_of_different_positive_labels_are_not_compared(
    pairs: Callable[[str], Pairs],
) -> None:
    made = pairs("breast_cancer")
    signature = made.version.signature | {"positive": "benign"}
    with made.database.write() as connection:
        turned = versions.update().where(versions.c.number == 2)
        connection.execute(turned.values(signature=signature))
    made.add(label("benign", 0.1), label("benign", 0.9))
    found = made.read()
    assert found.difference is None
    assert found.agreement is not None
    assert found.agreement.share == 1


def test_a_challenger_that_answers_nothing_has_its_reasons_only(
    pairs: Callable[[str], Pairs],
) -> None:
    made = pairs("breast_cancer")
    for text in ("No.", "Never.", "No."):
        made.add(label("benign", 0.2), {"error": text})
    found = made.read()
    assert (found.stored, found.n, found.agreement, found.difference) == (3, 0, None, None)
    assert found.errors.to_numpy().tolist() == [["No.", 2], ["Never.", 1]]
    assert found.frame.empty


@pytest.mark.parametrize(
    ("on", "champion", "challenger", "sentence"),
    [
        (False, 1, 2, "is off: only the champion answers its requests."),
        (True, 1, None, "is on and waits for a challenger: name one."),
        (True, None, 2, "is on and waits for a champion: nothing answers yet."),
        (True, 2, 2, "is on and waits for another challenger: version 2 is the champion itself."),
        (
            True,
            1,
            2,
            "is on: version 2 scores what version 1 answers, and nobody sees it but here.",
        ),
    ],
)
def test_says_what_the_shadow_does_or_waits_for(
    on: bool, champion: int | None, challenger: int | None, sentence: str
) -> None:
    model = Model("m", "binary", "t", False, 0, "ada", on, champion, challenger)
    assert shadow.said(model) == f"The shadow of `m` {sentence}"
