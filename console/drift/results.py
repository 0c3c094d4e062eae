"""What a verdict is: a result for each feature, and the report that holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

import pandas as pd

from console.drift import sentences

Status = Literal["stable", "moderate", "drifted", "not_enough_rows"]

# What is not known to be well is graver than what is: a report is stable when all features are.
_GRAVEST: tuple[Status, ...] = ("drifted", "moderate", "not_enough_rows", "stable")
# In a table those without a flag stand together, by their effects.
_ORDER: dict[str, int] = {"drifted": 0, "moderate": 1, "stable": 2, "not_enough_rows": 2}


@dataclass(frozen=True)
class FeatureResult:
    """The verdict on one feature; a row of `DriftReport.frame`, which documents the fields."""

    feature: str
    title: str
    kind: str
    status: Status
    statistic: float
    p_value: float
    q_value: float
    effect: float
    effect_floor: float
    stability: float
    n_reference: int
    n_current: int
    missing_reference: float
    missing_current: float
    new_categories: str
    out_of_range: float
    message: str
    enough: int | None = None
    enough_reference: int | None = None


@dataclass(frozen=True)
class DriftReport:
    """A window against the reference.

    Attributes:
        results: one for each feature, in the order given.
        outputs: the same for the version's own answers (label, score, value), corrected among
            themselves; empty where none were given.
        n_reference, n_current: rows compared.
        noun: what a current row is called in a sentence.
    """

    results: tuple[FeatureResult, ...]
    outputs: tuple[FeatureResult, ...]
    n_reference: int
    n_current: int
    noun: str = "rows"

    @property
    def frame(self) -> pd.DataFrame:
        """One row a feature, drifted ones first, then by effect against its floor.

        Columns:
            feature, title, kind: the name; the name for people with its unit; number, integer,
                boolean or category.
            status: drifted, moderate, stable or not_enough_rows.
            statistic: Kolmogorov-Smirnov distance in [0, 1] (numbers) or chi-square (others).
            p_value, q_value: of values and missingness together, in [0, 1]; after correction.
            effect: numbers: Wasserstein distance in reference standard deviations (of a constant
                reference: share of differing values); others: Jensen-Shannon distance in
                [0, 0.833].
            effect_floor: below it nothing is called drift; the unit is that of effect.
            stability: population stability index, 0 or more.
            n_reference, n_current: values compared.
            missing_reference, missing_current: shares of rows in [0, 1].
            new_categories: those not known from training, separated by commas; or empty.
            out_of_range: share of current values outside the range of training; information.
            message: the verdict as a sentence.
            enough: rows of a window, with as many values missing as now, that would show with
                80 % probability a shift of 0.3 reference standard deviations (numbers; of a
                constant reference: 10 % of differing values) or a Jensen-Shannon distance of 0.1
                (others). With fewer a feature that shows no change is not_enough_rows.
            enough_reference: where no window is enough: values the reference would need, with as
                many in the window.
            What could not be computed is NaN.
        """
        return _frame(self.results)

    @property
    def prediction(self) -> pd.DataFrame:
        """The version's own answers as rows of the columns of `frame`; may be empty."""
        return _frame(self.outputs)

    @property
    def n_features(self) -> int:
        """How many features there are."""
        return len(self.results)

    @property
    def n_drifted(self) -> int:
        """How many features drifted."""
        return self._count("drifted")

    @property
    def n_moderate(self) -> int:
        """How many features moved, but by less than the floor."""
        return self._count("moderate")

    @property
    def status(self) -> Status:
        """The gravest status of any feature: drifted, moderate, not_enough_rows, stable.

        So a stable report says of every feature that a change that matters would have shown.
        Features of which the reference holds too little for any window are left out; the message
        names them.
        """
        found = {result.status for result in self.results if _is_judgeable(result)}
        return next((status for status in _GRAVEST if status in found), "not_enough_rows")

    @property
    def is_measured(self) -> bool:
        """Whether any feature was compared at all, so that there is something to draw."""
        return any(not isnan(result.p_value) for result in self.results)

    @property
    def unknown(self) -> tuple[FeatureResult, ...]:
        """The features without a verdict."""
        return tuple(one for one in self.results if one.status == "not_enough_rows")

    @property
    def enough(self) -> int | None:
        """The rows of a window that would be enough for each feature that has no verdict yet.

        None where there is none that a longer window can judge: see `enough_reference`.
        """
        return max((one.enough for one in self.unknown if one.enough is not None), default=None)

    @property
    def enough_reference(self) -> int | None:
        """The values a reference would need of each feature that no window can judge; or None."""
        needed = [one.enough_reference for one in self.unknown]
        return max((rows for rows in needed if rows is not None), default=None)

    @property
    def message(self) -> str:
        """The verdict on the window in a sentence or two."""
        return sentences.of_report(self)

    def _count(self, status: Status) -> int:
        return sum(result.status == status for result in self.results)


def _frame(results: Sequence[FeatureResult]) -> pd.DataFrame:
    names = list(FeatureResult.__dataclass_fields__)
    frame = pd.DataFrame([vars(result) for result in results], columns=names)
    order = frame.assign(
        order=frame.status.map(_ORDER), floors=-(frame.effect / frame.effect_floor)
    ).sort_values(["order", "floors"], kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def _is_judgeable(result: FeatureResult) -> bool:
    return result.status != "not_enough_rows" or result.enough is not None
