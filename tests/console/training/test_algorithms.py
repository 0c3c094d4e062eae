"""Algorithms, hyper-parameters and choices: ranges are kept, refusals name the value."""

import subprocess
import sys
from typing import Any

import pytest

from backend.errors import Unusable
from backend.settings import ROOT
from console.training import ALGORITHMS, Choices
from console.training.algorithms import algorithm


def test_every_default_lies_in_its_own_range() -> None:
    for found in ALGORITHMS.values():
        assert found.read({}) == {p.name: p.default for p in found.parameters}


def test_a_given_parameter_replaces_its_default() -> None:
    found = ALGORITHMS["random_forest"].read({"n_estimators": 20.0})
    assert found == {"n_estimators": 20, "max_depth": 16, "min_samples_leaf": 1}
    assert isinstance(found["n_estimators"], int)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"trees": 3},
            (
                "`trees` is no parameter of `random_forest`; expected `n_estimators`, `max_depth`,"
                " `min_samples_leaf`."
            ),
        ),
        ({"max_depth": 65}, "`max_depth` is `65`; expected a whole number from 1 to 64."),
        ({"max_depth": 2.5}, "`max_depth` is `2.5`; expected a whole number from 1 to 64."),
        ({"max_depth": "deep"}, "`max_depth` is `'deep'`; expected a whole number from 1 to 64."),
        ({"max_depth": True}, "`max_depth` is `true`; expected a whole number from 1 to 64."),
        ({"max_depth": None}, "`max_depth` is `null`; expected a whole number from 1 to 64."),
    ],
)
def test_refuses_a_parameter_that_cannot_be_used(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Unusable) as refusal:
        ALGORITHMS["random_forest"].read(given)
    assert refusal.value.detail == sentence


def test_refuses_an_unknown_algorithm() -> None:
    with pytest.raises(Unusable) as refusal:
        algorithm("magic")
    assert refusal.value.detail == (
        "`magic` is no algorithm; expected one of `logistic_regression`, `linear_regression`,"
        " `random_forest`, `gradient_boosting`."
    )


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"folds": 1}, "`folds` is `1`; expected a whole number from 2 to 20."),
        ({"test_share": 0.6}, "`test_share` is `0.6`; expected a share from 0.1 to 0.5."),
        ({"seed": -1}, "`seed` is `-1`; expected a whole number from 0 to 4294967295."),
    ],
)
def test_refuses_choices_out_of_range(choice: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Unusable) as refusal:
        Choices("m", "builtin:iris", **choice)
    assert refusal.value.detail == sentence


def test_the_package_is_imported_without_scikit_learn() -> None:
    code = "import sys, console.training; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
