"""What watching found: the evidence by block and by feature, against its threshold."""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

Status = Literal["quiet", "growing", "alarm", "not_enough_rows"]
Block = Literal["hour", "day"]


@dataclass(frozen=True)
class Evidence:
    """The evidence that a version's inputs have changed, block by block.

    Attributes:
        frame: a row per block that was judged in this call: start and end (UTC µs), n (rows),
            log_evidence (natural log of the detector, of the feature that leads, after division by
            the number of features), e_value (of the block alone, mean over the features), leading
            (the name of the feature with most evidence).
        threshold: the natural log of the number of blocks in `weeks`; an alarm is at or above.
        alarm_at: the end of the first of these blocks over it (UTC µs); None without an alarm.
        began_at: where the evidence began to grow (UTC µs): of the first alarm, or while it grows
            of the leading feature; None while all is quiet.
        by_feature: a row per feature, most evidence first: feature, title, log_evidence (at its
            first alarm, or after the last block), began_at (UTC µs; missing below half of the
            threshold) and alarm_at (UTC µs or missing).
        block: what is judged at a time, hours or whole days (UTC).
        weeks: the budget: at most one false alarm in so many weeks, on average.
        n_reference: rows of the reference.
        message: all of it in a sentence or two.
        state: JSON-able; `evidence(..., state=state)` goes on where this ended. Its `end` (UTC µs)
            says up to where blocks were judged.
        status: `alarm` if there is an `alarm_at`; `growing` from half of the threshold on.
        n_rows: rows that were judged, in `frame`.
        reason: why blocks are what they are, in a sentence.
        alarms: the ends of all blocks with an alarm (UTC µs).
    """

    frame: pd.DataFrame
    threshold: float
    alarm_at: int | None
    began_at: int | None
    by_feature: pd.DataFrame
    block: Block
    weeks: float
    n_reference: int
    message: str
    state: dict[str, Any]
    status: Status
    n_rows: int = 0
    reason: str = ""
    alarms: tuple[int, ...] = ()

    @property
    def leading(self) -> str:
        """The title of the feature with most evidence; empty where nothing was judged."""
        return "" if self.by_feature.empty else str(self.by_feature["title"].iloc[0])
