"""Who served what at any time, and the champions over their traffic and performance."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.versions.artefacts import Store

TIMELINE = (
    "version",
    "start",
    "end",
    "kind",
    "actor",
    "approved_by",
    "reason",
    "dossier",
    "promotion",
    "request",
    "requests",
    "answered",
    "refused",
    "failed",
    "others",
    "metric",
    "title",
    "unit",
    "value",
    "low",
    "high",
    "n",
    "message",
)
"""The columns of `timeline`."""


@dataclass(frozen=True)
class Served:
    """A stretch of time in which one version answered for a model.

    Attributes:
        model: whose.
        version: the champion's number.
        since: UTC µs: when it began to answer.
        until: UTC µs: when another took over; None: it still answers.
        move: the promotion or roll-back that began it.
        exists: whether the version is still there; an old one may have been removed.
    """

    model: str
    version: int
    since: int
    until: int | None
    move: Promotion
    exists: bool = True

    def to_json(self) -> dict[str, Any]:
        """It as the command `history` gives it; times in ISO 8601."""
        raise NotImplementedError


def spans(database: Database, model: str) -> tuple[Served, ...]:
    """Every stretch in which a champion answered, oldest first, without a gap between them.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def served(database: Database, model: str, at: int) -> Promotion | None:
    """The move that made the champion of a moment; None before the first.

    Its `to_number` is the version that answered, from the move's own `at` on.

    Args:
        at: UTC µs.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def serving(database: Database, model: str, at: int) -> Served | None:
    """As `served`, with when it ended.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def sentence(model: str, at: int, found: Served | None) -> str:
    """Who served at a moment, for people; says so where nobody did yet."""
    raise NotImplementedError


def earlier_champions(database: Database, model: str) -> tuple[int, ...]:
    """The versions that were champion before, are not now, and are still there; latest first.

    Any of them may be rolled back to by its number.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def timeline(
    database: Database, model: str, store: Store | None = None, moment: int | None = None
) -> pd.DataFrame:
    """The champions of a model, oldest first, over their traffic and realized performance.

    Args:
        store: where artefacts are cached; None leaves the performance out.
        moment: the end of the present champion's stretch (UTC µs); None: now.

    Returns:
        A row a stretch with the columns `TIMELINE`: version; start, end (UTC timestamps; end is
        NaT while it lasts); kind (promote, rollback), actor, approved_by, reason, dossier
        (sha256), promotion and request (ids); requests, answered, refused, failed (rows of the
        log in the stretch), others (of the answered, those that another version answered: replays,
        say); metric, title, unit (of the task's first metric), value, low, high (95 %), n (rows
        with truth), message (why there is no value). Missing numbers are NaN or <NA>.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError


def traffic(
    database: Database, model: str, start: int, end: int, width_us: int | None = None
) -> pd.DataFrame:
    """What each version answered over time, to draw under the champions' stretches.

    Args:
        start, end: UTC µs.
        width_us: of a stretch; None chooses a round one of which about 60 fill the time.

    Returns:
        at (UTC timestamp), version (0: none), answered, refused, failed; in order of time.
    """
    raise NotImplementedError
