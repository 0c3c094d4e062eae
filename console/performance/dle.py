"""Direct loss estimation: how large a regression's errors are near the inputs that came.

A forest learns the absolute and the squared error from the features and the answered value, on
rows whose truth is known (NannyML's DLE). Sign and size are different things: what inputs say of
an error's sign, a good version has used already, so a mean error is not estimated.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.drift.statistics import Floats
from console.performance.answers import Answers
from console.performance.cbpe import draws, ends
from console.performance.forest import Forest

REPLICATES = 50
LEAF = 5


@dataclass(frozen=True)
class Loss:
    """The expected loss of a row by its inputs and answer.

    Attributes:
        forest: cut where the absolute error differs.
        errors: of the learned rows, absolute, in the target's unit; shape (n,).
        means: of |error| and error² in each node, shape (nodes, 2).
        absolute, squared: bootstrap replicates of `means`, shape (nodes, REPLICATES).
    """

    forest: Forest
    errors: Floats
    means: Floats
    absolute: Floats = field(repr=False)
    squared: Floats = field(repr=False)

    @classmethod
    def of(cls, answers: Answers, inputs: Floats, seed: int = 0) -> "Loss":
        """Learn from rows with truth: at least one, with their inputs of shape (n, features)."""
        errors = np.abs(answers.error)
        forest = Forest.grow(_rows(inputs, answers.answer), errors, LEAF, seed)
        means = forest.means(np.column_stack([errors, errors**2]))
        # Equal noise for both: where one is large by chance, so is the other.
        noise = np.random.default_rng(seed).standard_normal((len(errors), REPLICATES))
        alike = np.random.default_rng(seed), np.random.default_rng(seed)
        absolute, squared = (
            forest.replicates(loss, noise, random)
            for loss, random in ((errors, alike[0]), (errors**2, alike[1]))
        )
        return cls(forest, errors, means, absolute, squared)

    def near(self, answers: Answers, inputs: Floats) -> Any:
        """In which leaves rows lie: `Forest.membership`."""
        return self.forest.membership(_rows(inputs, answers.answer))

    def regions(self, answers: Answers, inputs: Floats) -> NDArray[np.int64]:
        """In which regions, between which errors differ, rows lie; shape (n,)."""
        return self.forest.regions(_rows(inputs, answers.answer))

    def expected(self, near: Any) -> Floats:
        """Mean absolute and root mean squared error of the rows together, shape (2,)."""
        mae, mse = np.asarray(near.mean(axis=0)).reshape(-1) @ self.means
        return np.array([mae, np.sqrt(mse)])

    def bands(self, near: Any, random: np.random.Generator) -> list[tuple[float, float]]:
        """Where MAE and RMSE of these very rows will lie, 95 times in 100.

        Each row's error is drawn from learned rows of its leaves (the chance of these rows); what
        bootstrap weights change in the means is added (the uncertainty of what was learned).
        """
        mass = np.asarray(near.mean(axis=0)).reshape(-1)
        mae, mse = mass @ self.means
        each = draws(near.shape[0]) // REPLICATES
        sums = []
        for more, more2 in zip(mass @ self.absolute - mae, mass @ self.squared - mse, strict=True):
            drawn = self.errors[self.forest.draw(near, each, random)]
            sums.append([drawn.mean(axis=1) + more, (drawn**2).mean(axis=1) + more2])
        absolute, squared = np.concatenate(sums, axis=1)
        return [ends(np.maximum(absolute, 0.0)), ends(np.sqrt(np.maximum(squared, 0.0)))]


def _rows(inputs: Floats, values: Floats) -> Floats:
    return np.column_stack([inputs, values])
