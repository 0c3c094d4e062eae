"""What a person chooses before a replay, and what comes of it."""

import math
from dataclasses import dataclass, field
from typing import Any

from backend.errors import Unusable
from console.windows import iso

REASONS_KEPT = 5


@dataclass(frozen=True)
class Choices:
    """The choices behind one replay.

    Attributes:
        model: the model's name.
        time: the column with the time of each row (UTC where it names no zone).
        truth: the column with the ground truth; None records none.
        truth_delay: how many days after its row a truth arrives, 0 or more.
        version: the version that answers; None takes the champion, else the newest.
        again: log rows that are in the log already a second time; else they are left alone.
    """

    model: str
    time: str
    truth: str | None = None
    truth_delay: float = 0.0
    version: int | None = None
    again: bool = False

    def __post_init__(self) -> None:
        check_delay(self.truth_delay)


def check_delay(days: float) -> None:
    """Check a delay of truths.

    Raises:
        Unusable: it is negative, or no number.
    """
    if not 0 <= days < 100_000:
        raise Unusable(
            f"The truth delay is `{days}`; expected a number of days from 0 to 99,999, fractions"
            " included."
        )


@dataclass
class Result:
    """What a replay did, counted as it goes.

    Attributes:
        model, version: what answered.
        rows: rows of the table.
        answered, refused: rows logged by this replay, by outcome.
        already: rows that an earlier replay had logged, left alone.
        truths: truths recorded, or recorded already with the same value.
        truths_refused: truths that are no label or number, or differ from a recorded one.
        start, end: the times of the first and last row (UTC µs); None for an empty table.
        reasons: the first few sentences of what was refused, each with its row.
    """

    model: str
    version: int
    rows: int = 0
    answered: int = 0
    refused: int = 0
    already: int = 0
    truths: int = 0
    truths_refused: int = 0
    start: int | None = None
    end: int | None = None
    reasons: list[str] = field(default_factory=list)

    def explain(self, row: int, sentence: str) -> None:
        """Keep why something in a row (its number, from 1) was refused; the first few only."""
        if len(self.reasons) < REASONS_KEPT:
            self.reasons.append(f"Row {row:,}: {sentence}")

    @property
    def sentence(self) -> str:
        """The result for people."""
        said = f"Version {self.version} of `{self.model}` answered {self.answered:,} rows"
        parts = [f"refused {self.refused:,}"] if self.refused else []
        parts += [f"left {self.already:,} that were logged already"] if self.already else []
        parts += [f"with {self.truths:,} truths recorded"] if self.truths else []
        parts += [f"refused {self.truths_refused:,} truths"] if self.truths_refused else []
        return ", ".join([said, *parts]) + "."

    def to_json(self) -> dict[str, Any]:
        """The document that the command prints; times are ISO 8601."""
        named = {k: v for k, v in vars(self).items() if k not in {"start", "end"}}
        return named | {
            "source": "replay",
            "from": None if self.start is None else iso(self.start),
            "to": None if self.end is None else iso(self.end),
        }


def arrives_after(days: float) -> int:
    """A delay in days as microseconds."""
    return math.floor(days * 86_400_000_000)
