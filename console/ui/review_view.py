"""A review, drawn: last time's actions, the verdict, each finding with what was decided on it."""

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.records.reviews import Entry
from console import reviews as words
from console.charts import review as charts
from console.reviews.figures import day
from console.reviews.meeting import Action
from console.ui import presenting
from console.ui import review_actions as actions
from console.ui import review_forms as forms
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count, when
from console.ui.literal import named
from console.ui.pickers import span_caption
from console.ui.resources import palette
from console.ui.review_data import Opened
from console.ui.tables import frame_table

COLOURS = {
    "drifted": "orange",
    "worse": "orange",
    "moderate": "blue",
    "warning": "blue",
    "notice": "blue",
    "stable": "green",
    "well": "green",
}
STATE_COLOURS = {"open": "blue", "done": "green", "dropped": "gray"}
HEIGHT = 215
PRINT = """<style>.print-only { display: none; font-size: 1.4rem; font-weight: 650; }
@media print {
  .print-only { display: block; }
  [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stPopover"],
  [data-testid="stForm"], [data-testid="stButtonGroup"], [class*="st-key-aside_"],
  [class*="st-key-noprint_"], [data-testid="stStatusWidget"], [data-testid="stToast"]
    { display: none !important; }
  [class*="st-key-review_finding_"] { break-inside: avoid; }
}</style>"""


def print_style(opened: Opened) -> None:
    """What is filled in and pressed is left out when the page is printed; a heading is added."""
    review = opened.review
    st.html(PRINT)
    name = html.escape(f"Review {review.id} of {review.model}, version {review.version}")
    st.html(f'<div class="print-only">{name}</div>')


def last_time(opened: Opened) -> None:
    """What earlier reviews left to do, so that a meeting begins with it."""
    st.subheader("Last time's actions")
    if not opened.last:
        st.caption("Earlier reviews left nothing to do.")
    for action in opened.last:
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
            action_line(action, "last")


def action_line(action: Action, where: str, *, is_fixed: bool = False) -> None:
    """An action in a line: how far it is, what it is, who does it by when."""
    decision = action.decision
    state_badge(action)
    title = words.TITLES[str(decision.decision)]
    st.markdown(
        plain(f"**{title}** · {action.title} · {named(decision.owner)}, due {day(decision.due_on)}")
    )
    said = action.progress.text if action.progress and action.progress.text else ""
    st.caption(
        plain(f"review {action.review.id}" + (f" · “{named(said)}”" if said else "")),
        width="stretch",
    )
    if not is_fixed:
        forms.progress(action, where)


def state_badge(action: Action) -> None:
    """Whether an action is open, overdue, done or dropped."""
    if action.is_overdue:
        st.badge("Overdue", color="orange", icon=":material/schedule:")
        return
    colour = STATE_COLOURS[action.state]
    st.badge(words.STATES[action.state], color=colour)  # type: ignore[arg-type]  # one of them


def verdict(opened: Opened) -> None:
    """The verdict in a sentence, of which rows, and the hash that stands for it."""
    review, document = opened.review, opened.document
    st.subheader("What was found")
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badge(review.status)
            st.markdown(plain(str(document["message"])))
        rows = document["rows"]
        st.caption(
            plain(
                f"{count(rows['current'], 'prediction')} of version {review.version} against"
                f" {count(rows['reference'], 'reference row')}. {document['how']}"
            )
        )
        closed = (
            f" · closed {when(review.closed_at)} by {named(review.closed_by)}"
            if review.is_closed
            else ""
        )
        st.caption(
            plain(
                f"{span_caption(review.window)} · frozen {when(review.frozen_at)} by"
                f" {named(review.frozen_by)}{closed if review.is_closed else ''} ·"
                f" :material/verified: verified: `{review.sha256}`"
            )
        )


def tools(opened: Opened) -> None:
    """Present, print, save, and close."""
    review = opened.review
    address = f"/reviews/{review.id}"
    with st.container(horizontal=True, vertical_alignment="center", key="noprint_review_tools"):
        presenting.start_button("review_present")
        st.link_button("Print", f"{address}/page.html", icon=":material/print:")
        st.link_button("Save page", f"{address}/page.html?download=1", icon=":material/download:",
                       help="One self-contained HTML file.")  # fmt: skip
        st.link_button("Save figures", f"{address}/document.json?download=1",
                       icon=":material/download:",
                       help="What was frozen, as JSON; the hash is of these bytes.")  # fmt: skip
        for part in opened.document["files"]:
            name = str(part["name"]).removesuffix(".gz")
            st.link_button(
                f"Evidently: {part['title']}",
                f"{address}/evidently/{name}",
                icon=":material/lab_profile:",
                help=plain(str(part["rows"])),
            )
        if not review.is_closed:
            st.button(
                "Close the review",
                key="review_close",
                icon=":material/lock:",
                on_click=actions.close,
                args=(review.id,),
                help="It takes no more decisions then; progress can still be reported.",
            )


def chart_of(opened: Opened, chart: Mapping[str, Any], name: str, height: int) -> None:
    """A chart of the frozen document under its title."""
    st.caption(f"**{plain(str(chart['title']))}**")
    draw(
        ("review", opened.review.sha256, name, height),
        lambda: Drawing(charts.drawn(chart, palette(), height)),
        key=f"review_chart_{height}_{name}",
        alt=plain(str(chart["title"])),
    )


def rest(opened: Opened) -> None:
    """What else was frozen: performance, requests, every feature's figures."""
    document = opened.document
    st.subheader("Is it still right?")
    st.markdown(plain(str(document["performance"]["message"])))
    left, right = st.columns([5, 6], gap="large")
    with left:
        figures = pd.DataFrame(document["performance_figures"])
        frame_table(
            figures,
            {"title": "Figure", "text": "Value"},
            key="review_performance",
            height="content",
        )
        requests = [
            {"when": name, **document["traffic"][key]}
            for name, key in (("In the window", "window"), ("As long before", "before"))
        ]
        columns = {"when": "Requests", "requests": "All", "answered": "Answered",
                   "refused": "Refused", "failed": "Failed"}  # fmt: skip
        frame_table(pd.DataFrame(requests), columns, key="review_traffic", height="content")
    with right:
        is_above = any(finding.kind == "performance" for finding in opened.findings)
        for number, chart in enumerate([] if is_above else document["performance_charts"]):
            chart_of(opened, chart, f"performance {number}", HEIGHT)
    with st.expander("Every feature's figures", key="noprint_review_features"):
        features = pd.DataFrame(document["drift"]["features"])
        features["status"] = features["status"].map(words.STATUSES)
        shown = {"title": "Feature", "status": "Status", "effect": "Effect",
                 "effect_floor": "Floor", "q_value": "q-value", "n_current": "Values"}  # fmt: skip
        frame_table(features, shown, key="review_features")
    for title, reason in document["left_out"].items():
        st.caption(plain(f"**{title}** was not made. {reason}"))


def status_badge(status: str) -> None:
    """A status in a word, coloured by its weight."""
    colour = COLOURS.get(status, "gray")
    st.badge(words.STATUSES.get(status, status), color=colour)  # type: ignore[arg-type]  # one of them


def decision_words(entry: Entry) -> str:
    """A decision with its owner and due date, where it leaves something to do."""
    title = words.TITLES[str(entry.decision)]
    return f"{title}: {named(entry.owner)}, due {day(entry.due_on)}" if entry.owner else title
