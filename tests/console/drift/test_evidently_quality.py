"""Truth beside answers: which rows are judged, and why a window cannot be."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.versions.signature import Signature
from console.drift.evidently.quality import quality
from console.drift.evidently.tables import SAMPLE

BINARY = Signature((), "fate", "binary", labels=(False, True), positive=True)
SEVERAL = Signature((), "kind", "multiclass", labels=("a", "b", "c", "d"))
NUMBER = Signature((), "count", "regression")


def answered(truth: list[Any], label: list[Any], score: float = 0.7) -> pd.DataFrame:
    """Truths and labels, repeated to 60 rows and more."""
    times = -(-60 // len(truth))
    return pd.DataFrame({"__truth__": truth * times, "__label__": label * times}).assign(
        __score__=score
    )


def refusal(signature: Signature, reference: pd.DataFrame, current: pd.DataFrame) -> str:
    with pytest.raises(Unusable) as found:
        quality(signature, reference, current)
    return found.value.detail


TWO = answered([True, False], [True, False])
THREE = answered(["a", "b", "c"], ["a", "b", "c"])


def test_a_window_without_truth_says_so() -> None:
    nothing = pd.DataFrame({"__truth__": [], "__label__": [], "__score__": []})
    sentence = "No truth is known for this window yet. Send it as feedback."
    assert refusal(BINARY, TWO, nothing) == sentence


def test_few_truths_are_counted() -> None:
    assert refusal(BINARY, TWO, TWO.head(29)) == (
        "Truth is known for 29 of the window's predictions; at least 30 are needed. Send more"
        " feedback, or choose a longer window."
    )
    assert len(quality(BINARY, TWO, TWO.head(30)).current) == 30


def test_a_reference_without_out_of_fold_answers_says_so() -> None:
    assert refusal(BINARY, TWO.drop(columns="__label__"), TWO) == (
        "The version's reference holds 0 rows with a truth and an out-of-fold answer; at least 30"
        " are needed. Train it on more rows."
    )


def test_the_logs_texts_and_the_references_own_values_are_the_same_labels() -> None:
    log = answered(["True", "False"], ["True", "False"])
    found = quality(BINARY, TWO, log)
    assert found.reference[found.truth].tolist() == found.current[found.truth].tolist()
    assert found.positive == "True"
    assert found.current.columns.tolist() == ["Ground truth: fate", "Answer: fate", "Score of True"]


def test_truths_that_are_no_label_are_left_out() -> None:
    found = quality(SEVERAL, THREE, answered(["a", "b", "c", "never"], ["a", "b", "c", "a"]))
    assert len(found.current) == 45
    assert set(found.current[found.truth]) == {"a", "b", "c"}
    assert refusal(SEVERAL, THREE, answered(["never"], ["a"])) == (
        "Of 60 known truths in the window 0 are of the kind that the version answers; at least 30"
        " are needed. See the feedback that was sent."
    )


def test_one_truth_alone_is_no_binary_window() -> None:
    assert refusal(BINARY, TWO, answered(["False", "False"], ["True", "False"])) == (
        "All 60 known truths of the window are `False`, and a ROC curve needs both labels of"
        " `fate`. Choose a longer window."
    )


def test_sides_with_other_labels_are_not_compared() -> None:
    assert refusal(SEVERAL, THREE, answered(["a", "b"], ["a", "b"])) == (
        "No row of the window has the label `c`, which the reference has; Evidently would name the"
        " labels wrongly. Choose a longer window."
    )
    more = answered(["a", "b", "c", "a"], ["a", "b", "c", "d"])
    assert "No row of the reference has the label `d`" in refusal(SEVERAL, THREE, more)


def test_two_of_several_labels_are_not_taken_for_a_binary_problem() -> None:
    two = answered(["a", "b"], ["a", "b"])
    assert refusal(SEVERAL, two, two) == (
        "Only 2 of the labels occur, which Evidently takes for a problem of two labels. Choose a"
        " longer window."
    )


def test_numbers_are_read_from_the_logs_texts() -> None:
    reference = pd.DataFrame({"__truth__": np.arange(40.0), "__value__": np.arange(40.0) + 1})
    log = reference.assign(__truth__=reference["__truth__"].astype(str))
    found = quality(NUMBER, reference, log)
    assert found.current["Ground truth: count"].tolist() == list(np.arange(40.0))
    assert (found.score, found.positive) == (None, None)


def test_a_label_that_is_called_like_a_column_is_not_taken_for_it() -> None:
    odd = Signature((), "fate", "binary", labels=("no", "Answer: fate"), positive="no")
    rows = answered(["no", "Answer: fate"], ["no", "Answer: fate"])
    assert quality(odd, rows, rows).answer == "Answer: fate (2)"


def test_only_a_sample_of_many_reference_rows_is_judged() -> None:
    many = pd.concat([TWO] * 400, ignore_index=True)
    assert len(many) > SAMPLE
    assert len(quality(BINARY, many, TWO).reference) == SAMPLE
