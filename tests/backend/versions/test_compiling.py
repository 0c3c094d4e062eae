"""Pipelines as ONNX graphs: which are adopted, which are not, and what is said about it."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from backend.versions.compiled import Compiled, load, open_session
from backend.versions.compiling import NotAdopted, Trial, compile_version, not_compiled
from backend.versions.onnx_trees import MOST_NODES, Trees
from backend.versions.probes import probes
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from tests.backend.versions.tables import signature_of, table
from tests.conftest import Problem


def fitted(
    steps: list[Any], target: str, names: tuple[str, ...] = ("whole", "size")
) -> tuple[Signature, Any, pd.DataFrame]:
    """A pipeline fitted to some columns of `table`."""
    frame = table()
    signature = signature_of(frame, list(names), target)
    pipeline = make_pipeline(*steps).fit(signature.matrix_of(frame), frame[target])
    return signature, pipeline, frame


def by_column() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), ["whole", "size"]),
            ("colour", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["colour"]),
            ("member", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["member"]),
        ]
    )


def test_the_evidence_says_on_what_the_engine_was_adopted() -> None:
    signature, pipeline, frame = fitted([SimpleImputer(), LogisticRegression()], "two")
    made = compile_version(signature, pipeline, frame)
    said = made.evidence
    assert made.content is not None
    assert {name: said[name] for name in ("engine", "part", "rows", "changed_labels", "limit")} == {
        "engine": "onnx",
        "part": "whole",
        "rows": 400,
        "changed_labels": 0,
        "limit": 1e-5,
    }
    assert 0 <= said["largest_difference"] < 1e-12
    assert said["reason"].startswith("All 400 reference rows and 2,001 probes agree with ")
    assert said["bytes"] == len(made.content)


def test_of_values_the_limit_is_in_standard_deviations() -> None:
    signature, pipeline, frame = fitted([SimpleImputer(), RandomForestRegressor(5)], "value")
    assert compile_version(signature, pipeline, frame, 40.0).evidence["limit"] == 40 * 1e-5


@pytest.mark.parametrize("target", ["two", "three"])
def test_a_forest_on_mixed_columns_answers_bit_by_bit_as_scikit_learn_where_leaves_are_pure(
    target: str,
) -> None:
    """Whole numbers sit on its splits, and its votes tie: what single precision gets wrong."""
    names = ("whole", "size", "colour", "member")
    forest = RandomForestClassifier(10, random_state=0)
    signature, pipeline, frame = fitted([by_column(), forest], target, names)
    frame = frame.dropna().drop_duplicates(list(names))
    pipeline.fit(signature.matrix_of(frame), frame[target])
    made = compile_version(signature, pipeline, frame)
    assert (made.evidence["part"], made.evidence["largest_difference"]) == ("whole", 0.0)
    assert made.evidence["reason"].endswith("they are equal to the last bit.")
    assert made.evidence["tie"] == 0.0
    shares = Scorer(signature, pipeline).score(probes(signature, frame)).probabilities
    assert shares is not None
    best = np.sort(shares, axis=1)
    assert (best[:, -1] == best[:, -2]).sum() > 20  # ties there were


def test_what_cannot_be_converted_before_the_last_step_stays_scikit_learns() -> None:
    steps = [SimpleImputer(), FunctionTransformer(np.cbrt), RandomForestClassifier(5)]
    signature, pipeline, frame = fitted(steps, "two")
    made = compile_version(signature, pipeline, frame)
    assert made.evidence["part"] == "estimator"
    assert made.evidence["reason"].startswith(
        "Scikit-learn prepares the inputs, and ONNX answers: all 400 reference rows"
    )
    assert made.content is not None
    graph = load(made.content, signature, pipeline, made.evidence)
    rows = probes(signature, frame, seed=1)
    expected = Scorer(signature, pipeline).score(rows)
    found = Scorer(signature, pipeline, graph).score(rows)
    assert expected.probabilities == pytest.approx(found.probabilities, abs=1e-12)
    assert found.labels == expected.labels


class Shy(LogisticRegression):  # type: ignore[misc]  # scikit-learn has no types
    """Refuses what no converter knows of."""

    def predict_proba(self, X: Any) -> Any:
        if (np.abs(X) > 1e6).any():
            raise ArithmeticError("too large for me")
        return super().predict_proba(X)


def test_what_cannot_be_converted_at_all_says_so_for_each_attempt() -> None:
    signature, pipeline, frame = fitted([SimpleImputer(), Shy()], "two")
    made = compile_version(signature, pipeline, frame)
    assert made.content is None
    assert made.evidence["engine"] == "sklearn"
    reason = made.evidence["reason"]
    assert reason.startswith("It is not compiled: the whole pipeline cannot be converted (")
    assert "; its last step alone cannot be converted (" in reason


def test_a_converter_that_is_wrong_by_a_tenth_is_caught() -> None:
    """skl2onnx's own trees in double precision compare values that scikit-learn rounded."""
    boosting = GradientBoostingClassifier(n_estimators=20, random_state=0)
    signature, pipeline, frame = fitted([SimpleImputer(), boosting], "two")
    made = compile_version(signature, pipeline, frame)
    assert made.content is None
    assert re.fullmatch(
        r"It is not compiled: the whole pipeline differs from scikit-learn by 0\.\d+, and 1e-05 is"
        r" the limit; its last step alone differs from scikit-learn by 0\.\d+, and 1e-05 is the"
        r" limit\.",
        made.evidence["reason"],
    )


def test_a_graph_of_another_fit_is_refused_with_the_difference(
    problems: dict[str, Problem],
) -> None:
    made = problems["breast_cancer"]
    content = compile_version(made.signature, made.estimator, made.frame).content
    assert content is not None
    other = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    other.fit(made.frame.to_numpy(), made.truth)
    graph = Compiled(made.signature, open_session(content))
    with pytest.raises(NotAdopted, match=r"differs from scikit-learn by [01][.\d]*, and 1e-05 is"):
        Trial(made.signature, other, made.frame, 1.0).prove(graph)


def test_a_version_that_scikit_learn_cannot_answer_for_everything_is_not_compared() -> None:
    signature, pipeline, frame = fitted([SimpleImputer(), Shy()], "two")
    content = compile_version(
        *fitted([SimpleImputer(), LogisticRegression()], "two")[:2], frame
    ).content
    assert content is not None
    with pytest.raises(NotAdopted, match=r"meets rows that scikit-learn refuses \(Arith"):
        Trial(signature, pipeline, frame, 1.0).prove(Compiled(signature, open_session(content)))


@pytest.mark.parametrize(
    ("estimator", "target"),
    [
        (RandomForestClassifier(3, min_samples_leaf=400, random_state=0), "two"),
        (RandomForestClassifier(3, min_samples_leaf=190, random_state=0), "three"),
        (RandomForestRegressor(20, min_samples_leaf=190, random_state=0), "value"),
        (HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=400), "two"),
        (HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=60), "three"),
        (HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=400), "value"),
    ],
)
def test_trees_that_are_one_leaf_are_compiled_too(estimator: Any, target: str) -> None:
    signature, pipeline, frame = fitted([SimpleImputer(), estimator], target)
    assert compile_version(signature, pipeline, frame).evidence["engine"] == "onnx"


@pytest.mark.parametrize(
    ("estimator", "target"),
    [
        (RandomForestClassifier(20, random_state=0), "three"),
        (RandomForestRegressor(20, random_state=0), "value"),
        (HistGradientBoostingRegressor(max_iter=20), "value"),
    ],
)
def test_trees_send_missing_values_the_way_that_they_learnt(estimator: Any, target: str) -> None:
    signature, pipeline, frame = fitted([estimator], target)
    assert signature.feature("size").nullable
    assert compile_version(signature, pipeline, frame).evidence["engine"] == "onnx"


def test_a_loss_that_is_not_known_is_not_compiled() -> None:
    frame = table().assign(value=lambda found: np.exp(found["value"]))
    signature = signature_of(frame, ["whole", "size"], "value")
    boosting = HistGradientBoostingRegressor(loss="poisson", max_iter=3)
    pipeline = make_pipeline(boosting).fit(signature.matrix_of(frame), frame["value"])
    reason = compile_version(signature, pipeline, frame).evidence["reason"]
    assert reason == (
        "It is not compiled: the whole pipeline cannot be converted (KeyError: 'HalfPoissonLoss')."
    )


def test_more_nodes_than_the_limit_are_refused_before_memory_is_taken() -> None:
    part = {"leaf": np.zeros(MOST_NODES // 2 + 1)}
    with pytest.raises(ValueError, match="have 1,000,002 nodes; the limit is 1,000,000"):
        Trees.join([part, part])


def test_what_was_not_compiled_says_why() -> None:
    assert not_compiled().evidence == {
        "engine": "sklearn",
        "reason": "It was trained with `WATCHDESK_COMPILE` set to `off`.",
    }
