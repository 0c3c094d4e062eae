"""The verdict: has each feature of a window moved from the reference, and by enough to matter?

A feature `drifted` when its change is significant after correction over all features *and* at
least as great as its floor; `moderate` when significant and at least half the floor. Significant
means a Benjamini-Hochberg q-value under .05, so where nothing has moved, 5 % of windows show any
flag at all. Missing values are tested beside the values: a feature's p-value is then twice the
smaller of the two (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from console.drift import sentences
from console.drift.columns import LEAST_VALUES, Column, Measured, prepare
from console.drift.statistics import benjamini_hochberg
from console.drift.values import column_of

Status = Literal["stable", "moderate", "drifted", "not_enough_rows"]

SIGNIFICANT = 0.05
NUMBER_FLOOR = 0.1  # reference standard deviations
CATEGORY_FLOOR = 0.1  # Jensen-Shannon distance
MISSING_FLOOR = 0.05  # difference of two shares
_SEVERITY: dict[str, int] = {"drifted": 0, "moderate": 1, "stable": 2, "not_enough_rows": 3}


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
        """The gravest status of any feature."""
        found = [result.status for result in self.results]
        return min(found, key=_SEVERITY.__getitem__, default="not_enough_rows")

    @property
    def message(self) -> str:
        """The verdict on the window as a sentence."""
        if min(self.n_reference, self.n_current) < LEAST_VALUES:
            return sentences.too_few_rows(self.n_reference, self.n_current, self.noun)
        # Most drifted first, by the names that the charts and tables use.
        order = {name: place for place, name in enumerate(self.frame.feature)}
        drifted = [
            result.title
            for result in sorted(self.results, key=lambda result: order[result.feature])
            if result.status == "drifted"
        ]
        tested = self.n_features - self._count("not_enough_rows")
        return sentences.of_report(
            drifted, self.n_moderate, tested, self.n_features, self.n_current
        )

    def _count(self, status: Status) -> int:
        return sum(result.status == status for result in self.results)


@dataclass(frozen=True)
class Reference:
    """A reference made ready for any number of windows: each column sorted or counted once."""

    rows: int
    features: tuple[Column, ...]
    outputs: tuple[Column, ...] = ()

    @classmethod
    def of(
        cls, frame: pd.DataFrame, features: Sequence[Feature], outputs: Sequence[Feature] = ()
    ) -> "Reference":
        """Prepare the columns of `features`, and of `outputs` that are judged apart."""
        ready = tuple(prepare(feature, frame) for feature in features)
        return cls(len(frame), ready, tuple(prepare(output, frame) for output in outputs))

    def compare(self, current: pd.DataFrame, noun: str = "rows") -> DriftReport:
        """The verdict on a window; an absent column counts as all missing."""
        found, outputs = (_measure(part, current) for part in (self.features, self.outputs))
        return judge(found, outputs, self.rows, len(current), noun)


def compare(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    features: Sequence[Feature],
    outputs: Sequence[Feature] = (),
) -> DriftReport:
    """Has each feature of `current` moved from `reference`?

    Args:
        reference, current: tables with a column for each feature; others are not looked at.
        features: the family over which the p-values are corrected.
        outputs: columns that hold the version's own answers, judged as a family of their own.
    """
    return Reference.of(reference, features, outputs).compare(current)


def judge(
    found: Sequence[tuple[Feature, Measured]],
    outputs: Sequence[tuple[Feature, Measured]],
    n_reference: int,
    n_current: int,
    noun: str = "rows",
) -> DriftReport:
    """The verdict on what was measured, from rows or from summaries of them.

    Args:
        found: each feature with what comparing it measured: the family over which the p-values
            are corrected.
        outputs: the same for the version's own answers, a family of their own; may be empty.
        n_reference, n_current: rows compared; with fewer than 30 of either nothing is judged.
        noun: what a current row is called in a sentence.
    """
    enough = min(n_reference, n_current) >= LEAST_VALUES
    results, answers = (_judge_family(family, enough) for family in (found, outputs))
    return DriftReport(results, answers, n_reference, n_current, noun)


def _measure(columns: Sequence[Column], current: pd.DataFrame) -> list[tuple[Feature, Measured]]:
    return [
        (column.feature, column.measure(column_of(current, column.feature.name)))
        for column in columns
    ]


def _judge_family(
    family: Sequence[tuple[Feature, Measured]], enough: bool
) -> tuple[FeatureResult, ...]:
    found = [one for _, one in family]
    p_values = np.array([_p_value(one) if enough else np.nan for one in found], dtype=np.float64)
    q_values = np.full(len(found), np.nan)
    tested = ~np.isnan(p_values)
    q_values[tested] = benjamini_hochberg(p_values[tested])
    # The greatest p-value that the correction lets pass; a part of a feature must pass it too.
    passing = max(p_values[q_values < SIGNIFICANT], default=-1.0)
    return tuple(
        _judge(feature, one, float(p), float(q), float(passing))
        for (feature, one), p, q in zip(family, p_values, q_values, strict=True)
    )


def _p_value(found: Measured) -> float:
    tests = [t.p_value for t in (found.distribution, found.missingness) if t is not None]
    return min(1.0, len(tests) * min(tests)) if tests else np.nan


def _judge(
    feature: Feature, found: Measured, p_value: float, q_value: float, passing: float
) -> FeatureResult:
    floor = NUMBER_FLOOR if feature.is_numeric else CATEGORY_FLOOR
    parts = 2 if found.distribution and found.missingness else 1
    values = missing = 0.0  # how many floors each part of the change measures, if significant
    if found.distribution and parts * found.distribution.p_value <= passing:
        values = found.effect / floor
    if found.missingness and parts * found.missingness.p_value <= passing:
        missing = abs(found.missing_current - found.missing_reference) / MISSING_FLOOR
    status = _status(found, max(values, missing), tested=not np.isnan(p_value))
    by_missing = missing > values and status in {"drifted", "moderate"}
    return FeatureResult(
        feature=feature.name,
        title=feature.title,
        kind=feature.kind,
        status=status,
        statistic=found.distribution.statistic if found.distribution else np.nan,
        p_value=p_value,
        q_value=q_value,
        effect=found.effect,
        effect_floor=floor,
        stability=found.stability,
        n_reference=found.n_reference,
        n_current=found.n_current,
        missing_reference=found.missing_reference,
        missing_current=found.missing_current,
        new_categories=", ".join(found.new_categories[:20]),
        out_of_range=found.out_of_range,
        message=sentences.of_feature(feature, found, status, by_missing, q_value),
    )


def _status(found: Measured, floors: float, tested: bool) -> Status:
    if floors >= 1:
        return "drifted"
    if floors >= 0.5:
        return "moderate"
    return "stable" if tested and found.distribution else "not_enough_rows"


def _frame(results: Sequence[FeatureResult]) -> pd.DataFrame:
    names = list(FeatureResult.__dataclass_fields__)
    frame = pd.DataFrame([vars(result) for result in results], columns=names)
    order = frame.assign(
        severity=frame.status.map(_SEVERITY), floors=-(frame.effect / frame.effect_floor)
    ).sort_values(["severity", "floors"], kind="stable")
    return frame.loc[order.index].reset_index(drop=True)
