"""Probation: for some hours after a promotion, is the new champion worse than the old one was?"""

from dataclasses import dataclass
from typing import Any, Literal

from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.predictions import Window
from backend.versions.artefacts import Store

Name = Literal["realized", "estimated", "refused", "drift"]
Status = Literal["worse", "same", "better", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One comparison of the new champion since its promotion with the old one before it.

    Attributes:
        name: what was compared.
        title: it for readers, such as `Accuracy, where truth is known`.
        unit: of the figures: `share` in [0, 1], the `target`'s, or a bare `number`.
        status: `unknown` where there are not enough rows; the message says so.
        proposes: whether it is a reason to roll back.
        before, after: the figures; None where there is none.
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
        findings: realized, estimated, refused, drift.
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
        """It as the command `probation` gives it; times in ISO 8601."""
        raise NotImplementedError


def probation(
    database: Database, model: str, store: Store, moment: int | None = None
) -> Probation | None:
    """Whether the champion's first hours speak for going back; None where nothing is on probation.

    That is where the model has no champion, where it was rolled back to or is the first, where the
    policy asks for no probation, and when twice its hours have passed.

    Args:
        moment: UTC µs; None: now.

    Raises:
        NotFound: there is no such model.
        ArtefactDamaged: the reference or held-out rows of one of the versions are damaged.
    """
    raise NotImplementedError
