"""When did it begin? The verdict on one stretch of the window after another."""

import pandas as pd
import streamlit as st

from backend.records.predictions import Window
from console.charts import drift_when as charts
from console.drift.over_time import of_false_flags
from console.summaries import onsets, report
from console.ui import readers
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.drift_data import View
from console.ui.format import count, when
from console.ui.resources import database, palette, store
from console.windows import DAY, HOUR

ROWS_A_STRETCH = 100
"""On average; stretches of fewer rows could hardly show anything."""
MOST_FEATURES = 10
MOST_ONSETS = 3
FLAGGED = ("drifted", "moderate")


def section(view: View) -> None:
    """Each stretch's verdict by feature, and the hour in which a feature changed."""
    st.subheader("When did it begin?")
    asked = (view.version.id, view.window, *view.key)
    frame, begun = readers.cached(("drift_when", *asked), lambda: _found(view))
    st.markdown(plain(_sentence(begun, view.moved)))
    flagged = set(frame.loc[frame["status"].isin(FLAGGED), "feature"])
    shown = [name for name in view.features if name in flagged][:MOST_FEATURES]
    draw(
        ("drift when", *asked),
        lambda: _strip(frame, shown, len(flagged)),
        key="drift_when",
        alt="The verdict on each feature in one stretch of the window after another.",
    )


def _found(view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    asked = (database(), view.version, view.window, store())
    most = min(max(view.report.n_current // ROWS_A_STRETCH, 2), _most(view.window))
    frame = report.over_time(*asked, most=most)
    return frame, onsets.onsets(*asked, view.moved[:MOST_FEATURES])


def _most(window: Window) -> int:
    """Into how many stretches: hours of a day, days of a month; the hour is found besides."""
    length = window.end - window.start
    return 24 if length <= 2 * DAY else 10 if length <= 9 * DAY else 31


def _sentence(begun: pd.DataFrame, moved: list[str]) -> str:
    if not moved:
        return "No feature moved in the window as a whole."
    if begun.empty:
        return (
            "No moved feature changes at one moment of the window: they had moved before it began,"
            " or move little by little."
        )
    said = [
        f"`{title}` at {when(int(at.value // 1_000))}"
        for title, at in zip(begun["title"], begun["at"], strict=True)
    ]
    more = f" and {len(said) - MOST_ONSETS} more later" if len(said) > MOST_ONSETS else ""
    first = begun.iloc[0]
    width = (first["until"] - first["at"]).value // 1_000
    unit = "hour" if width <= HOUR else "day"
    return f"Clearest change, to the {unit}: {', '.join(said[:MOST_ONSETS])}{more}."


def _strip(frame: pd.DataFrame, shown: list[str], n_flagged: int) -> Drawing:
    n = frame["at"].nunique()
    if n < 2:
        return Drawing(None, "The window is too short to be cut into stretches.")
    false = of_false_flags(n, "stretches")
    if not shown:
        return Drawing(None, f"No feature moved in any of {count(n, 'stretch', 'stretches')}.")
    some = frame[frame["feature"].isin(shown)]
    titles = dict(zip(some["feature"], some["title"], strict=False))
    most = f" {len(shown)} of {n_flagged} features with a flag." if n_flagged > len(shown) else ""
    return Drawing(
        charts.strip(some, [titles[name] for name in shown], palette()), f"{false}{most}"
    )
