"""The champions of a model over the traffic that they had and how right they were."""

from collections import Counter
from typing import Any, Final

import pandas as pd

from backend.records import log, registry, truths
from backend.records.database import Database, now
from backend.records.predictions import Window, to_time
from backend.records.registry import Version
from backend.versions.signature import Signature
from console import windows
from console.performance.realized import figures
from console.performance.results import Figure
from console.performance.truths import MOST_KNOWN
from console.promotion.spans import Served, spans
from console.summaries import read

TIMELINE: Final = (
    *("version", "start", "end", "kind", "actor", "approved_by", "reason", "dossier"),
    *("promotion", "request", "exists"),
    *("requests", "answered", "refused", "failed", "others", "elsewhere"),
    *("metric", "title", "unit", "value", "low", "high", "n", "message"),
)
"""The columns of `timeline`."""
_NO_TRAFFIC: Final = dict.fromkeys(("requests", "answered", "refused", "failed", "others"), 0)


def timeline(
    database: Database, model: str, moment: int | None = None, *, performance: bool = True
) -> pd.DataFrame:
    """The champions of a model, oldest first, over their traffic and realized performance.

    Args:
        moment: the end of the present champion's stretch (UTC µs); None: now.
        performance: whether to look at truths, which takes some tenths of a second a champion.

    Returns:
        A row a stretch with the columns `TIMELINE`: version; start, end (UTC timestamps; end is
        NaT while it lasts); kind (promote, rollback), actor, approved_by, reason, dossier
        (sha256), promotion and request (ids); exists (whether the version is still there);
        requests, answered, refused, failed (rows of the log in the stretch), others (of the
        answered, those that another version answered: replays, say), elsewhere (rows that the
        version answered with times at which it was not champion); metric, title, unit (of the
        task's first metric), value, low, high (95 %), n (rows with truth; at most 20,000 drawn at
        random), message (why there is no value). What is missing is NaN, None or <NA>. Rows that
        wait to be summarised are not counted where there are many (`summaries.read.pending`).

    Raises:
        NotFound: there is no such model.
    """
    end = now() if moment is None else moment
    known = {v.number: v for v in registry.versions_of(database, model)}
    rows = []
    for one in spans(database, model):
        window = _window(one, end)
        traffic_of = _traffic(database, one, window)
        version = known.get(one.version) if performance else None
        figure = None if version is None else realized(database, version, window)
        rows.append(_stretch(one) | traffic_of | _measured(figure))
    frame = pd.DataFrame(rows, columns=list(TIMELINE))
    frame["elsewhere"] = _elsewhere(database, model, frame)
    frame["end"] = pd.to_datetime(frame["end"], utc=True)
    frame["request"] = frame["request"].astype("Int64")
    return frame


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
    window = Window(start, max(end, start + 1))
    width = windows.bucket(window) if width_us is None else width_us
    found = read.traffic(database, model, window, width)
    table = found.pivot_table(
        index=["at", "version"], columns="outcome", values="count", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=["answered", "refused", "failed"], fill_value=0).reset_index()
    return table.assign(at=to_time(table["at"].astype("int64"))).rename_axis(columns=None)


def realized(database: Database, version: Version, window: Window) -> Figure:
    """The task's first metric over what a version answered in a window, where truth is known.

    It is of at most 20,000 rows, drawn at random.
    """
    which = log.Filter(version.model, window, version=version.number or 0)
    answered = read.counts(database, version.model, window, version.number).answered
    found = truths.known(database, which, answered, MOST_KNOWN)
    rows = log.features(database, which, (), ids=found.ids)
    return figures(version.task, Signature.from_json(version.signature), rows)[0]


def _window(one: Served, end: int) -> Window:
    return Window(one.since, max(end if one.until is None else one.until, one.since))


def _stretch(one: Served) -> dict[str, Any]:
    move = one.move
    return {
        "version": one.version,
        "start": pd.Timestamp(one.since, unit="us", tz="UTC"),
        "end": pd.NaT if one.until is None else pd.Timestamp(one.until, unit="us", tz="UTC"),
        "kind": move.kind,
        "actor": move.actor,
        "approved_by": move.approved_by,
        "reason": move.reason,
        "dossier": move.dossier,
        "promotion": move.id,
        "request": move.request_id,
        "exists": one.exists,
    }


def _traffic(database: Database, one: Served, window: Window) -> dict[str, int]:
    if window.start == window.end:
        return _NO_TRAFFIC
    every = read.counts(database, one.model, window)
    own = read.counts(database, one.model, window, one.version)
    return {
        "requests": every.requests,
        "answered": every.answered,
        "refused": every.refused,
        "failed": every.failed,
        "others": every.answered - own.answered,
    }


def _elsewhere(database: Database, model: str, frame: pd.DataFrame) -> list[int]:
    """What each stretch's version answered outside all of its stretches."""
    span = windows.span(database, model)
    if span is None:
        return [0] * len(frame)
    whole = Window(span[0], span[1] + 1)
    versions, own = frame["version"].tolist(), (frame["answered"] - frame["others"]).tolist()
    within: Counter[int] = Counter()
    for number, mine in zip(versions, own, strict=True):
        within[number] += mine
    outside = {
        number: read.counts(database, model, whole, number).answered - within[number]
        for number in within
    }
    return [max(outside[number], 0) for number in versions]


def _measured(figure: Figure | None) -> dict[str, Any]:
    if figure is None:
        missing = dict.fromkeys(("value", "low", "high"), float("nan"))
        return {"metric": None, "title": None, "unit": None, "n": 0, "message": ""} | missing
    metric = figure.metric
    return {
        "metric": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        **{name: _number(getattr(figure, name)) for name in ("value", "low", "high")},
        "n": figure.n,
        "message": figure.message,
    }


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
