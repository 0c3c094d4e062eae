"""What a performance report says: figures with their rows and intervals, never a bare number."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from backend.records.predictions import Window

Unit = Literal["share", "target", "number"]
Status = Literal["ok", "not_enough_rows", "not_applicable"]


@dataclass(frozen=True)
class Metric:
    """A measure of how right a version is.

    Attributes:
        name: its key in documents, such as `roc_auc`.
        title: its name for readers.
        unit: `share` in [0, 1], in units of the `target`, or a bare `number`.
        greater_is_better: whether more of it is better.
    """

    name: str
    title: str
    unit: Unit
    greater_is_better: bool


METRICS: dict[str, tuple[Metric, ...]] = {
    "binary": (
        Metric("accuracy", "Accuracy", "share", True),
        Metric("precision", "Precision", "share", True),
        Metric("recall", "Recall", "share", True),
        Metric("f1", "F1", "share", True),
        Metric("roc_auc", "ROC AUC", "share", True),
        Metric("log_loss", "Log loss", "number", False),
    ),
    "multiclass": (
        Metric("accuracy", "Accuracy", "share", True),
        Metric("macro_f1", "Macro F1", "share", True),
    ),
    "regression": (
        Metric("mae", "Mean absolute error", "target", False),
        Metric("rmse", "Root mean squared error", "target", False),
        Metric("bias", "Mean error", "target", False),
    ),
}
"""By task; the first is the one that is shown first. `bias` is best at 0."""


@dataclass(frozen=True)
class Figure:
    """One metric over some rows.

    Attributes:
        metric: which.
        status: `ok`, or why there is no value.
        value: None where it is not `ok`.
        low, high: the 95 % interval (realized) or the band (estimated); None without a value.
        n: the rows that it was computed from.
        message: why there is no value, as a sentence; empty where there is one.
    """

    metric: Metric
    status: Status
    value: float | None
    low: float | None
    high: float | None
    n: int
    message: str = ""


@dataclass(frozen=True)
class Realized:
    """Performance where truth is known.

    Attributes:
        figures: one per metric of the task, in its order.
        n_answered: answered rows of the window.
        n_known: of them, those whose truth is known.
    """

    figures: tuple[Figure, ...]
    n_answered: int
    n_known: int

    @property
    def coverage(self) -> float | None:
        """The share of answered rows whose truth is known, in [0, 1]; None without rows."""
        return self.n_known / self.n_answered if self.n_answered else None


@dataclass(frozen=True)
class Assumption:
    """Whether what an estimate rests on can be believed: the relation of inputs and truth stayed.

    Attributes:
        status: `holds` and `broken` were tested on truths that are known; `untested` could not be.
        message: what was tested, on how many rows, and what to make of it; a sentence or two.
        p_value: of the test; None when untested.
        n: the rows with truth that it was tested on.
    """

    status: Literal["holds", "broken", "untested"]
    message: str
    p_value: float | None
    n: int


@dataclass(frozen=True)
class Estimated:
    """Performance estimated where truth is not known yet, from the scores and inputs alone.

    Attributes:
        method: `CBPE` for classifications, `DLE` for regressions.
        figures: one per metric of the task; `not_applicable` where it cannot be estimated.
        n: the answered rows that were estimated.
        assumption: whether the estimate can be believed.
    """

    method: Literal["CBPE", "DLE"]
    figures: tuple[Figure, ...]
    n: int
    assumption: Assumption


@dataclass(frozen=True)
class TrackRecord:
    """How estimates made for earlier stretches compare with the truth that came later.

    Attributes:
        frame: a row per stretch with truth, oldest first: `start`, `end` (UTC µs), `metric` (its
            name), `estimated`, `band_low`, `band_high`, `realized`, `low`, `high`, `n` (rows with
            truth), `inside` (bool: the intervals of both overlap the truth's place in the band).
        inside: how many of the rows are inside.
        n: how many rows there are.
        message: it as a sentence.
    """

    frame: pd.DataFrame
    inside: int
    n: int
    message: str


@dataclass(frozen=True)
class Maturity:
    """How long truth takes, and when enough of it will be there.

    Attributes:
        frame: the curve: `delay_hours` ascending, `share` of answered rows whose truth is known
            after that delay, in [0, 1] (Kaplan and Meier 1958), `low`, `high` (95 %).
        median_hours, p90_hours: delays after which half and nine tenths of truths are known; None
            where they have not come.
        n_needed: rows with truth from which a change of `smallest_change` would be seen with 80 %
            power; None where it cannot be said.
        smallest_change: of the first metric of the task, in its unit.
        decidable_at: when so many truths are there if they keep coming as they do (UTC µs); the
            window's own time if they are there; None if never or unknown.
        message: it as a sentence or two.
    """

    frame: pd.DataFrame
    median_hours: float | None
    p90_hours: float | None
    n_needed: int | None
    smallest_change: float | None
    decidable_at: int | None
    message: str


@dataclass(frozen=True)
class Split:
    """A change of performance, split into other inputs and a changed relation.

    With L the loss of a row, reference R and current C, weights w of R's rows to C's inputs:
    `inputs` = E_R[wL] - E_R[L], `relation` = E_C[L] - E_R[wL] (Cai, Namkoong and Yadlowsky 2023,
    who split further).

    Attributes:
        metric: the loss that is split, in its unit.
        reference, current: its value on the reference's and on the current rows with truth.
        total, inputs, relation: the change and its parts; total = inputs + relation.
        inputs_low, inputs_high, relation_low, relation_high: 95 % intervals (bootstrap).
        effective_rows: Kish's effective sample size of the weights.
        n_reference, n_current: rows with truth on either side.
        status: `ok`, `not_enough_rows` (then the figures are None) or `no_overlap`: the inputs
            have so little in common that weights cannot make up for it.
        message: it as a sentence or two.
    """

    metric: Metric
    reference: float | None
    current: float | None
    total: float | None
    inputs: float | None
    relation: float | None
    inputs_low: float | None
    inputs_high: float | None
    relation_low: float | None
    relation_high: float | None
    effective_rows: float | None
    n_reference: int
    n_current: int
    status: Literal["ok", "not_enough_rows", "no_overlap"]
    message: str


OVER_TIME = (
    "start",
    "end",
    "metric",
    "answered",
    "known",
    "coverage",
    "realized",
    "low",
    "high",
    "estimated",
    "band_low",
    "band_high",
)
"""The columns of `Performance.over_time`; NaN where a stretch has too few rows for a figure."""


@dataclass(frozen=True)
class Performance:
    """Whether a version is still right in a window of its log.

    Attributes:
        model, version: whose.
        task: binary, multiclass or regression.
        window: the stretch of the log.
        expected: the figures on the version's held-out rows, what it promised when it was trained.
        realized, estimated: in the window.
        over_time: a row per stretch and metric with the columns `OVER_TIME`; `start`, `end` in UTC
            µs, shares in [0, 1].
        record: of earlier estimates.
        maturity: of the truth.
        split: of the change of the first metric that is a mean of losses.
        message: the finding in a sentence: whether it is still right, on how many rows.
        status: `well`, `worse` (realized significantly worse than expected), `warning` (estimated
            to be worse, truth not there yet), `unknown`.
        sampled: rows drawn at random where the window has more; None where all were read.
    """

    model: str
    version: int
    task: str
    window: Window
    expected: tuple[Figure, ...]
    realized: Realized
    estimated: Estimated
    over_time: pd.DataFrame
    record: TrackRecord
    maturity: Maturity
    split: Split
    message: str
    status: Literal["well", "worse", "warning", "unknown"]
    sampled: int | None = None
    notes: tuple[str, ...] = field(default=())


def empty_over_time() -> pd.DataFrame:
    """A table of no stretches."""
    return pd.DataFrame({name: np.array([], dtype=object) for name in OVER_TIME})
