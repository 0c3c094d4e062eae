"""A review's findings, drawn: what changed, does it matter, what is said and decided."""

import streamlit as st

from console.reviews.meeting import Finding
from console.ui import presenting
from console.ui import review_forms as forms
from console.ui import review_view as view
from console.ui.boundary import plain
from console.ui.format import when
from console.ui.literal import named
from console.ui.review_data import Opened

HEIGHT = 215  # pixels of a chart


def findings(opened: Opened) -> None:
    """Each finding: what changed, does it matter, how it looks, what is said and decided."""
    for place, finding in enumerate(opened.findings):
        with st.container(border=True, key=f"review_finding_{place}"):
            _finding(opened, finding, place)
    if opened.findings:
        st.subheader("The review as a whole")
    discussion(opened, None)


def _finding(opened: Opened, finding: Finding, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(f"{place + 1}. {finding.title}"), anchor=False, width="content")
        view.status_badge(finding.status)
        st.space("stretch")
        with st.container(key=f"noprint_review_{place}", width="content"):
            presenting.start_button(f"review_present_{place}", at=place + 1)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _said("What changed", finding.what)
        _said("Does it matter?", finding.matters)
        _said("What do we do?", "")
        decisions(opened, finding)
        if not opened.review.is_closed:
            _decide(opened, finding, place)
        discussion(opened, finding)
    with right:
        drawings(opened, finding, HEIGHT)
        figures = " · ".join(f"{f['title']}: {f['text']}" for f in finding.figures)
        st.caption(plain(figures))


def _said(label: str, text: str) -> None:
    st.caption(f"**{label}**")
    if text:
        st.markdown(plain(text))


def _decide(opened: Opened, finding: Finding, place: int) -> None:
    if opened.held(finding.key) is None:
        forms.decide(opened, finding)
        return
    with st.expander("Decide again", key=f"noprint_review_again_{place}"):
        forms.decide(opened, finding)


def decisions(opened: Opened, finding: Finding) -> None:
    """The decision that holds, and those that it replaced."""
    found = opened.of(finding.key, "decision")
    if not found:
        st.markdown("*Not decided yet.*")
        return
    held = found[-1]
    action = opened.action(held)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(plain(f"**{view.decision_words(held)}**"))
        if action is not None:
            view.state_badge(action)
            forms.progress(action, "own")
    if held.text:
        st.text(held.text)
    st.caption(plain(f"Decided by {named(held.actor)} on {when(held.at)}."))
    for earlier in reversed(found[:-1]):
        why = f" “{named(earlier.text)}”" if earlier.text else ""
        st.caption(
            plain(
                f"~~{view.decision_words(earlier)}~~ · replaced; by {named(earlier.actor)} on"
                f" {when(earlier.at)}.{why}"
            )
        )


def discussion(opened: Opened, finding: Finding | None) -> None:
    """What was said, and a line to say more."""
    for entry in opened.of(finding.key if finding else "", "comment"):
        with st.container(gap=None):
            st.caption(plain(f"**{named(entry.actor)}** · {when(entry.at)}"))
            st.text(entry.text)
    forms.comment(opened, finding)


def drawings(opened: Opened, finding: Finding, height: int) -> None:
    """The finding's charts, from the frozen figures."""
    for number, chart in enumerate(finding.charts):
        view.chart_of(opened, chart, f"{finding.key} {number}", height)
