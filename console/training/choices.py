"""What a person chooses before training."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.errors import Unusable

FOLDS = (2, 20)
TEST_SHARE = (0.1, 0.5)


@dataclass(frozen=True)
class Choices:
    """The choices behind one version.

    Attributes:
        model: the model's name.
        data: `builtin:NAME`, a CSV file's path, or `blob:SHA256:NAME` for an uploaded one.
        target: the predicted column; None takes the data set's own.
        features: the inputs in order; None takes every usable column.
        algorithm: a key of `ALGORITHMS`; None takes the linear one for the task.
        parameters: hyper-parameters by name; what is left out has its default.
        positive: the label whose probability is the score, or its text; None takes the data
            set's own, else the second label. Binary only.
        folds: folds of the cross-validation, 2 to 20.
        test_share: the share of the rows held out, 0.1 to 0.5.
        seed: for the split, the folds and the algorithm.
        until: train on rows before this time only (ISO 8601, UTC where it names no zone).
        note: a sentence kept with the version.
    """

    model: str
    data: str
    target: str | None = None
    features: tuple[str, ...] | None = None
    algorithm: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    positive: str | int | float | bool | None = None
    folds: int = 5
    test_share: float = 0.25
    seed: int = 0
    until: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            Unusable: folds, share or seed lie outside their range.
        """
        if not FOLDS[0] <= self.folds <= FOLDS[1]:
            raise Unusable(
                f"`folds` is `{self.folds}`; expected a whole number from {FOLDS[0]} to {FOLDS[1]}."
            )
        if not TEST_SHARE[0] <= self.test_share <= TEST_SHARE[1]:
            raise Unusable(
                f"`test_share` is `{self.test_share}`; expected a share from {TEST_SHARE[0]} to"
                f" {TEST_SHARE[1]}."
            )
        if not 0 <= self.seed < 2**32:
            raise Unusable(
                f"`seed` is `{self.seed}`; expected a whole number from 0 to {2**32 - 1}."
            )
