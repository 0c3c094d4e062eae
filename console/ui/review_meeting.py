"""A review, presented: the verdict and last time's actions, each finding, what was decided."""

from functools import partial

import streamlit as st

from console import reviews as words
from console.reviews.meeting import Finding
from console.ui import presenting
from console.ui import review_findings as findings
from console.ui import review_forms as forms
from console.ui import review_view as view
from console.ui.boundary import plain
from console.ui.format import count
from console.ui.literal import named
from console.ui.pickers import span_caption
from console.ui.presenting import Slide
from console.ui.review_data import Opened

MOST = 7
ONE, BOTH = 380, 195  # pixels of a chart alone, and of each of two
_DECIDING = "_present_deciding"


def show(opened: Opened) -> None:
    """The review, one finding at a time; decisions are made on the slides too."""
    review = opened.review
    context = f"{review.model} · version {review.version} · {span_caption(review.window)}"
    slides = [
        Slide("Verdict", partial(_verdict, opened)),
        *(
            Slide("Finding", partial(_finding, opened, finding, place))
            for place, finding in enumerate(opened.findings, 1)
        ),
        Slide("Decisions", partial(_decisions, opened)),
    ]
    at = presenting.position(len(slides))
    if 0 < at <= len(opened.findings):
        is_busy = _is_deciding(opened, opened.findings[at - 1])
    else:
        is_busy = False
    presenting.show(slides, context, is_busy=is_busy)


def _verdict(opened: Opened) -> None:
    status = words.STATUSES.get(opened.review.status, opened.review.status)
    presenting.title(
        f"Review of {opened.review.model}: {status.lower()}",
        f"Review {opened.review.id} · {count(len(opened.findings), 'finding')}",
    )
    left, right = st.columns([6, 5], gap="large")
    with left:
        presenting.part("What was found", str(opened.document["message"]))
        presenting.part("Is it still right?", str(opened.document["performance"]["message"]))
    with right:
        st.caption("**Last time's actions**")
        if not opened.last:
            st.markdown("Earlier reviews left nothing to do.")
        for action in opened.last[:MOST]:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                view.action_line(action, "present", is_fixed=True)
        if len(opened.last) > MOST:
            st.caption(f"and {len(opened.last) - MOST} more, on the review's page")


def _finding(opened: Opened, finding: Finding, place: int) -> None:
    status = words.STATUSES.get(finding.status, finding.status)
    presenting.title(finding.title, f"Finding {place} of {len(opened.findings)} · {status}")
    left, right = st.columns([1, 1], gap="large")
    with left:
        presenting.part("What changed", finding.what)
        presenting.part("Does it matter?", finding.matters)
        with st.container(key="present_part_do"):
            st.caption("What do we do?")
            st.markdown(plain(_done(opened, finding)))
        _button(opened, finding)
    with right:
        if _is_deciding(opened, finding):
            findings.discussion(opened, finding)
            forms.decide(opened, finding)
        else:
            charts = finding.charts[:2]
            findings.drawings(opened, finding, ONE if len(charts) < 2 else BOTH)
            st.caption(plain(" · ".join(f"{f['title']}: {f['text']}" for f in finding.figures)))


def _done(opened: Opened, finding: Finding) -> str:
    held = opened.held(finding.key)
    if held is None:
        return "Not decided yet."
    why = f" {named(held.text)}" if held.text else ""
    return f"**{view.decision_words(held)}.**{why}"


def _is_deciding(opened: Opened, finding: Finding) -> bool:
    held = opened.held(finding.key)
    seen = held.id if held is not None else None
    asked = st.session_state.get(_DECIDING)
    return not opened.review.is_closed and asked == (opened.review.id, finding.key, seen)


def _button(opened: Opened, finding: Finding) -> None:
    """Decide on the slide: Escape then ends the form, not the presentation."""
    if opened.review.is_closed:
        return
    held = opened.held(finding.key)
    deciding = _is_deciding(opened, finding)
    mark = (opened.review.id, finding.key, held.id if held is not None else None)
    label = "Back to the charts" if deciding else "Decide" if held is None else "Decide again"
    st.button(
        label,
        key="present_decide",
        icon=f":material/{'bar_chart' if deciding else 'gavel'}:",
        on_click=st.session_state.__setitem__,
        args=(_DECIDING, None if deciding else mark),
        shortcut="Esc" if deciding else None,
    )


def _decisions(opened: Opened) -> None:
    presenting.title("What was decided", f"Review {opened.review.id}")
    if not opened.findings:
        answered = opened.document["rows"]["current"]
        nothing = "There was nothing to review: no row was answered in this window."
        presenting.part("Findings", "No finding needed a decision." if answered else nothing)
    for place, finding in enumerate(opened.findings[: MOST + 2], 1):
        held = opened.held(finding.key)
        said = "not decided yet" if held is None else view.decision_words(held)
        with st.container(border=True, horizontal=True, key=f"present_part_row_{place}"):
            st.markdown(plain(f"{place}\\. {finding.title}"), width="stretch")
            st.markdown(plain(said if held is None else f"**{said}**"))
    if len(opened.findings) > MOST + 2:
        st.caption(f"and {len(opened.findings) - MOST - 2} more, on the review's page")
