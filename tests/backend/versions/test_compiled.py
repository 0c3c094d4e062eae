"""A compiled version at work: what it answers, and what it leaves to scikit-learn."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.versions import compiled
from backend.versions.compiled import Compiled
from backend.versions.compiling import compile_version
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature, feature_of
from tests.conftest import Problem


class Asked:
    """An estimator that keeps count of the rows that it was asked."""

    def __init__(self, estimator: Any) -> None:
        self.rows = 0
        self._estimator = estimator

    def predict(self, X: Any) -> Any:
        self.rows += len(X)
        return self._estimator.predict(X)

    def predict_proba(self, X: Any) -> Any:
        self.rows += len(X)
        return self._estimator.predict_proba(X)


def numbers(rows: int = 300) -> pd.DataFrame:
    """Two numbers, one of them whole; a target of two labels and one of values."""
    draw = np.random.default_rng(2)
    frame = pd.DataFrame({"x": draw.normal(0, 1, rows), "n": draw.integers(0, 9, rows)})
    frame["two"] = np.where(frame["x"] + draw.normal(0, 1, rows) > 0, "yes", "no")
    frame["value"] = frame["x"] * 3 + frame["n"]
    frame.loc[::7, "x"] = None
    return frame


def both(final: Any, target: str = "two") -> tuple[Scorer, Scorer, Asked]:
    """Scikit-learn alone; compiled, with scikit-learn to fall back on; and how often it does."""
    frame = numbers()
    task: Any = "binary" if target == "two" else "regression"
    labels = ("no", "yes") if target == "two" else ()
    features = (feature_of(frame["x"]), feature_of(frame["n"]))
    signature = Signature(features, target, task, labels, "yes" if labels else None)
    estimator = make_pipeline(SimpleImputer(), final)
    estimator.fit(signature.matrix_of(frame), frame[target])
    made = compile_version(signature, estimator, frame, float(np.std(frame["value"])))
    assert made.content is not None, made.evidence
    asked = Asked(estimator)
    graph = compiled.load(made.content, signature, estimator, made.evidence)
    return Scorer(signature, estimator), Scorer(signature, asked, graph), asked


def answers(scorer: Scorer, rows: list[list[Any]]) -> Any:
    scored = scorer.score(rows)
    return scored.values if scored.labels is None else scored.probabilities


CASES = [
    (RandomForestClassifier(10, random_state=0), "two", [3.3e38, -2e37]),
    (make_pipeline(StandardScaler(), LogisticRegression()), "two", [1e200, -1e31]),
    (make_pipeline(StandardScaler(), LinearRegression()), "value", [1e150, -1e31]),
    (HistGradientBoostingRegressor(max_iter=5), "value", [1e300, -1e300]),
]


@pytest.mark.parametrize(("final", "target", "far"), CASES)
def test_rows_far_out_are_answered_by_scikit_learn_and_only_those(
    final: Any, target: str, far: list[float]
) -> None:
    plain, quick, asked = both(final, target)
    rows = [[0.5, 3.0], [far[0], 3.0], [float("nan"), 0.0], [far[1], 8.0], [-0.1, 2.0]]
    expected, found = answers(plain, rows), answers(quick, rows)
    assert np.isfinite(expected).all()
    assert found[[1, 3]].tolist() == expected[[1, 3]].tolist()
    assert found == pytest.approx(expected, rel=1e-12)
    assert asked.rows == 2


@pytest.mark.parametrize("value", [2.0**24 + 1, 2.0**53, -(2.0**53), 1e29, -1e29, 5e-324])
@pytest.mark.parametrize(("final", "target", "far"), CASES)
def test_large_and_tiny_numbers_are_no_reason_to_ask_scikit_learn(
    final: Any,
    target: str,
    far: list[float],
    value: float,
) -> None:
    plain, quick, asked = both(final, target)
    rows = [[value, 3.0], [0.5, 3.0]]
    assert answers(quick, rows) == pytest.approx(answers(plain, rows), rel=1e-12)
    assert asked.rows == 0


@pytest.mark.filterwarnings(
    "ignore:overflow encountered in cast:RuntimeWarning"
)  # and then it raises
def test_what_scikit_learn_refuses_is_refused() -> None:
    plain, quick, _ = both(RandomForestClassifier(10, random_state=0))
    for scorer in (plain, quick):
        with pytest.raises(ValueError, match="too large for dtype"):
            scorer.score([[0.5, 1.0], [1e39, 1.0]])


def test_an_answer_that_is_no_number_is_asked_again() -> None:
    plain, quick, asked = both(make_pipeline(StandardScaler(), LinearRegression()), "value")
    rows = [[0.5, 3.0], [float("inf"), 3.0], [1.0, 3.0]]
    with pytest.raises(ValueError, match="infinity"):
        plain.score(rows)
    with pytest.raises(ValueError, match="infinity"):
        quick.score(rows)
    assert asked.rows == 1


def test_labels_as_good_as_tied_are_chosen_by_scikit_learn(problems: dict[str, Problem]) -> None:
    for name in ("breast_cancer", "iris"):
        made = problems[name]
        proof = compile_version(made.signature, made.estimator, made.frame)
        assert proof.content is not None
        rows = made.frame.to_numpy().tolist()
        expected = Scorer(made.signature, made.estimator).score(rows)
        assert expected.probabilities is not None
        best = np.sort(expected.probabilities, axis=1)
        margins = best[:, -1] - best[:, -2]
        asked = Asked(made.estimator)
        evidence = proof.evidence | {"tie": float(np.sort(margins)[3:5].mean())}
        graph = compiled.load(proof.content, made.signature, made.estimator, evidence)
        assert Scorer(made.signature, asked, graph).score(rows).labels == expected.labels
        assert asked.rows == 4


def test_rows_and_tables_are_answered_alike_with_categories_missing_and_unseen() -> None:
    frame = numbers().assign(colour=lambda f: np.where(f["n"] > 4, "red", "blue"))
    frame["odd"] = (frame["n"] % 2 == 1).astype(object)
    frame.loc[::5, ["colour", "odd"]] = None
    names = ["colour", "x", "odd", "n"]
    signature = Signature(
        tuple(feature_of(frame[name]) for name in names), "two", "binary", ("no", "yes"), "yes"
    )
    graph = Compiled(signature, None)
    table = pd.concat([frame.head(20), frame.head(1).assign(colour="mauve")])
    rows = [signature.read(row) for row in _sent(table[names])]
    np.testing.assert_array_equal(graph.read(rows), graph.read_table(table))
    first = {name: place for place, name in enumerate(signature.feature("colour").categories)}
    assert graph.read(rows)[:, 0].tolist() == [
        2 if colour is None else first.get(colour, 3) for colour in table["colour"]
    ]
    assert set(graph.read(rows)[:, 2]) == {0.0, 1.0, 2.0}
    sent = _sent(table[names])  # the service's own reader leaves None for a missing number
    np.testing.assert_array_equal(graph.read(sent), graph.read(rows))


def _sent(table: pd.DataFrame) -> list[list[Any]]:
    return [[None if pd.isna(v) else v for v in row] for row in table.to_numpy().tolist()]


def test_a_session_keeps_to_the_callers_thread(problems: dict[str, Problem]) -> None:
    made = problems["iris"]
    content = compile_version(made.signature, made.estimator, made.frame).content
    assert content is not None
    session = compiled.open_session(content)
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert [put.name for put in session.get_outputs()] == ["probabilities"]
