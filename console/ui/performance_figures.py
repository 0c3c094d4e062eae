"""The figures of performance, drawn: cards of one metric, a table of all, each with its rows."""

from typing import Any

import pandas as pd
import streamlit as st

from console.performance.results import Figure, Metric
from console.ui.boundary import plain
from console.ui.format import NONE, count, percent
from console.ui.performance_data import View, span, value
from console.ui.tables import download_csv, frame_table


def cards(view: View) -> None:
    """The chosen metric: promised, realized, estimated, and how much of the truth is known."""
    columns = st.columns(4)
    metric, found = view.metric, view.found
    _card(columns[0], "Promised", metric, view.promised, "held-out row")
    _card(columns[1], "Realized", metric, view.realized, "row with truth", "rows with truth")
    _card(columns[2], f"Estimated ({found.estimated.method})", metric, view.estimated, "row")
    columns[3].metric(
        "Truth known",
        percent(found.realized.coverage, 0),
        f"{found.realized.n_known:,} of {count(found.realized.n_answered, 'answer')}",
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )
    for message in missing(view):
        st.caption(plain(message))


def missing(view: View) -> list[str]:
    """Why the chosen metric lacks a figure, each sentence once."""
    shown = (view.promised, view.realized, view.estimated)
    return list(dict.fromkeys(figure.message for figure in shown if figure and figure.message))


def table(view: View) -> None:
    """Every metric's figures, with their intervals and rows."""
    st.subheader("All figures")
    frame = view.figures
    metrics = {figure.metric.name: figure.metric for figure in view.found.realized.figures}
    shown = _texts(frame, metrics)
    columns = {
        "title": st.column_config.TextColumn("Metric", pinned=True),
        "promised": "Promised",
        "promised_span": "95 % interval",
        "promised_n": st.column_config.NumberColumn("Held-out rows", format="localized"),
        "realized": "Realized",
        "span": "95 % interval ",
        "n": st.column_config.NumberColumn("Rows with truth", format="localized"),
        "verdict": "Against the promise",
        "estimated": "Estimated",
        "band": "95 % band",
        "estimated_n": st.column_config.NumberColumn("Estimated rows", format="localized"),
    }
    frame_table(shown, columns, key="performance_figures")
    said = dict.fromkeys(message for message in frame["message"] if message)
    if said and view.found.realized.n_known:
        st.caption(plain(" ".join(said)))
    download_csv("Download", frame, "performance.csv", key="performance_csv")


def _card(
    slot: Any,
    label: str,
    metric: Metric,
    figure: Figure | None,
    row: str,
    rows: str | None = None,
) -> None:
    has_value = figure is not None and figure.value is not None
    below = count(figure.n, row, rows) if figure is not None else "not recorded"
    if figure is not None and has_value:
        between = span(metric, figure.low, figure.high)
        below = f"{between} · {below}" if between != NONE else below
    elif figure is not None:
        few = f"only {below}" if figure.n else f"no {rows or row + 's'}"
        below = "cannot be had" if figure.status == "not_applicable" else few
    slot.metric(
        label,
        value(metric, figure.value) if figure is not None else NONE,
        below,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=plain(figure.message) if figure is not None and figure.message else None,
    )


def _texts(frame: pd.DataFrame, metrics: dict[str, Metric]) -> pd.DataFrame:
    """The figures as texts in their units, an interval in one column."""
    rows = []
    for row in frame.to_dict("records"):
        metric = metrics[row["metric"]]
        rows.append(
            {name: row[name] for name in ("title", "promised_n", "n", "estimated_n")}
            | {name: value(metric, row[name]) for name in ("promised", "realized", "estimated")}
            | {
                "promised_span": span(metric, row["promised_low"], row["promised_high"]),
                "span": span(metric, row["low"], row["high"]),
                "band": span(metric, row["band_low"], row["band_high"]),
                "verdict": row["verdict"].replace("unknown", NONE),
            }
        )
    return pd.DataFrame(rows)
