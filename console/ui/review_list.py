"""A model's reviews: freeze one, follow it, open one, and see features across them."""

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.reviews import Review
from console import jobs
from console.charts import review as charts
from console.reviews.meeting import Action
from console.ui import links
from console.ui import review_actions as actions
from console.ui import review_data as data
from console.ui import review_view as view
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count, when
from console.ui.job_card import job_card
from console.ui.pickers import span_caption
from console.ui.resources import database, palette
from console.ui.review_data import Listed

MOST = 12
MOST_FEATURES = 16
MOST_REVIEWS = 12


def chosen(review: Review) -> None:
    """Which review is open, and the way back to all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", height="stretch"):
        st.markdown(f"**Review {review.id}** · version {review.version}")
        st.button(
            "All reviews",
            key="review_all",
            type="tertiary",
            icon=":material/arrow_back:",
            on_click=data.open_review,
            args=(None,),
        )


def freezing(version: Version, window: Window) -> None:
    """The button that freezes a window, and the job that does it; opens the review when done."""
    found = jobs.recent(database(), actions.KIND, limit=100)
    mine = [job for job in found if job.params.get("model") == version.model]
    active = [job for job in mine if job.is_active]
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Freeze a review",
            key="review_freeze",
            type="primary",
            icon=":material/ac_unit:",
            disabled=bool(active),
            help="Keeps what is found in the window under a hash, to decide on it.",
        )
        evidently = st.checkbox("With Evidently's documents", value=True, key="review_evidently")
    if pressed:
        links.put("job", str(actions.freeze(version, window, evidently=evidently)))
        st.rerun()
    asked = st.query_params.get("job")
    for job in mine:
        if job.is_active or (str(job.id) == asked and job.state != "done"):
            job_card(job.id, f"Freezing a review of version {job.params['version']}", "review_job")
        elif str(job.id) == asked and job.result:
            data.open_review(int(job.result["review"]))
            st.rerun()


def listed(found: list[Listed]) -> None:
    """The reviews, newest first: when, which window, how far it is."""
    st.subheader("Reviews")
    if not found:
        st.caption("None yet. Freeze one above: it keeps the window's findings for a meeting.")
        return
    for one in found[:MOST]:
        _row(one)
    if len(found) > MOST:
        with st.expander(f"{count(len(found) - MOST, 'older review')}", key="review_older"):
            for one in found[MOST:]:
                _row(one)


def _row(one: Listed) -> None:
    review = one.review
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Review {review.id}",
            key=f"review_open_{review.id}",
            on_click=data.open_review,
            args=(review.id,),
            icon=":material/open_in_full:",
        )
        view.status_badge(review.status)
        st.markdown(plain(f"{when(review.frozen_at)} · version {review.version}"))
        st.caption(span_caption(review.window), width="stretch")
        if one.findings is None:
            st.badge("Damaged", color="red", icon=":material/error:")
            return
        if one.overdue:
            st.badge(f"{one.overdue} overdue", color="orange", icon=":material/schedule:")
        st.markdown(_how_far(one))


def _how_far(one: Listed) -> str:
    decided = (
        f"{one.decided} of {count(one.findings or 0, 'finding')} decided"
        if one.findings
        else "no findings"
    )
    still = f" · {count(one.open, 'open action')}" if one.open else ""
    return f"{decided}{still}{' · closed' if one.review.is_closed else ''}"


def still_open(found: list[Action]) -> None:
    """What all reviews of the model left to do."""
    st.subheader("Open actions")
    if not found:
        st.caption("Nothing is left to do.")
    for action in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
            view.action_line(action, "open")


def trend(model: str, found: list[Listed]) -> None:
    """Each feature's verdict from review to review."""
    ids = tuple(one.review.id for one in found)
    frame = data.trend(model, ids)
    st.subheader("Features across reviews")
    if frame["review"].nunique() < 2:
        st.caption("From the second review on, each feature's course is drawn here.")
        return
    recent = sorted(frame["review"].unique())[-MOST_REVIEWS:]
    frame = frame[frame["review"].isin(recent)]
    moved = frame[frame["status"].isin(("drifted", "moderate"))]
    worst = frame.groupby("title")["floors"].max().sort_values(ascending=False)
    order = [title for title in worst.index if title in set(moved["title"])][:MOST_FEATURES]
    if not order:
        st.caption("No feature moved in any of them.")
        return
    shown = frame.assign(
        label=[
            f"{number} · {at:%d %b %Y}"
            for number, at in zip(frame["review"], frame["frozen_at"], strict=True)
        ]
    )
    draw(
        ("review trend", model, ids),
        lambda: Drawing(
            charts.trend(shown, order, palette()),
            f"Effect ÷ floor, of {count(len(order), 'feature')} that moved in any of"
            f" {count(len(recent), 'review')}; the rest never moved.",
        ),
        key="review_trend",
        alt="The verdict on each feature, from review to review.",
    )
