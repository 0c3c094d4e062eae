"""The verdict: has each feature of a window moved from the reference, and by enough to matter?

A feature `drifted` when its change is significant after correction over all features *and* at
least as great as its floor; `moderate` when significant and at least half the floor. Significant
means a Benjamini-Hochberg q-value under .04, so where nothing has moved, at most 5 % of windows
show any flag at all. Missing values are tested beside the values: a feature's p-value is then
twice the smaller of the two (Bonferroni).

Where nothing is significant, a feature is `stable` only if the window is long enough to have
shown a change that matters with 80 % probability, and else `not_enough_rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from console.drift import power, sentences
from console.drift.columns import LEAST_VALUES, Column, Measured, prepare
from console.drift.power import Enough
from console.drift.results import DriftReport, FeatureResult, Status
from console.drift.statistics import benjamini_hochberg
from console.drift.thresholds import CATEGORY_FLOOR, MISSING_FLOOR, NUMBER_FLOOR, SIGNIFICANT
from console.drift.values import column_of

__all__ = ["DriftReport", "FeatureResult", "Reference", "Status", "compare", "judge"]

Family = Sequence[tuple[Feature, Measured]]


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
    found: Family, outputs: Family, n_reference: int, n_current: int, noun: str = "rows"
) -> DriftReport:
    """The verdict on what was measured, from rows or from summaries of them.

    Args:
        found: each feature with what comparing it measured: the family over which the p-values
            are corrected.
        outputs: the same for the version's own answers, a family of their own; may be empty.
        n_reference, n_current: rows compared; with fewer than 30 of either nothing is judged.
        noun: what a current row is called in a sentence.
    """
    is_tested = min(n_reference, n_current) >= LEAST_VALUES
    results, answers = (_judge_family(family, is_tested) for family in (found, outputs))
    return DriftReport(results, answers, n_reference, n_current, noun)


def _measure(columns: Sequence[Column], current: pd.DataFrame) -> list[tuple[Feature, Measured]]:
    return [
        (column.feature, column.measure(column_of(current, column.feature.name)))
        for column in columns
    ]


@dataclass(frozen=True)
class _Evidence:
    """What a feature's tests say beside those of its family.

    Attributes:
        p_value, q_value: of all its tests together, before and after correction; or NaN.
        values, missing: whether the change of its values, and of its missing share, is significant.
        enough: the values that would show a change that matters.
    """

    p_value: float
    q_value: float
    values: bool
    missing: bool
    enough: Enough


def _judge_family(family: Family, is_tested: bool) -> tuple[FeatureResult, ...]:
    found = [one for _, one in family]
    p_values = np.array([_p_value(one) if is_tested else np.nan for one in found], dtype=np.float64)
    q_values = np.full(len(found), np.nan)
    tested = ~np.isnan(p_values)
    q_values[tested] = benjamini_hochberg(p_values[tested])
    # The greatest p-value that the correction lets pass; a part of a feature must pass it too.
    passing = float(max(p_values[q_values < SIGNIFICANT], default=-1.0))
    # A longer window tests every feature of which the reference has values.
    members = sum(one.n_reference >= LEAST_VALUES or one.missingness is not None for one in found)
    return tuple(
        _judge(feature, one, _evidence(one, float(p), float(q), passing, members))
        for (feature, one), p, q in zip(family, p_values, q_values, strict=True)
    )


def _p_value(found: Measured) -> float:
    tests = [test.p_value for test in (found.values_test, found.missingness) if test is not None]
    return min(1.0, len(tests) * min(tests)) if tests else np.nan


def _evidence(
    found: Measured, p_value: float, q_value: float, passing: float, members: int
) -> _Evidence:
    values, missingness = found.values_test, found.missingness
    parts = 2 if values and missingness else 1
    return _Evidence(
        p_value,
        q_value,
        values=values is not None and parts * values.p_value <= passing,
        missing=missingness is not None and parts * missingness.p_value <= passing,
        enough=_enough(found, max(members, 1)),
    )


def _enough(found: Measured, members: int) -> Enough:
    if found.n_reference < LEAST_VALUES:
        return Enough(None, LEAST_VALUES)
    return power.enough(found, members * (2 if found.missingness else 1))


def _judge(feature: Feature, found: Measured, evidence: _Evidence) -> FeatureResult:
    floor = NUMBER_FLOOR if feature.is_numeric else CATEGORY_FLOOR
    # How many floors each part of the change measures, if significant.
    values = found.effect / floor if evidence.values else 0.0
    values = np.inf if np.isnan(values) else values  # beyond what can be measured
    shift = abs(found.missing_current - found.missing_reference)
    missing = shift / MISSING_FLOOR if evidence.missing else 0.0
    status = _status(found, max(values, missing), evidence)
    by_missing = missing > values and status in {"drifted", "moderate"}
    rows = _rows(found, evidence.enough)
    return FeatureResult(
        feature=feature.name,
        title=feature.title,
        kind=feature.kind,
        status=status,
        statistic=found.distribution.statistic if found.distribution else np.nan,
        p_value=evidence.p_value,
        q_value=evidence.q_value,
        effect=found.effect,
        effect_floor=floor,
        stability=found.stability,
        n_reference=found.n_reference,
        n_current=found.n_current,
        missing_reference=found.missing_reference,
        missing_current=found.missing_current,
        new_categories=", ".join(found.new_categories[:20]),
        out_of_range=found.out_of_range,
        message=(
            sentences.of_unknown(feature, found, rows, evidence.enough.reference)
            if status == "not_enough_rows"
            else sentences.of_feature(feature, found, status, by_missing, evidence.q_value)
        ),
        enough=rows,
        enough_reference=evidence.enough.reference,
    )


def _status(found: Measured, floors: float, evidence: _Evidence) -> Status:
    if floors >= 1:
        return "drifted"
    if floors >= 0.5:
        return "moderate"
    if np.isnan(evidence.p_value) or found.distribution is None:
        return "not_enough_rows"
    # A significant change below the floor was seen, and is too small to matter.
    needed = evidence.enough.values
    is_enough = needed is not None and found.n_current >= needed
    return "stable" if evidence.values or is_enough else "not_enough_rows"


def _rows(found: Measured, enough: Enough) -> int | None:
    """The rows of a window that hold enough values, with as many missing as now."""
    if enough.values is None or found.missing_current == 1:
        return None
    missing = 0.0 if np.isnan(found.missing_current) else found.missing_current
    return ceil(enough.values / (1 - missing))
