"""Missing: the share of values that features come without."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.records.registry import Version
from backend.versions.artefacts import REFERENCE, table
from backend.versions.signature import Signature
from console.monitors.kinds.asked import LEAST_ROWS, Asked, is_surely_above
from console.monitors.kinds.versions import needs_champion, without
from console.monitors.looks import Finding, firing_if
from console.monitors.sentences import count, last, share, were
from console.windows import MINUTE

SAMPLE = 5_000


@dataclass(frozen=True)
class _Missing:
    """A feature's share of missing values, and its limit."""

    feature: str
    found: float
    limit: float

    @property
    def over(self) -> float:
        """By how much it is above the limit."""
        return self.found - self.limit


def look(asked: Asked) -> Finding:
    """Fires when a feature lacks more than its limit, and not by chance."""
    version = asked.version
    if version is None:
        return needs_champion(asked)
    minutes = asked.rule["window_minutes"]
    window = asked.window(minutes * MINUTE)
    names = Signature.from_json(version.signature).names
    wanted = [asked.rule["feature"]] if asked.rule["feature"] else names
    if set(wanted) - set(names):
        return without(asked, version, wanted[0])
    rows = asked.rows(version, window, SAMPLE, *wanted)
    n = len(rows)
    if n < LEAST_ROWS:
        message = (
            f"There {were(n)} {count(n, 'answered request')} in {last(minutes)}; a share of missing"
            f" values needs {LEAST_ROWS}."
        )
        return Finding("no_data", None, None, n, message, window.start, window.end)
    known = _known(asked, version)
    found = [_of(asked, rows[name], known.get(name, 0.0), name) for name in wanted]
    over = [one for one in found if is_surely_above(one.found, n, one.limit)]
    worst = max(over or found, key=lambda one: one.over)
    message = _sentence(worst, len(over), n, last(minutes), known.get(worst.feature, 0.0))
    status = firing_if(bool(over))
    state = {"reference": known, "version": version.id}
    return Finding(
        status, worst.found, worst.limit, n, message, window.start, window.end, state=state
    )


def _of(asked: Asked, values: "pd.Series[Any]", reference: float, name: str) -> _Missing:
    limit = asked.rule["limit"]
    limit = min(reference + asked.rule["by"], 1.0) if limit is None else limit
    return _Missing(name, float(values.isna().mean()), limit)


def _known(asked: Asked, version: Version) -> dict[str, float]:
    """The shares of the reference; kept from look to look, as it does not change."""
    if asked.rule["limit"] is not None:
        return {}
    if asked.state.get("version") == version.id and "reference" in asked.state:
        return dict(asked.state["reference"])
    reference = table(asked.database, version, REFERENCE, asked.store)
    names = Signature.from_json(version.signature).names
    return {name: float(reference[name].isna().mean()) for name in names}


def _sentence(worst: _Missing, over: int, n: int, when: str, reference: float) -> str:
    others = f" So do {over - 1} other features." if over > 2 else ""
    others = " So does another feature." if over == 2 else others
    against = f"the limit is {share(worst.limit)}"
    if worst.limit != reference and reference >= 0:
        against += f", and {share(reference)} lacked it in the reference" if reference else ""
    return (
        f"{share(worst.found)} of {n:,} answered requests of {when} came without"
        f" `{worst.feature}`; {against}.{others}"
    )
