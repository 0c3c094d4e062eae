"""What the history on Promote is drawn from."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from backend.records import requests
from backend.records.database import now
from backend.records.predictions import Window
from backend.records.requests import Request
from console import explore, promotion
from console.promotion import Standing
from console.ui import readers
from console.ui.resources import database
from console.windows import SECOND

ROOM = 0.06
"""A label stands in a stretch that has so much of the axis."""
LEAST = 10 * SECOND
"""The axis is no shorter than this."""


@dataclass(frozen=True)
class Drawn:
    """The champions over traffic and performance.

    Attributes:
        stretches, traffic: as `console.charts.promotion.timeline` takes them; the stretches have
            every column of `console.promotion.timeline` too.
        ends: of the axis, in UTC milliseconds.
        metric: its title with the unit, and whether it is a share; None where nothing is known.
        before: answered requests with times before the first promotion, which are not drawn.
    """

    stretches: pd.DataFrame
    traffic: pd.DataFrame
    ends: tuple[int, int]
    metric: tuple[str, bool] | None
    before: int


@st.cache_data(ttl=120, max_entries=16, show_spinner="Reading the history …")
def _drawn(model: str, last_move: int) -> Drawn | None:  # noqa: ARG001  # the key
    frame = promotion.timeline(database(), model)
    if frame.empty:
        return None
    end = now()
    first = int(frame["start"].min().timestamp() * SECOND)
    window = Window(min(first, end - LEAST), end)
    traffic = explore.traffic(database(), model, window)
    # The first and the last bar lie across the axis' ends.
    starts, ends = (_moment(at) for at in (window.start, window.end))
    traffic["at"] = traffic["at"].where(traffic["at"] > starts, starts)
    traffic["until"] = traffic["until"].where(traffic["until"] < ends, ends)
    return Drawn(
        stretches=_stretches(frame, window),
        traffic=traffic,
        ends=(window.start // 1_000, window.end // 1_000),
        metric=_metric(frame),
        before=_before(model, window.start),
    )


def drawn(standing: Standing) -> Drawn | None:
    """What is drawn of a model; None where it never had a champion. Kept for two minutes."""
    since = standing.since
    return _drawn(standing.model.name, 0 if since is None else since.id)


def ended(model: str) -> list[Request]:
    """The requests that were decided or overtaken, newest first."""
    return [one for one in requests.of_model(database(), model) if not one.is_open]


def _stretches(frame: pd.DataFrame, window: Window) -> pd.DataFrame:
    until = frame["end"].fillna(_moment(window.end))
    share = (until - frame["start"]).dt.total_seconds() / ((window.end - window.start) / SECOND)
    approved = frame["approved_by"].map(lambda name: f", approved by {name}" if name else "")
    series = "version " + frame["version"].astype(str)
    return frame.assign(
        until=until,
        series=series,
        label=series.where(share >= ROOM, ""),
        by=frame["actor"] + approved,
    )


def _moment(at: int) -> pd.Timestamp:
    return pd.Timestamp(at, unit="us", tz="UTC")


def _metric(frame: pd.DataFrame) -> tuple[str, bool] | None:
    known = frame.dropna(subset=["value"])
    if known.empty:
        return None
    row = known.iloc[-1]
    return str(row["title"]), row["unit"] == "share"


def _before(model: str, start: int) -> int:
    span = readers.span(model)
    if span is None or span[0] >= start:
        return 0
    traffic = promotion.traffic(database(), model, span[0], start)
    return int(traffic["answered"].sum())
