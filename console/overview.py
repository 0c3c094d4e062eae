"""Is everything well? Each model at a glance, and one sentence over all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from backend.records import log, registry
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Model
from backend.versions.artefacts import Store
from console import windows
from console.drift import DriftReport
from console.summaries import read
from console.summaries.judged import drift
from console.windows import Choice

REFUSED_SHARE = 0.05
"""From this share of refused requests on a model needs a look; failed ones count from the first."""

Standing = Literal["review", "well", "unknown", "nothing"]


@dataclass(frozen=True)
class Glance:
    """One model over a window of its own log.

    Attributes:
        model: the model with its aliases.
        algorithm: the champion's; None without a champion.
        versions: how many are registered.
        window: the stretch of the log.
        answered, refused, failed: rows by outcome.
        p50_ms, p95_ms: of the live answers, in milliseconds, to 2.5 %; None where there are none.
        known: answered predictions whose truth is known.
        traffic: one row per bucket, oldest first: `at` (UTC µs, its start), `count`.
        drift: the champion's report over the window; None without a champion.
    """

    model: Model
    algorithm: str | None
    versions: int
    window: Window
    answered: int
    refused: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    known: int
    traffic: pd.DataFrame
    drift: DriftReport | None

    @property
    def requests(self) -> int:
        """All rows of the window."""
        return self.answered + self.refused + self.failed

    @property
    def refused_share(self) -> float | None:
        """Refused rows among all, in [0, 1]; None where there are none."""
        return self.refused / self.requests if self.requests else None

    @property
    def known_share(self) -> float | None:
        """Answered rows whose truth is known, in [0, 1]; None where there are none."""
        return self.known / self.answered if self.answered else None

    @property
    def concerns(self) -> list[str]:
        """What in the log needs a look, as parts of a sentence."""
        name, found = self.model.name, []
        if self.drift is not None and self.drift.n_drifted:
            found.append(
                f"{self.drift.n_drifted} of {self.drift.n_features} inputs of `{name}` drifted"
            )
        if self.failed:
            found.append(f"{self.failed:,} {_requests(self.failed)} to `{name}` failed")
        if self.refused_share is not None and self.refused_share >= REFUSED_SHARE:
            found.append(f"{self.refused:,} of {self.requests:,} requests to `{name}` were refused")
        return found

    @property
    def is_judged(self) -> bool:
        """Whether there were enough rows to say whether it drifted."""
        return self.drift is not None and self.drift.status != "not_enough_rows"


@dataclass(frozen=True)
class Verdict:
    """One sentence over all models."""

    standing: Standing
    sentence: str


def glance(database: Database, name: str, choice: Choice, store: Store) -> Glance:
    """Look at one model over the chosen stretch of its log.

    Raises:
        NotFound: there is no such model.
        ArtefactDamaged: the champion's reference is missing or altered.
    """
    model = registry.model(database, name)
    window = choice.window(windows.span(database, name))
    width = windows.bucket(window)
    traffic = read.traffic(database, name, window, width)
    counts = traffic.groupby("outcome")["count"].sum()
    p50, p95 = read.latencies(database, name, window).tolist()
    champion = None
    if model.champion is not None:
        champion = registry.version(database, name, model.champion)
    return Glance(
        model=model,
        algorithm=champion.algorithm if champion else None,
        versions=len(registry.versions_of(database, name)),
        window=window,
        answered=int(counts.get("answered", 0)),
        refused=int(counts.get("refused", 0)),
        failed=int(counts.get("failed", 0)),
        p50_ms=None if math.isnan(p50) else p50,
        p95_ms=None if math.isnan(p95) else p95,
        known=log.count_known(database, name, window),
        traffic=_every(traffic, window, width),
        drift=drift(database, champion, window, store) if champion else None,
    )


def verdict(glances: Sequence[Glance], choice: Choice) -> Verdict:
    """The sentence: what needs a look, else that all is well, else what is not known yet."""
    if not glances:
        return Verdict("nothing", "Nothing is watched yet: there is no model.")
    concerned = [one for one in glances if one.concerns]
    found = [f"`{one.model.name}` has no champion" for one in glances if one.drift is None]
    if concerned:
        concerns = "; ".join(concern for one in concerned for concern in one.concerns)
        found.append(f"{concerns} {choice.phrase(len(concerned))}")
    if found:
        return Verdict("review", f"Needs review: {'; '.join(found)}.")
    where = choice.phrase(len(glances))
    if not any(one.requests for one in glances):
        return Verdict("unknown", f"Nothing was asked {where}.")
    unknown = [f"`{one.model.name}`" for one in glances if not one.is_judged]
    if len(unknown) == len(glances):
        return Verdict("unknown", _too_few(glances, where))
    said = f"All is well: no input drifted and no request failed {where}."
    if unknown:
        said += f" Of {', '.join(unknown)} there are too few rows to say."
    return Verdict("well", said)


def _too_few(glances: Sequence[Glance], where: str) -> str:
    """Nothing is known: for want of predictions, or of rows to compare any number of them with."""
    found = [one.drift for one in glances if one.drift is not None]
    if any(not drift.is_measured or drift.enough is not None for drift in found):
        return f"Too few predictions {where} to say whether anything drifted."
    return f"The reference has too few rows to say whether anything drifted {where}."


def _requests(count: int) -> str:
    return "request" if count == 1 else "requests"


def _every(traffic: pd.DataFrame, window: Window, width: int) -> pd.DataFrame:
    """Every bucket of the window with its number of rows, the empty ones too."""
    starts = range(window.start // width * width, window.end, width)
    counts = traffic.groupby("at")["count"].sum().reindex(starts, fill_value=0)
    return pd.DataFrame({"at": starts, "count": counts.to_numpy(dtype=int)})
