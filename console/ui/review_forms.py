"""What a person fills in on a review: a decision, a comment, how far an action is.

Each form passes on the decision that its reader saw: where somebody decided meanwhile, that is
said, and nothing is overwritten.
"""

import re
from datetime import datetime, timedelta

import streamlit as st

from backend.records import reviews
from console import reviews as words
from console.reviews.meeting import Action, Finding
from console.ui.resources import zone
from console.ui.review_actions import Asked, ask
from console.ui.review_data import Opened

SOON = timedelta(days=14)


def decide(opened: Opened, finding: Finding) -> None:
    """The form of a decision on a finding: what, who, by when, why."""
    held = opened.held(finding.key)
    seen = held.id if held is not None else None
    key = f"{_name(opened, finding)}_{seen or 0}"
    options = list(words.TITLES)
    st.segmented_control(
        "Decision",
        options,
        key=f"review_decision_{key}",
        format_func=words.TITLES.__getitem__,
        label_visibility="collapsed",
    )
    chosen = st.session_state.get(f"review_decision_{key}")
    if chosen is None:
        return
    st.caption(words.MEANINGS[chosen])
    with st.form(f"review_form_{key}", border=False):
        if chosen in reviews.ACTIONS:
            left, right = st.columns(2)
            left.text_input("Owner", key=f"review_owner_{key}", max_chars=200)
            today = datetime.now(zone()).date()
            right.date_input(
                "Due",
                today + SOON,
                key=f"review_due_{key}",
                min_value=today,
                format="YYYY-MM-DD",
            )
        st.text_area("Reason", key=f"review_reason_{key}", max_chars=2_000, height=72)
        st.form_submit_button(
            f"Decide: {words.TITLES[chosen]}",
            type="primary",
            key=f"review_decide_{key}",
            on_click=_decide,
            args=(opened.review.id, finding.key, key, seen),
        )


def comment(opened: Opened, finding: Finding | None) -> None:
    """The form of a comment on a finding, or on the review as a whole."""
    key = _name(opened, finding)
    with (
        st.form(f"review_comment_form_{key}", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            "Comment",
            key=f"review_comment_{key}",
            max_chars=2_000,
            placeholder="Say something on it",
            label_visibility="collapsed",
        )
        st.form_submit_button(
            "Comment",
            key=f"review_say_{key}",
            on_click=_comment,
            args=(opened.review.id, finding.key if finding else "", key),
        )


def progress(action: Action, where: str) -> None:
    """A popover to say how far an action is."""
    number = action.decision.id
    key = f"{where}_{number}"
    with (
        st.popover("Report", type="tertiary", icon=":material/edit:", key=f"review_pop_{key}"),
        st.form(f"review_progress_{key}", border=False),
    ):
        states = list(words.STATES)
        st.segmented_control(
            "It is",
            states,
            default=action.state,
            key=f"review_state_{key}",
            format_func=words.STATES.__getitem__,
            required=True,
        )
        st.text_area("How far is it?", key=f"review_far_{key}", max_chars=2_000, height=90)
        st.form_submit_button(
            "Report", key=f"review_report_{key}", on_click=_progress, args=(number, key)
        )


def _decide(review_id: int, finding: str, key: str, seen: int | None) -> None:
    state = st.session_state
    decision = str(state[f"review_decision_{key}"])
    due = state.get(f"review_due_{key}")
    does = decision in reviews.ACTIONS
    options = {
        "owner": str(state.get(f"review_owner_{key}") or "") if does else None,
        "due_on": due.isoformat() if does and due else None,
        "text": str(state.get(f"review_reason_{key}") or "").strip(),
        "seen": seen,
    }
    done = f"Decided: {words.TITLES[decision]}."
    ask(Asked(reviews.decide, done, (review_id, finding, decision), options))


def _comment(review_id: int, finding: str, key: str) -> None:
    text = str(st.session_state.get(f"review_comment_{key}") or "").strip()
    if text:
        ask(Asked(reviews.comment, "Your comment is kept.", (review_id, finding, text)))


def _progress(decision_id: int, key: str) -> None:
    state = str(st.session_state[f"review_state_{key}"])
    text = str(st.session_state.get(f"review_far_{key}") or "").strip()
    done = f"Reported: {words.STATES[state].lower()}."
    ask(Asked(reviews.progress, done, (decision_id, state, text)))


def _name(opened: Opened, finding: Finding | None) -> str:
    """A finding in the keys of widgets: its place, since its key may hold anything."""
    place = -1 if finding is None else opened.findings.index(finding)
    return re.sub(r"\W", "_", f"{opened.review.id}_{place}")
