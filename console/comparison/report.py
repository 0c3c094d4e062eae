"""What a comparison of two versions says, and its document."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.records.registry import Version
from console.comparison.mcnemar import McNemar
from console.comparison.sets import Rows


@dataclass(frozen=True)
class Comparison:
    """Version `a` (the champion, say) beside version `b` (the one that would replace it).

    Attributes:
        frame: one row a metric. metric, title: its name and its name for people; a, b: its value;
            difference: b - a (of `bias` |b| - |a|); low, high: the 95 % interval of the
            difference (all in the metric's unit); better: a, b or unclear (the interval holds
            0); clear: whether it is not unclear; n: the rows; needed: about how many rows would
            show a difference as great as this with 80 % power at the 5 % level, NaN where no
            number of rows worth waiting for would; detectable: the difference that n rows show
            with that power; label: the outcome as a sentence.
        flips: one row for each pair of different labels, most frequent first: label_a, label_b,
            n (rows), a_right, b_right (of them, where the truth is that label); empty for a
            regression.
        differences: what is not the same in them; see `differences.differences`.
        agreement: share of rows with the same label, in [0, 1]; None for a regression.
        n: the rows.
        warning: why the rows may favour a version; empty when neither was trained on them.
        rows: the rows themselves, with what they are and which were left out.
        mcnemar: whether one is right where the other is wrong more often; None for a regression.
        calibration: see `curves.calibration`; empty for a regression.
        thresholds: see `curves.thresholds`; empty unless binary.
        speed: one row a side, see `speed.measure`; empty when it was not measured.
        undefined: metrics that one of them has no value of on these rows, as sentences.
    """

    a: Version
    b: Version
    frame: pd.DataFrame
    flips: pd.DataFrame
    differences: pd.DataFrame
    agreement: float | None
    n: int
    warning: str
    rows: Rows
    mcnemar: McNemar | None
    calibration: pd.DataFrame
    thresholds: pd.DataFrame
    speed: pd.DataFrame
    undefined: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The outcome in all metrics as a sentence, with how many rows would tell more."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """The document that `python -m console compare --json` prints."""
        raise NotImplementedError
