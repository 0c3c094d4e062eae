"""Rows that versions can be compared on: what is asked for, and what is found."""

from dataclasses import dataclass, field

import pandas as pd

from backend.records.predictions import Window

FEWEST_ROWS = 30
MOST_ROWS = 50_000  # resampling more takes minutes and narrows no interval that matters
ROW = "__row__"
TRUTH = "__truth__"


@dataclass(frozen=True)
class HeldOut:
    """The held-out rows of the last version, those that no other of them may have seen."""


@dataclass(frozen=True)
class Logged:
    """The rows of a window of the model's log whose truth is known, whoever answered them."""

    window: Window


@dataclass(frozen=True)
class Table:
    """A table with the target's column, as training reads one.

    Attributes:
        name: of the file, for sentences.
        frame: the rows.
        fingerprint: as `console.training.datasets` gives it; empty when not known.
        time: the column of UTC times that orders the rows; None if there is none.
    """

    name: str
    frame: pd.DataFrame
    fingerprint: str = ""
    time: str | None = None


Chosen = HeldOut | Logged | Table


@dataclass(frozen=True)
class Rows:
    """Rows with truth that all versions compared can answer.

    Attributes:
        kind: `held-out`, `log` or `table`.
        title: what they are, for people: `171 held-out rows of version 2`.
        frame: the features of all versions, and `__truth__` (a label of the target's own, or a
            value). Rows of the log have `__prediction_id__` and `__at__` (UTC µs) too.
        n_found: rows with truth before any was left out or drawn.
        warning: why the rows may favour a version; empty when none was trained on them.
        notes: which rows were left out, and why, in sentences.
        window: of rows of the log, else None.
    """

    kind: str
    title: str
    frame: pd.DataFrame
    n_found: int
    warning: str = ""
    notes: tuple[str, ...] = field(default=())
    window: Window | None = None

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.frame)
