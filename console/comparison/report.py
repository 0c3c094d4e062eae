"""What a comparison of two versions says, and its document."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.records.registry import Version
from console.comparison import documents
from console.comparison.held_out import named
from console.comparison.mcnemar import McNemar
from console.comparison.paired import enough
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
        calibration: see `curves.calibration`, of both sides; empty for a regression.
        thresholds: see `curves.thresholds`, of both sides; empty unless binary.
        speed: one row a side with the fields of `speed.Speed`; empty when it was not measured.
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
        """The outcome in all metrics as a sentence."""
        wins = self.frame["better"].value_counts()
        n = len(self.frame)
        metrics = f"{n} metric{'s' * (n != 1)}"
        sides = [(self.b, int(wins.get("b", 0))), (self.a, int(wins.get("a", 0)))]
        parts = [
            f"{named(version)} is clearly better in {won} of {metrics}"
            for version, won in sides
            if won
        ]
        if not parts:
            return f"No clear difference in any of {metrics}."
        unclear = n - sum(won for _, won in sides)
        if unclear:
            parts.append(f"{unclear} {'is' if unclear == 1 else 'are'} unclear")
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}."

    @property
    def enough(self) -> str:
        """Whether the rows can tell in the first metric; if not, about how many would be enough.

        Empty where the difference is clear.
        """
        rows = self.frame.to_dict("records")
        return enough({str(name): value for name, value in rows[0].items()}) if rows else ""

    def to_json(self) -> dict[str, Any]:
        """The document that `python -m console compare --json` prints; see `documents.as_json`."""
        return documents.as_json(self)
