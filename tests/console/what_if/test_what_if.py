"""What-if: the start, the form's fields, the sweep, the command to copy."""

import json
import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.versions.features import feature_of
from backend.versions.signature import Signature
from console import what_if

FRAME = pd.DataFrame(
    {
        "age": [20, 30, 30, 41, 65],
        "income": [10.0, 20.0, np.nan, 40.0, 80.0],
        "town": ["Bern", "Basel", "Bern", None, "Bern"],
        "member": [True, False, True, True, False],
    }
)
SIGNATURE = Signature(
    features=tuple(feature_of(FRAME[name]) for name in FRAME),
    target="left",
    task="binary",
    labels=("no", "yes"),
    positive="yes",
)


def test_the_typical_row_has_medians_and_the_most_frequent_categories() -> None:
    start = what_if.median_row(SIGNATURE, FRAME)

    assert start.features == {"age": 30, "income": 30.0, "town": "Bern", "member": True}
    assert start.origin == "the median of 5 reference rows"


def test_the_typical_value_of_an_integer_is_one_that_was_seen() -> None:
    start = what_if.median_row(SIGNATURE, FRAME.iloc[[0, 3]])

    assert start.features["age"] in {20, 41}


def test_a_reference_row_keeps_what_is_missing_as_null() -> None:
    assert what_if.reference_row(SIGNATURE, FRAME, 3).features["income"] is None
    assert what_if.reference_row(SIGNATURE, FRAME, 4).features["town"] is None


@pytest.mark.parametrize("number", [0, 6])
def test_a_row_that_is_not_there_is_refused_with_the_range(number: int) -> None:
    with pytest.raises(Unusable) as refusal:
        what_if.reference_row(SIGNATURE, FRAME, number)

    assert refusal.value.detail == (
        f"There is no reference row {number}; expected a number from 1 to 5."
    )


def test_every_start_can_be_sent_to_the_service() -> None:
    starts = [what_if.reference_row(SIGNATURE, FRAME, n) for n in range(1, 6)]
    for start in [what_if.median_row(SIGNATURE, FRAME), *starts]:
        SIGNATURE.read(json.loads(json.dumps(start.features)))


def test_a_logged_row_of_another_version_keeps_the_inputs_that_this_one_takes() -> None:
    row = {"outcome": "answered", "features": '{"age": 33, "shoe": 44}', "prediction_id": "p"}

    assert what_if.logged_row(SIGNATURE, row).features == {
        "age": 33,
        "income": None,
        "town": None,
        "member": None,
    }


def test_a_refused_row_cannot_be_started_from() -> None:
    row = {"outcome": "refused", "features": '{"age', "prediction_id": "p-1"}
    with pytest.raises(Unusable) as refusal:
        what_if.logged_row(SIGNATURE, row)

    assert refusal.value.detail == (
        "Prediction `p-1` was refused, so it has no features to start from. Open an answered one."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, {}),
        ("not JSON", {}),
        ("[1]", {}),
        ('{"age": 31}', {"age": 31}),
        ('{"age": "old", "town": 3, "member": 1, "income": true}', {}),
        ('{"age": null, "income": null}', {"income": None}),
        ('{"shoe": 44, "town": "Chur"}', {"town": "Chur"}),
    ],
)
def test_an_address_may_be_old_or_wrong(text: str | None, expected: dict[str, object]) -> None:
    assert what_if.parse_changes(SIGNATURE, text) == expected


def test_only_what_differs_counts_as_changed() -> None:
    start = {"age": 30, "income": 0.1 + 0.2, "town": "Bern"}

    assert what_if.changed(start, {"age": 30.0, "income": 0.3, "town": "Basel"}) == {
        "town": "Basel"
    }


def test_marks_what_training_did_not_see() -> None:
    values = {"age": 19, "income": 80.5, "town": "Chur", "member": None}

    assert what_if.check(SIGNATURE, values) == {
        "age": "Below the least value of training, 20.",
        "income": "Above the greatest value of training, 80.",
        "town": "Not seen in training.",
        "member": "Needs a value.",
    }
    assert what_if.check(SIGNATURE, what_if.median_row(SIGNATURE, FRAME).features) == {}


def test_a_field_offers_a_logged_category_that_training_did_not_see() -> None:
    fields = {f.name: f for f in what_if.inputs(SIGNATURE, {"town": "Chur", "income": 20.0})}

    assert fields["town"].options == ("Chur", "Bern", "Basel")
    assert fields["income"].step == 1.0  # a hundredth of 70, as 1, 2 or 5
    assert fields["age"].decimals == 0


@pytest.mark.parametrize(
    ("low", "high", "step"), [(0.0, 1.0, 0.01), (0.0, 0.3, 0.005), (5.0, 5.0, 0.05)]
)
def test_a_step_is_about_a_hundredth_of_the_range(low: float, high: float, step: float) -> None:
    feature = replace(SIGNATURE.feature("income"), quantiles=tuple(np.linspace(low, high, 21)))
    field = what_if.inputs(replace(SIGNATURE, features=(feature,)), {})[0]

    assert field.step == pytest.approx(step)


def test_the_grid_spans_training_and_holds_the_present_value() -> None:
    income = SIGNATURE.feature("income")

    inside, outside = what_if.grid(income, 33.3), what_if.grid(income, 200.0)

    assert (inside[0], inside[-1]) == (10.0, 80.0)
    assert 33.3 in inside
    assert len(inside) == 42
    assert outside[-1] == 200.0


def test_the_grid_of_an_integer_has_whole_numbers_once_each() -> None:
    grid = what_if.grid(SIGNATURE.feature("age"), 30)

    assert grid == sorted(set(grid))
    assert all(isinstance(value, int) for value in grid)
    assert {20, 30, 65} <= set(grid)


def test_the_grid_of_a_category_begins_with_one_that_training_did_not_see() -> None:
    assert what_if.grid(SIGNATURE.feature("town"), "Chur") == ["Chur", "Bern", "Basel"]
    assert what_if.grid(SIGNATURE.feature("member")) == [False, True]


def test_a_sweep_changes_one_input_only() -> None:
    rows = what_if.instances({"age": 30, "town": "Bern"}, "age", [20, 40])

    assert rows == [{"age": 20, "town": "Bern"}, {"age": 40, "town": "Bern"}]


def test_the_curve_is_that_of_the_chosen_class() -> None:
    answers = [
        {"label": "no", "probabilities": {"no": 0.9, "yes": 0.1}},
        {"label": "yes", "probabilities": {"no": 0.2, "yes": 0.8}},
    ]

    frame = what_if.curve(SIGNATURE, [20, 65], answers, 65, "yes")

    assert frame["answer"].tolist() == [0.1, 0.8]
    assert frame["decision"].tolist() == ["no", "yes"]
    assert frame["is_now"].tolist() == [False, True]


def test_the_curve_of_a_regression_is_in_its_own_unit() -> None:
    signature = replace(SIGNATURE, task="regression", labels=(), positive=None)

    frame = what_if.curve(signature, ["Bern"], [{"value": 1234.56}], "Bern")

    assert frame.to_numpy().tolist() == [["Bern", 1234.56, "1,235", True]]


def test_the_inputs_that_matter_most_come_first_and_none_is_lost() -> None:
    evaluation = {"importance": {"features": [{"feature": "town"}, {"feature": "shoe"}]}}

    assert what_if.ranked(SIGNATURE, evaluation) == ["town", "age", "income", "member"]
    assert what_if.ranked(SIGNATURE, {}) == SIGNATURE.names


def test_the_command_to_copy_survives_a_shell() -> None:
    features = {"it's": 'a "quote" $HOME `id`', "café": 1.5}

    words = shlex.split(what_if.curl("http://127.0.0.1:8000", "a/b c", 3, features))

    assert words[2] == "http://127.0.0.1:8000/models/a%2Fb%20c/versions/3/what-if"
    assert json.loads(words[-1]) == {"features": features}
