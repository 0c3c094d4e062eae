"""What probation says: findings with their figures and rows, and what they amount to."""

from dataclasses import dataclass
from typing import Any, Literal

from backend.records.aliases import Promotion
from backend.records.predictions import Window
from console.jobs.child import plain
from console.performance.results import Figure
from console.promotion.spans import moved
from console.windows import iso

Name = Literal["realized", "same_rows", "estimated", "refused", "drift"]
Status = Literal["worse", "same", "better", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One comparison of the new champion since its promotion with the old one.

    Attributes:
        name: what was compared: `realized` (where truth is known), `same_rows` (the old
            champion's answers to the new one's requests whose truth is known), `estimated`
            (where truth is not known), `refused` (the share of requests that were refused or
            failed), `drift` (features that drifted from each version's own reference).
        title: it for readers, such as `Accuracy, where truth is known`.
        unit: of the figures: `share` in [0, 1], the `target`'s, or a bare `number`.
        status: `unknown` where there are not enough rows; the message says so.
        proposes: whether it is a reason to roll back.
        before, after: the figures of the old and the new champion; None where there is none.
        before_low, before_high, after_low, after_high: their 95 % intervals or bands.
        n_before, n_after: the rows behind them.
        message: a sentence with the figures, the rows and what to make of them.
    """

    name: Name
    title: str
    unit: Literal["share", "target", "number"]
    status: Status
    proposes: bool
    before: float | None
    before_low: float | None
    before_high: float | None
    after: float | None
    after_low: float | None
    after_high: float | None
    n_before: int
    n_after: int
    message: str


@dataclass(frozen=True)
class Probation:
    """A new champion watched against the one before it.

    Attributes:
        model: whose.
        promotion: the move that began it.
        version: the new champion.
        against: the champion before it, which a roll-back would go to.
        hours: how long probation lasts.
        before: the old champion's stretch of the log that is compared.
        after: the new one's, up to now or to the end of probation.
        until: UTC µs: the end of probation.
        running: whether probation still lasts. Afterwards it is judged for as long again, because
            truth comes late.
        findings: one of each `Name`, in that order.
        proposes_rollback: whether any finding is a reason to roll back.
        reasons: the messages of those that are.
        message: all of it in a sentence or two, for Overview and Promote.
    """

    model: str
    promotion: Promotion
    version: int
    against: int
    hours: int
    before: Window
    after: Window
    until: int
    running: bool
    findings: tuple[Finding, ...]
    proposes_rollback: bool
    reasons: tuple[str, ...]
    message: str

    def to_json(self) -> dict[str, Any]:
        """It as the command `probation` gives it; times in ISO 8601, what is missing null."""
        document = {
            "model": self.model,
            "version": self.version,
            "against": self.against,
            "hours": self.hours,
            "until": iso(self.until),
            "running": self.running,
            "proposes_rollback": self.proposes_rollback,
            "reasons": list(self.reasons),
            "message": self.message,
            "before": _window(self.before),
            "after": _window(self.after),
            "findings": [vars(one) for one in self.findings],
            "promotion": moved(self.promotion),
        }
        as_json: dict[str, Any] = plain(document)
        return as_json


def finding(
    name: Name,
    title: str,
    was: Figure,
    now: Figure,
    status: Status,
    message: str,
    *,
    proposes: bool | None = None,
) -> Finding:
    """A finding of two figures; one that is `worse` proposes to roll back unless told."""
    return Finding(
        name=name,
        title=title,
        unit=now.metric.unit,
        status=status,
        proposes=status == "worse" if proposes is None else proposes,
        before=was.value,
        before_low=was.low,
        before_high=was.high,
        after=now.value,
        after_low=now.low,
        after_high=now.high,
        n_before=was.n,
        n_after=now.n,
        message=message,
    )


def unknown(name: Name, title: str, was: Figure, now: Figure, message: str) -> Finding:
    """A finding that tells nothing yet, and why."""
    return finding(name, title, was, now, "unknown", message)


def _window(window: Window) -> dict[str, str]:
    return {"from": iso(window.start), "to": iso(window.end)}
