"""Rows that one version's signature has read, answered by another version."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from backend.versions import rereading
from backend.versions.features import Feature
from backend.versions.rereading import Answer
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from tests.conftest import Problem


class Particular:
    """Refuses rows whose first value is negative, as an estimator may for reasons of its own."""

    def __init__(self, fitted: Any) -> None:
        self.asked = 0
        self._fitted = fitted

    def predict_proba(self, X: Any) -> Any:
        self.asked += 1
        if (X[:, 0] < 0).any():
            raise ArithmeticError("a radius cannot be negative\0")
        return self._fitted.predict_proba(X)


def rows_of(problem: Problem, n: int) -> list[list[Any]]:
    rows = problem.frame.head(n).to_dict("records")
    return [problem.signature.read({str(k): v for k, v in row.items()}) for row in rows]


def particular(problem: Problem) -> Scorer:
    return Scorer(problem.signature, Particular(problem.estimator))


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_rows_of_the_same_signature_are_answered_as_a_request_would_be(
    problems: dict[str, Problem], name: str
) -> None:
    made = problems[name]
    found = rereading.answers(
        Scorer(made.signature, made.estimator), rows_of(made, 5), made.signature
    )
    scored = Scorer(made.signature, made.estimator).score(rows_of(made, 5))
    if scored.values is not None:
        assert [a.value for a in found] == scored.values.tolist()
        assert {a.label for a in found} == {None}
    else:
        assert scored.labels is not None
        assert scored.scores is not None
        assert [a.label for a in found] == list(scored.labels)
        assert [a.score for a in found] == scored.scores.tolist()
    assert {a.error for a in found} == {None}


def test_features_are_matched_by_name_whatever_their_order(problems: dict[str, Problem]) -> None:
    made = problems["iris"]
    backwards = replace(made.signature, features=made.signature.features[::-1])
    read = [row[::-1] for row in rows_of(made, 150)]
    scorer = Scorer(made.signature, made.estimator)
    assert rereading.answers(scorer, read, backwards) == rereading.answers(
        scorer, rows_of(made, 150), made.signature
    )


def test_a_version_of_fewer_features_answers_without_the_others(
    problems: dict[str, Problem],
) -> None:
    made = problems["iris"]
    few = replace(made.signature, features=made.signature.features[:2])
    estimator = LogisticRegression().fit(made.frame.iloc[:, :2].to_numpy(), made.truth)
    found = rereading.answers(Scorer(few, estimator), rows_of(made, 150), made.signature)
    assert [a.label for a in found] == list(estimator.predict(made.frame.iloc[:, :2].to_numpy()))


def test_what_the_version_would_refuse_is_an_error_and_leaves_the_others_alone() -> None:
    frame = pd.DataFrame({"colour": ["red", "blue"] * 10})
    truth = ["yes", "no"] * 10
    own = Signature(
        features=(Feature("colour", "category", categories=("red", "blue")),),
        target="t",
        task="binary",
        labels=("no", "yes"),
        positive="yes",
        serves_unseen=False,
    )
    estimator = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame, truth)
    wider = Feature("colour", "category", nullable=True, categories=("red", "blue", "green"))
    other = replace(own, features=(wider, Feature("size", "number")), serves_unseen=True)
    expected = "expected one of `red`, `blue`."
    read: list[list[Any]] = [["red", 1.0], ["green", 1.0], [None, 2.0], ["blue", 1.0]]
    found = rereading.answers(Scorer(own, estimator), read, other)
    assert [a.label for a in found] == ["yes", None, None, "no"]
    assert [a.error for a in found] == [
        None,
        f"Feature `colour` is `'green'` (a value that was not seen in training); {expected}",
        f"Feature `colour` is `null`; {expected}",
        None,
    ]
    needs_more = replace(own, features=(*own.features, Feature("weight", "number")))
    (missing,) = rereading.answers(Scorer(needs_more, estimator), [["red"]], own)
    assert missing.error == "Feature `weight` is missing; expected a finite number."


def test_a_row_that_spoils_a_batch_is_found_and_the_others_are_answered(
    problems: dict[str, Problem],
) -> None:
    made = problems["breast_cancer"]
    rows = rows_of(made, 500)
    for bad in (7, 400):
        rows[bad][0] = -1.0
    found = rereading.answers(particular(made), rows, made.signature)
    assert [i for i, a in enumerate(found) if a.error is not None] == [7, 400]
    said = "ArithmeticError: a radius cannot be negative\ufffd"
    assert found[7] == Answer(error=f"It could not answer these values ({said}).")
    alone = particular(made).score([rows[100]])
    assert alone.labels is not None
    assert found[100].label == alone.labels[0]


def test_an_estimator_that_always_fails_is_not_asked_for_ever(
    problems: dict[str, Problem],
) -> None:
    made = problems["breast_cancer"]
    rows = rows_of(made, 500)
    for row in rows:
        row[0] = -1.0
    scorer = particular(made)
    found = rereading.answers(scorer, rows, made.signature)
    assert len(found) == 500
    assert all(a.error for a in found)
    assert scorer.estimator.asked < 200
