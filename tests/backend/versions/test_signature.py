"""The signature: what it makes of a training column, and of what a caller sends."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.versions.signature import Feature, Signature, feature_of


@pytest.fixture
def mixed() -> Signature:
    """A signature with a feature of each kind, some of them nullable."""
    frame = pd.DataFrame(
        {
            "age": [30, 40, 50, 60],
            "income": [1.5, np.nan, 2.5, 3.5],
            "member": [True, False, True, True],
            "city": ["Bonn", "Köln", None, "Bonn"],
        }
    )
    return Signature(
        features=tuple(feature_of(frame[column]) for column in frame),
        target="bought",
        task="binary",
        labels=("no", "yes"),
        positive="yes",
    )


def test_describes_each_kind_of_column(mixed: Signature) -> None:
    kinds = {f.name: (f.kind, f.nullable) for f in mixed.features}
    assert kinds == {
        "age": ("integer", False),
        "income": ("number", True),
        "member": ("boolean", False),
        "city": ("category", True),
    }
    assert mixed.feature("city").categories == ("Bonn", "Köln")
    assert (mixed.feature("age").minimum, mixed.feature("age").maximum) == (30.0, 60.0)
    assert len(mixed.feature("age").quantiles) == 21


def test_survives_the_way_through_json(mixed: Signature) -> None:
    assert Signature.from_json(mixed.to_json()) == mixed


def test_reads_by_name_and_in_order(mixed: Signature) -> None:
    row = mixed.read({"city": "Bonn", "age": 30, "income": 2, "member": True})
    assert row == [30.0, 2.0, True, "Bonn"]
    assert mixed.read([30, 2, True, "Bonn"]) == row


def test_takes_null_an_absent_key_and_nan_where_training_saw_missing_values(
    mixed: Signature,
) -> None:
    for income in ({"income": None}, {"income": math.nan}, {}):
        row = mixed.read({"age": 30, "member": False, "city": None, **income})
        assert math.isnan(row[1])
        assert row[3] is None
        assert mixed.as_object(row) == {"age": 30.0, "income": None, "member": False, "city": None}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"age": 30.5}, "Feature `age` is `30.5`; expected a whole number."),
        ({"age": "30"}, "Feature `age` is `'30'`; expected a whole number."),
        ({"age": 2**53 + 2}, "Feature `age` is `9007199254740994`; expected a whole number."),
        ({"age": None}, "Feature `age` is `null`; expected a whole number."),
        (
            {"age": 10**400},
            "Feature `age` is a whole number of more than 60 digits; expected a whole number.",
        ),
        ({"income": math.inf}, "Feature `income` is `inf`; expected a finite number or null."),
        ({"member": 1}, "Feature `member` is `1`; expected true or false."),
        ({"city": 5}, "Feature `city` is `5`; expected one of `Bonn`, `Köln` or null."),
        ({"town": 5}, "Feature `town` is unknown. Send only `age`, `income`, `member`, `city`."),
    ],
)
def test_refuses_with_the_name_the_value_and_what_was_expected(
    mixed: Signature, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Unusable) as refused:
        mixed.read({"age": 30, "income": 1.0, "member": True, "city": "Bonn"} | change)
    assert refused.value.detail == sentence


def test_an_unseen_category_is_served_and_marked_or_refused_as_trained(mixed: Signature) -> None:
    sent = {"age": 30, "income": 1.0, "member": True, "city": "Ulm"}
    assert mixed.unseen(mixed.read(sent)) == ["city"]
    strict = Signature(
        mixed.features, "bought", "binary", mixed.labels, mixed.positive, serves_unseen=False
    )
    with pytest.raises(Unusable) as refused:
        strict.read(sent)
    assert refused.value.detail == (
        "Feature `city` is `'Ulm'` (a value that was not seen in training); expected one of"
        " `Bonn`, `Köln` or null."
    )


def test_rows_and_tables_make_the_same_matrix(mixed: Signature) -> None:
    frame = pd.DataFrame(
        {"city": ["Bonn", None], "age": [30, 40], "income": [1.0, None], "member": [True, False]}
    )
    rows = [mixed.read([30, 1.0, True, "Bonn"]), mixed.read([40, None, False, None])]
    pd.testing.assert_frame_equal(mixed.matrix(rows), mixed.matrix_of(frame))
    with pytest.raises(Unusable, match=r"The table lacks the columns `age`\. Add them\."):
        mixed.matrix_of(frame.drop(columns="age"))


def test_numbers_alone_make_a_plain_matrix() -> None:
    signature = Signature((Feature("a", "number"), Feature("b", "integer")), "t", "regression")
    matrix = signature.matrix([[1.0, 2.0], [3.0, 4.0]])
    assert isinstance(matrix, np.ndarray)
    assert matrix.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ([None, None], "Column `x` has no values. Leave it out of the features."),
        ([1.0, math.inf], "Column `x` has infinite values. Replace them or leave it out."),
        (
            [1.0, -1e200],
            (
                "Column `x` has values beyond ±1e+150, which no scaling survives. Correct them, use"
                " another unit, or leave it out."
            ),
        ),
        (
            [f"id {i}" for i in range(1_001)],
            (
                "Column `x` has 1,001 different texts; a category has at most 1,000. Leave it out"
                " of the features."
            ),
        ),
    ],
)
def test_refuses_columns_that_cannot_be_features(column: list[Any], sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        feature_of(pd.Series(column, name="x"))
    assert refused.value.detail == sentence


@pytest.mark.parametrize(
    ("labels", "sent", "label"),
    [
        (("no", "yes"), "yes", "yes"),
        ((0, 1), 1, 1),
        ((False, True), "true", True),
        ((0, 1), 1.0, 1),
        ((0, 1), "1", 1),
        ((False, True), True, True),
        ((1, 2), 2.0, 2),
    ],
)
def test_takes_a_truth_by_value_or_by_its_text(
    labels: tuple[Any, ...], sent: Any, label: Any
) -> None:
    signature = Signature((), "t", "binary", labels, labels[1])
    found = signature.label_of(sent)
    assert found == label
    assert type(found) is type(label)


def test_refuses_a_truth_that_is_no_label(mixed: Signature) -> None:
    with pytest.raises(Unusable) as refused:
        mixed.label_of("maybe")
    assert refused.value.detail == (
        "The ground truth `'maybe'` is not a label of `bought`; expected one of `no`, `yes`."
    )
