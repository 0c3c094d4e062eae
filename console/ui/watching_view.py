"""Watching all the time: the evidence of change by hours or days, within a false-alarm budget."""

from typing import Any, cast

import pandas as pd
import streamlit as st

from backend.records.predictions import to_time
from backend.records.registry import Version
from console.charts import watching as charts
from console.ui import links
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.drift_data import View
from console.ui.format import NONE, count, when
from console.ui.resources import database, palette, store
from console.watching import Evidence, evidence, sentences
from console.watching.stream import ROWS
from console.watching.watch import Asked
from console.windows import DAY, HOUR

LEAST, MOST = 7 * DAY, 31 * DAY
"""What is watched ends with the window, and is at least and at most so long."""
BUDGETS = {"1": "1 week", "4": "4 weeks", "12": "12 weeks", "26": "26 weeks", "52": "a year"}
BLOCKS = {
    "off": "Not now",
    "auto": "Hours, or days if it cycles",
    "hour": "Hours",
    "day": "Whole days",
}
SHOWN = 8


def section(view: View) -> None:
    """The evidence up to the window's end, the features that lead, and what was promised."""
    st.subheader("Watched all the time")
    first, second, _ = st.columns([3, 3, 4])
    with first:
        weeks = links.choose(
            "At most one false alarm in",
            list(BUDGETS),
            "drift_budget",
            "budget",
            default="12",
            titles=BUDGETS,
            help="On average, over all features together, if nothing changes. A longer budget takes"
            " a little longer to alarm.",
        )
    with second:
        block = links.choose(
            "Judged by",
            list(BLOCKS),
            "drift_block",
            "block",
            default="auto" if view.judged.basis == "rows" else "off",
            titles=BLOCKS,
        )
    if block == "off":
        st.caption(
            "Rows of each hour are weighed against the reference, which takes some seconds where"
            " there are many: choose what to judge by. A monitor of the kind *evidence* does it"
            " all the time."
        )
        return
    found = _found(view, float(weeks), cast(Asked, block))
    said = plain(sentences.message(found, when))
    if found.status == "alarm":
        st.warning(said, icon=":material/notification_important:")
    else:
        st.markdown(said)
    if len(found.frame):
        _drawn(view.version, found)


def _found(view: View, weeks: float, block: Asked) -> Evidence:
    """Whole blocks only, so that the answer is the same until the next hour is over."""
    end = view.window.end // HOUR * HOUR
    start = max(min(view.window.start, end - LEAST), end - MOST)
    return _kept(view.version.id, start, end, weeks, block, view.report.n_current, view.version)


@st.cache_data(ttl=600, max_entries=64, show_spinner="Weighing the evidence.")
def _kept(
    version_id: int,  # noqa: ARG001 — the cache key
    start: int,
    end: int,
    weeks: float,
    block: Asked,
    rows: int,  # noqa: ARG001 — the cache key: a replay adds rows to hours that are over
    _version: Version,
) -> Evidence:
    return evidence(database(), _version, start, end, store(), weeks=weeks, block=block)


def _drawn(version: Version, found: Evidence) -> None:
    what = version.id, found.weeks, found.block, found.state["end"], found.n_rows
    draw(
        ("drift watched", *what, len(found.frame)),
        lambda: _chart(found),
        key="drift_watched",
        alt="The evidence that a feature has changed, block by block, and the alarm's level.",
    )
    table = _leading(found)
    if len(table):
        st.dataframe(
            table,
            hide_index=True,
            width="stretch",
            column_config={
                "Evidence": st.column_config.ProgressColumn(
                    "Way to an alarm", format="percent", min_value=0.0, max_value=1.0
                ),
            },
        )


def _chart(found: Evidence) -> Drawing:
    titles = dict(zip(found.by_feature["feature"], found.by_feature["title"], strict=True))
    frame = found.frame.assign(
        at=to_time(found.frame["end"]), title=found.frame["leading"].map(titles)
    )
    began = None if found.began_at is None else to_time(pd.Series([found.began_at])).iloc[0]
    blocks = count(len(frame), "block")
    return Drawing(
        charts.evidence(frame, found.threshold, began, palette()),
        f"{blocks} up to {when(found.state['end'])}: {found.n_rows:,} rows, at most"
        f" {ROWS[found.block]} drawn at random of each {found.block}, against"
        f" {found.n_reference:,} reference rows. {found.reason} The budget holds for rows that do"
        " not depend on when they come.",
    )


def _leading(found: Evidence) -> pd.DataFrame:
    """The features with an alarm, or halfway to one."""
    table = found.by_feature
    shown = table[table["alarm_at"].notna() | table["began_at"].notna()].head(SHOWN)
    return pd.DataFrame(
        {
            "Feature": shown["title"],
            "Evidence": (shown["log_evidence"] / found.threshold).clip(0, 1),
            "Began to grow": [_time(at) for at in shown["began_at"]],
            "Alarm": [_time(at) for at in shown["alarm_at"]],
        }
    )


def _time(at: Any) -> str:
    return NONE if pd.isna(at) else when(int(at))
