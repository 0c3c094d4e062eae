"""Performance, drawn: the verdict, the course, and what may be made of the figures."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from console.charts import performance as charts
from console.charts import performance_time
from console.performance import frames
from console.performance.results import Metric, Split
from console.performance.sentences import signed
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count
from console.ui.guards import empty_state
from console.ui.performance_data import View, value
from console.ui.resources import palette

WORDS = {
    "well": ("As promised", "green", ":material/check_circle:"),
    "worse": ("Worse than promised", "red", ":material/error:"),
    "warning": ("Estimated to be worse", "orange", ":material/warning:"),
    "unknown": ("Not known yet", "gray", ":material/hourglass_empty:"),
}
ASSUMPTIONS = {
    "holds": ("Assumption holds", "green", ":material/check_circle:"),
    "broken": ("The assumption of the estimates is broken", "red", ":material/error:"),
    "untested": ("Assumption untested", "gray", ":material/hourglass_empty:"),
}


def verdict(view: View) -> None:
    """The verdict in a word and a sentence, with the rows behind it."""
    found = view.found
    word, colour, icon = WORDS[found.status]
    with st.container(border=True):
        _said(word, colour, icon, found.message)
        st.caption(plain(" ".join([_rows(view), *found.notes])))


def assumption(view: View) -> None:
    """Whether the estimates can be believed, and what was tested to say so."""
    found = view.found.estimated.assumption
    word, colour, icon = ASSUMPTIONS[found.status]
    if found.status == "broken":
        st.error(plain(f"**{word}.** {found.message}"), icon=icon)
    else:
        _said(word, colour, icon, found.message)


def over_time(view: View) -> None:
    """The chosen metric through the window: realized, estimated, promised, and the coverage."""
    st.subheader(f"{plain(view.metric.title)} over time")
    draw(
        ("performance time", *view.identity),
        lambda: _course(view),
        key=f"performance_time_{view.metric.name}",
        alt=f"{view.metric.title} over time: realized, estimated and promised.",
    )


def record(view: View) -> None:
    """How earlier estimates compare with the truth that came later."""
    st.subheader("Track record of the estimates")
    st.markdown(plain(view.found.record.message))
    draw(
        ("performance record", *view.identity),
        lambda: _record(view),
        key=f"performance_record_{view.metric.name}",
        alt=f"Estimated against realized {view.metric.title}.",
    )


def maturity(view: View) -> None:
    """How long truth takes, and when enough of it will be there."""
    st.subheader("When truth comes")
    st.markdown(plain(view.found.maturity.message))
    draw(
        ("performance maturity", *view.identity),
        lambda: _maturity(view),
        key="performance_maturity",
        alt="The share of answers whose truth is known, by the time since they were given.",
    )


def split(view: View) -> None:
    """What part of the change comes from other inputs, and what from a changed relation."""
    st.subheader("Why it changed")
    st.markdown(plain(view.found.split.message))
    draw(
        ("performance split", *view.identity),
        lambda: _split(view),
        key="performance_split",
        alt="The change of performance in two parts: other inputs and a changed relation.",
    )


def nothing(view: View) -> None:
    """That the version answered nothing in the window, and the way on."""
    empty_state(
        f"Version {view.version.number} answered nothing in this window",
        "Choose a longer window or another version above; or send the version requests, by its"
        " address or by What-if's example.",
        "predictions",
        "See what was asked",
        {"model": view.version.model},
    )


def no_truth(view: View) -> None:
    """That no truth has come yet, and how it is brought."""
    empty_state(
        "No truth is known in this window",
        "What came true is sent to `POST /feedback` by the prediction's id, or comes with a"
        " replayed table. Until then there are estimates only.",
        "predictions",
        "See what was answered",
        {"model": view.version.model},
    )


def _said(word: str, colour: str, icon: str, message: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, color=colour, icon=icon)  # type: ignore[arg-type]  # one of ours
        st.markdown(plain(message))


def _rows(view: View) -> str:
    """The rows behind the verdict, as far as its sentence does not say them."""
    found = view.found
    said = f"{count(found.realized.n_answered, 'answer')} of version {view.version.number}"
    known = f", truth known for {found.realized.n_known:,}"
    rows = f"{said} in the window{'' if 'Truth is known' in found.message else known}."
    if found.sampled is None:
        return rows
    return f"{rows} Figures are of {found.sampled:,} rows drawn at random."


def _course(view: View) -> Drawing:
    frame = view.course
    if not frames.has_any(frame):
        return Drawing(None, "No stretch of the window has rows enough for a figure.")
    if len(frame) == 1:
        return Drawing(None, "The window has rows enough for one stretch: the figures above.")
    promised = view.promised.value if view.promised is not None else None
    metric = view.metric
    chart = performance_time.over_time(
        frame, view.titled(metric), metric.unit == "share", promised, palette()
    )
    known, guessed = (int(frame[name].notna().sum()) for name in ("realized", "estimated"))
    return Drawing(
        chart,
        f"{count(len(frame), 'stretch', 'stretches')}; {known} with enough truth for a realized"
        f" value (with its 95 % interval), {guessed} with an estimate (with its band).",
    )


def _record(view: View) -> Drawing:
    frame = frames.points(view.found.record, view.metric.name)
    if len(frame) < 2:
        return Drawing(None)
    metric = view.metric
    chart = charts.track_record(frame, view.titled(metric), metric.unit == "share", palette())
    inside = int(frame["place"].eq("inside").sum())
    return Drawing(
        chart,
        f"{metric.title}: {inside} of {count(len(frame), 'stretch', 'stretches')} inside the band;"
        " on the dashed line estimate and truth agree.",
    )


def _maturity(view: View) -> Drawing:
    if view.found.maturity.frame.empty:
        return Drawing(None)
    frame, marks, unit = frames.curve(view.found.maturity)
    return Drawing(
        charts.maturity(frame, marks, unit, palette()),
        "Answers of the window and up to 90 days before it; shaded: 95 % interval.",
    )


def _split(view: View) -> Drawing:
    found = view.found.split
    frame = frames.steps(found)
    if frame.empty:
        return Drawing(None)
    frame = frame.assign(label=[_step(found.metric, row) for row in frame.to_dict("records")])
    title, is_share = view.titled(found.metric), found.metric.unit == "share"
    return Drawing(charts.split(frame, title, is_share, palette()), _weights(found))


def _step(metric: Metric, row: Mapping[Any, Any]) -> str:
    if row["kind"] == "level":
        return f"{row['step']}: {value(metric, row['until'])}"
    since = row["since"]
    low, high = (signed(metric, row[end] - since) for end in ("low", "high"))
    unclear = ", unclear" if row["effect"] == "unclear" else ""
    return f"{row['step']}: {signed(metric, row['change'])} ({low} to {high}{unclear})"


def _weights(found: Split) -> str:
    effective = "" if found.effective_rows is None else f"{found.effective_rows:,.0f}"
    return (
        f"{count(found.n_reference, 'reference row')}, weighted to look like the window's, count"
        f" as {effective}; {count(found.n_current, 'row')} with truth in the window. Lines are"
        " 95 % intervals."
    )
