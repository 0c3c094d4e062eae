"""The algorithms that can be chosen, and their few hyper-parameters. Imports nothing heavy: the
command line and the Train page both read it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from backend.errors import Unusable
from backend.versions.features import listed, shown
from backend.versions.signature import Task

CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
REGRESSION: tuple[Task, ...] = ("regression",)


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter: a number, or whole number, from `minimum` to `maximum` inclusive."""

    name: str
    kind: Literal["number", "integer"]
    default: float
    minimum: float
    maximum: float
    help: str

    def read(self, value: object) -> float:
        """`value` as this parameter's number.

        Raises:
            Unusable: it is none, or lies outside the range.
        """
        number = math.nan
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value)
        whole = self.kind == "number" or number.is_integer()
        if not self.minimum <= number <= self.maximum or not whole:
            what = "a number" if self.kind == "number" else "a whole number"
            raise Unusable(
                f"`{self.name}` is {shown(value)}; expected {what} from {self.minimum:g} to"
                f" {self.maximum:g}."
            )
        return number if self.kind == "number" else int(number)


@dataclass(frozen=True)
class Algorithm:
    """One way to train. `tasks` are those it can do; `scales` whether it needs scaled inputs."""

    name: str
    title: str
    help: str
    tasks: tuple[Task, ...]
    parameters: tuple[Parameter, ...]
    scales: bool = False
    takes_missing: bool = False

    def read(self, given: Mapping[str, Any]) -> dict[str, float]:
        """Every hyper-parameter with its value, given or default.

        Raises:
            Unusable: one is unknown, or its value cannot be used.
        """
        names = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in names:
                raise Unusable(
                    f"`{name}` is no parameter of `{self.name}`; expected {listed(names)}."
                )
        return {p.name: p.read(given.get(p.name, p.default)) for p in self.parameters}


def algorithm(name: str) -> Algorithm:
    """The algorithm called `name`.

    Raises:
        Unusable: there is none.
    """
    if name not in ALGORITHMS:
        raise Unusable(f"`{name}` is no algorithm; expected one of {listed(list(ALGORITHMS))}.")
    return ALGORITHMS[name]


def default_for(task: Task) -> str:
    """The algorithm to begin with: the linear one, quick to train and to explain."""
    return "linear_regression" if task == "regression" else "logistic_regression"


_LEAF = "Rows that a leaf must hold; more of them make a smoother model."

ALGORITHMS: dict[str, Algorithm] = {
    found.name: found
    for found in (
        Algorithm(
            "logistic_regression",
            "Logistic regression",
            "A linear model of the log-odds. Quick, and a good first answer.",
            CLASSIFICATION,
            (
                Parameter(
                    "C",
                    "number",
                    1.0,
                    0.0001,
                    10_000.0,
                    "Inverse strength of the penalty; smaller values shrink the weights more.",
                ),
            ),
            scales=True,
        ),
        Algorithm(
            "linear_regression",
            "Linear regression (ridge)",
            "A weighted sum of the features. Quick, and a good first answer.",
            REGRESSION,
            (
                Parameter(
                    "alpha",
                    "number",
                    1.0,
                    0.0001,
                    10_000.0,
                    "Strength of the penalty; larger values shrink the weights more.",
                ),
            ),
            scales=True,
        ),
        Algorithm(
            "random_forest",
            "Random forest",
            "Many decision trees on resampled rows, averaged.",
            CLASSIFICATION + REGRESSION,
            (
                Parameter(
                    "n_estimators",
                    "integer",
                    100,
                    10,
                    1_000,
                    "Trees; more of them steady the answer and take longer.",
                ),
                Parameter("max_depth", "integer", 16, 1, 64, "Questions that a tree may ask."),
                Parameter("min_samples_leaf", "integer", 1, 1, 1_000, _LEAF),
            ),
        ),
        Algorithm(
            "gradient_boosting",
            "Gradient boosting",
            "Small trees, each correcting those before it; reads missing numbers as they are.",
            CLASSIFICATION + REGRESSION,
            (
                Parameter(
                    "learning_rate",
                    "number",
                    0.1,
                    0.001,
                    1.0,
                    "How much each tree corrects; smaller steps need more trees.",
                ),
                Parameter("max_iter", "integer", 100, 10, 2_000, "Trees (per class, if many)."),
                Parameter("max_leaf_nodes", "integer", 31, 2, 1_000, "Leaves of one tree."),
                Parameter("min_samples_leaf", "integer", 20, 1, 1_000, _LEAF),
            ),
            takes_missing=True,
        ),
    )
}
