"""What was asked, and what was answered: pages of the log, traffic, and one row closely."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.records import aliases, log
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console import windows
from console.summaries import read
from console.what_if import outside

PAGE = 50
MOST_EXPORTED = 10_000


@dataclass(frozen=True)
class Cursor:
    """A place in the log: after the row `id` at `at` (UTC µs), going back in time."""

    at: int
    id: int

    @property
    def text(self) -> str:
        """The form in an address."""
        return f"{self.at}-{self.id}"

    @classmethod
    def read(cls, text: str | None) -> "Cursor | None":
        """A place from an address; None where it is none."""
        at, _, row = (text or "").partition("-")
        return cls(int(at), int(row)) if at.isdecimal() and row.isdecimal() else None


@dataclass(frozen=True)
class LogPage:
    """Some rows of the log, newest first, and where the next ones begin (None: at its end).

    `frame` has the columns of `log.page`.
    """

    frame: pd.DataFrame
    older: Cursor | None


def page(
    database: Database, which: Filter, after: Cursor | None = None, limit: int = PAGE
) -> LogPage:
    """A page of the log, newest first, from `after` on."""
    place = None if after is None else (after.at, after.id)
    frame = log.page(database, which, limit + 1, before=place)
    shown = frame.iloc[:limit].reset_index(drop=True)
    if len(frame) <= limit:
        return LogPage(shown, None)
    last = shown.iloc[-1]
    return LogPage(shown, Cursor(int(last["at"]), int(last["id"])))


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the log for people.

    Returns:
        One row each: `time` (UTC timestamp), `outcome`, `version`, `answer` (the label; or the
        value with four significant digits), `score` in [0, 1], `truth` (text), `latency_ms`,
        `source`, `note` (what refused it), `prediction_id`.
    """
    values = [None if pd.isna(value) else _short(value) for value in frame["value"]]
    regression = frame["value"].notna()
    truths = [
        _short(float(truth)) if number and truth is not None else truth
        for truth, number in zip(frame["ground_truth"], regression, strict=True)
    ]
    return pd.DataFrame(
        {
            "time": pd.to_datetime(frame["at"], unit="us", utc=True),
            "outcome": frame["outcome"],
            "version": frame["version"].astype("Int64"),
            "answer": frame["label"].where(frame["label"].notna(), pd.Series(values, frame.index)),
            "score": frame["score"].astype(float),
            "truth": truths,
            "latency_ms": frame["latency_ms"].astype(float),
            "source": frame["source"],
            "note": [None if text is None else text.replace("`", "") for text in frame["error"]],
            "prediction_id": frame["prediction_id"],
        }
    )


def export(database: Database, which: Filter, signature: Signature | None) -> pd.DataFrame:
    """The newest `MOST_EXPORTED` matching rows as a table, a column for each feature.

    Features of a refused row are its excerpt, in the column `request`.
    """
    frame = log.page(database, which, MOST_EXPORTED)
    found = table(frame)
    answered = frame["outcome"] != "refused"
    sent = [
        json.loads(text) if ok and text else {}
        for text, ok in zip(frame["features"], answered, strict=True)
    ]
    for name in signature.names if signature is not None else []:
        found[name] = [row.get(name) for row in sent]
    found["request"] = frame["features"].mask(answered)
    return found


def traffic(database: Database, model: str, window: Window) -> pd.DataFrame:
    """Requests over time, for the chart.

    Returns:
        One row per bucket and series: `at`, `until` (UTC timestamps), `series` (`version 3`,
        `refused` or `failed`), `count`; `low` and `high` stack the series of a bucket.
    """
    width = windows.bucket(window)
    frame = read.traffic(database, model, window, width)
    answered = frame["outcome"] == "answered"
    numbers = frame["version"].astype("Int64").astype(str)
    frame["series"] = ("version " + numbers).where(answered, frame["outcome"])
    # An empty result has columns of objects, which cannot be summed up.
    counted = frame.astype({"at": "int64", "count": "int64"})
    found = counted.groupby(["at", "series"], as_index=False)["count"].sum()
    high = found.groupby("at")["count"].cumsum()
    return pd.DataFrame(
        {
            "at": pd.to_datetime(found["at"], unit="us", utc=True),
            "until": pd.to_datetime(found["at"] + width, unit="us", utc=True),
            "series": found["series"],
            "count": found["count"],
            "low": high - found["count"],
            "high": high,
        }
    )


def moves(database: Database, model: str, window: Window) -> pd.DataFrame:
    """When the champion changed within a window.

    Returns:
        One row a move: `at` (UTC timestamp), `label`, `late` (in the window's second half, so
        that its label has room on the left only).
    """
    middle = (window.start + window.end) // 2
    found = [
        (move.at, f"version {move.to_number} answers", move.at > middle)
        for move in aliases.history(database, model)
        if move.alias == "champion" and window.start <= move.at < window.end
    ]
    frame = pd.DataFrame(found, columns=["at", "label", "late"])
    return frame.assign(at=pd.to_datetime(frame["at"], unit="us", utc=True))


def features_of(signature: Signature, row: Mapping[str, Any]) -> pd.DataFrame:
    """A logged row's features beside what the version was trained on.

    Returns:
        One row per feature: `feature` (title), `value` (text), `usual` (the middle 90 % of the
        reference, or its most frequent categories), `position` in [0, 1] (the share of the
        reference up to the value; None for categories), `note` (how it lies outside; or empty).
    """
    sent = json.loads(row["features"] or "{}")
    found = []
    for feature in signature.features:
        value = sent.get(feature.name)
        found.append(
            {
                "feature": feature.title,
                "value": "missing" if value is None else _text(value),
                "usual": _usual(feature),
                "position": _position(feature, value),
                "note": outside(feature, value) or "",
            }
        )
    frame = pd.DataFrame(found)
    return frame.sort_values("note", key=lambda n: n == "", kind="stable", ignore_index=True)


def _short(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _text(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _usual(feature: Feature) -> str:
    if feature.is_numeric:
        return f"{feature.quantiles[1]:,.4g} – {feature.quantiles[-2]:,.4g}"
    return ", ".join(feature.categories[:3]) + (" …" if len(feature.categories) > 3 else "")


def _position(feature: Feature, value: Any) -> float | None:
    if not feature.is_numeric or not isinstance(value, (int, float)):
        return None
    shares = np.linspace(0, 1, len(feature.quantiles))
    return float(np.interp(float(value), feature.quantiles, shares))
