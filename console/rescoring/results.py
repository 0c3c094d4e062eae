"""What rescoring found: agreement, flips, shift, segments, and who was right."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.records.predictions import Window
from backend.versions.signature import Task
from console.drift.decisions.intervals import wilson

BY_VERSION = ("version", "n", "changed", "share", "low", "high")
SKIPPED = ("reason", "n")
FLIPS = ("from_label", "to_label", "n", "share", "low", "high")
SEGMENTS = ("segment", "n", "changed", "share", "low", "high", "lift", "clear")
ROWS_SAMPLE = ("prediction_id", "at", "kind", "was", "now", "score_was", "score_now", "truth")


@dataclass(frozen=True)
class Share:
    """`n` of `of` rows, as a share in [0, 1] with its 95 % Wilson interval.

    Source: Wilson (1927), as `intervals.wilson`.
    """

    n: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Shift:
    """By how much an amount rises when the version answers: now minus then.

    Attributes:
        unit: `score` (binary: P(positive); multiclass: the probability of the label that was
            answered then; in [-1, 1]) or `value` (regression, in the target's unit).
        n: the rows whose two amounts mean the same.
        mean, low, high: over all of them, with the 95 % interval of the mean.
        p05, p50, p95: quantiles, of at most 20,000 rows drawn at random.
    """

    unit: str
    n: int
    mean: float
    low: float
    high: float
    p05: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Truths:
    """Who is right, over the rows whose truth is known.

    Attributes:
        known: those rows.
        right_was, right_now: with the right label then, and now; None for a regression.
        newly_right: wrong then and right now; for a regression nearer to the truth by more than
            the tolerance.
        newly_wrong: right then and wrong now ("negative flips"); for a regression further away by
            more than the tolerance.
        measure: `accuracy`, or `mae` (mean absolute error, in the target's unit).
        was, now: the measure of the logged answers and of the version's.
        difference, low, high: now minus was, with its 95 % interval.
        p_value: of McNemar's exact test that newly right and newly wrong are as likely; None for
            a regression.

    Source: negative flips: Yan et al. (2021), "Positive-Congruent Training: Towards
    Regression-Free Model Updates", CVPR, section 3.
    """

    known: int
    right_was: Share | None
    right_now: Share | None
    newly_right: Share
    newly_wrong: Share
    measure: str
    was: float
    now: float
    difference: float
    low: float
    high: float
    p_value: float | None


@dataclass(frozen=True)
class Latency:
    """How quickly the version answered.

    Attributes:
        seconds: the whole run, reading and counting included; None for shadow answers.
        rows_per_second: the run's; None for shadow answers.
        us_per_row: microseconds a row of answering alone, many rows at once; NaN without rows.
        engine: `onnx`, `sklearn`, or empty where it is not known.
    """

    seconds: float | None
    rows_per_second: float | None
    us_per_row: float
    engine: str


@dataclass(frozen=True)
class Rescoring:
    """A window's logged answers beside what a version answers to the same requests.

    Attributes:
        model, version: the version that answers now.
        task: binary, multiclass or regression.
        origin: `log` (answered again) or `shadow` (answers that were stored beside).
        against: the versions that answered then, ascending.
        window: the stretch of the log; source: `live`, `replay`, or None for both.
        found: the answered rows that were read; `rows` of them are compared here, `skipped`
            says why the others are not.
        sampled: whether `found` is a random part of the window (a limit was set).
        skipped: most frequent first: reason (a sentence), n.
        agreement: rows with the same label, or for a regression with a value within `tolerance`;
            None without rows.
        tolerance: of a regression, in the target's unit; 0 for a classification.
        flips: one row for each pair of different labels, most frequent first: from_label,
            to_label, n, share (of all rows, in [0, 1]), low, high. For a regression `value` to
            `higher` and `lower` (by more than the tolerance).
        by_version: one row for each version that answered: version, n, changed (rows), share
            (of n), low, high.
        shift: of scores or values; None where none can be compared.
        segments: where answers change, surest first: segment (a rule in words), n, changed
            (both of the rows kept for it), share, low, high (of changed rows; the interval holds
            for all segments at once), lift (share over that of all rows), clear (whether the
            whole interval is above the share of all rows). At most 20.
        segment_rows: the rows kept for segments, at most 20,000, drawn at random.
        truth: None where no truth is known.
        latency: how quickly it answered.
        rows_sample: some changed rows, those newly wrong first: prediction_id, at (UTC
            timestamp), kind (newly_wrong, newly_right, changed), was, now, score_was, score_now
            (NaN for a regression), truth (None: not known), then the version's features. Each
            can be opened in What-if by its prediction_id.
        message: the figures as sentences.
    """

    model: str
    version: int | None
    task: Task
    origin: str
    against: tuple[int, ...]
    window: Window
    source: str | None
    found: int
    rows: int
    sampled: bool
    skipped: pd.DataFrame
    agreement: Share | None
    tolerance: float
    flips: pd.DataFrame
    by_version: pd.DataFrame
    shift: Shift | None
    segments: pd.DataFrame
    segment_rows: int
    truth: Truths | None
    latency: Latency
    rows_sample: pd.DataFrame
    message: str

    @property
    def n_skipped(self) -> int:
        """The rows that are not compared."""
        return self.found - self.rows

    @property
    def score_shift(self) -> Shift | None:
        """`shift`, by the name that documents give it."""
        return self.shift

    def to_json(self) -> dict[str, Any]:
        """The document of `documents.to_json`."""
        from console.rescoring.documents import to_json

        return to_json(self)


def share_of(n: int, of: int) -> Share | None:
    """A share with its interval; None of no rows."""
    if not of:
        return None
    low, high = wilson(n / of, of)
    return Share(int(n), int(of), n / of, float(low), float(high))


def certain_share(n: int, of: int) -> Share:
    """A share of at least one row."""
    found = share_of(n, of)
    return Share(0, 0, np.nan, np.nan, np.nan) if found is None else found
