"""From a figure and its limit to a gate: the one place where it is decided whether one passes."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from backend.errors import WatchdeskError
from console.promotion.gates.results import Gate, Status


@dataclass(frozen=True)
class Found:
    """What a check found.

    Attributes:
        figure: what was measured; NaN where it is undefined.
        limit: what it is held against, in the same unit.
        at_most: whether the figure may be at most the limit; else it must be at least that.
        message: a sentence with the figures.
        n: the rows behind the figure; None where it is not about rows.
    """

    figure: float
    limit: float
    at_most: bool
    message: str
    n: int | None = None

    @property
    def is_met(self) -> bool:
        """Whether the figure is finite and on the right side of the limit, or on it."""
        if not math.isfinite(self.figure) or math.isnan(self.limit):
            return False
        return self.figure <= self.limit if self.at_most else self.figure >= self.limit


@dataclass(frozen=True)
class NotApplicable:
    """Why there is nothing to check here, as a sentence."""

    message: str
    n: int | None = None


@dataclass(frozen=True)
class Check:
    """A gate that is still to be judged.

    `name` and `title` follow from the rules alone, so that a waiver given today names the gate of
    tomorrow; `judge` reads and computes.
    """

    name: str
    title: str
    judge: Callable[[], Found | NotApplicable]


def settle(check: Check) -> Gate:
    """Judge a check; what cannot be judged fails with the reason, and never passes."""
    try:
        found = check.judge()
    except WatchdeskError as error:
        return Gate(check.name, check.title, "fail", None, None, error.detail, None)
    if isinstance(found, NotApplicable):
        message, n = found.message, found.n
        return Gate(check.name, check.title, "not_applicable", None, None, message, n)
    status: Status = "pass" if found.is_met else "fail"
    figure = found.figure if math.isfinite(found.figure) else None
    return Gate(check.name, check.title, status, figure, found.limit, found.message, found.n)


def asked_for_none(name: str, title: str, what: str) -> Check:
    """The gate of a section that the rules leave out, so that a reader sees what is not checked."""
    return Check(name, title, lambda: NotApplicable(f"The rules ask for no {what}."))
