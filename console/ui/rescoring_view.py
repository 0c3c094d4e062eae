"""Logged traffic through another version: the run over a window, and what it found."""

from dataclasses import replace

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console import jobs, rescoring
from console.jobs import Job
from console.rescoring import Rescoring
from console.ui import links, readers, rescoring_parts, shadow_view
from console.ui.comparison_pick import WINDOW
from console.ui.format import when
from console.ui.guards import empty_state
from console.ui.job_card import job_card
from console.ui.pickers import pick_window
from console.ui.resources import actor, database

KIND = "rescore"
WAYS = {"again": "Answered again", "shadow": "Stored in the shadow"}


def section(b: Version, window: Window | None) -> None:
    """What version b changes for callers: of the log answered again, or as the shadow stored it.

    Args:
        window: of the log, where it was picked above already.
    """
    st.subheader("On logged traffic")
    way, span = st.columns([4, 6])
    with way:
        chosen = _pick_way()
    if chosen == "again" and readers.span(b.model) is None:
        empty_state(
            f"`{b.model}` has not been asked anything yet",
            "Send it a request; What-if has an example to copy for the shell.",
            "what_if",
            "Open What-if",
            {"model": b.model},
        )
        return
    with span:
        if window is None:
            window = pick_window(WINDOW, b.model)
        else:
            st.caption("In the window that is chosen above.")
    if chosen == "shadow":
        shadow_view.section(b, window)
    else:
        _again(b, window)


def _pick_way() -> str:
    links.seed("compare_traffic", "traffic", list(WAYS), "again", shared=False)
    chosen = st.segmented_control(
        "Answers",
        list(WAYS),
        key="compare_traffic",
        format_func=WAYS.__getitem__,
        required=True,
        help="Answered again: a job runs the requests of the window through the version. Stored in"
        " the shadow: what a challenger answered beside the champion when they came.",
    )
    links.keep("compare_traffic", "traffic", str(chosen), default="again")
    return str(chosen)


def _again(b: Version, window: Window) -> None:
    """The button, the run while it lasts, and the newest that was found."""
    made = _of(b)
    newest = made[0] if made else None
    if newest is not None and (newest.is_active or newest.state != "done"):
        job_card(newest.id, f"Rescoring with version {b.number}", key="compare_rescore_job")
    done = [job for job in made if job.state == "done"]
    exact = next((job for job in done if _window(job) == window), None)
    if newest is None or not newest.is_active:
        _button(b, window, again=exact is not None)
    shown = exact or (done[0] if done else None)
    if shown is None:
        return
    found = _found(shown.id)
    if exact is None:
        start, end = when(found.window.start), when(found.window.end)
        st.info(
            f"What follows is of another window, {start} – {end}. Rescore to see the one chosen.",
            icon=":material/history:",
        )
    rescoring_parts.show(found, key="compare_rescored", made=f"Run on {when(shown.ended_at)}.")


def _button(b: Version, window: Window, *, again: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Rescore again" if again else f"Rescore with version {b.number}",
            key="compare_rescore",
            type="secondary" if again else "primary",
            icon=":material/replay:",
            on_click=_submit,
            args=(b, window),
        )
        st.caption(
            f"A job runs the logged requests of the window through version {b.number}, and nothing"
            " of it is logged as traffic."
        )


def _submit(b: Version, window: Window) -> None:
    params = {
        "model": b.model,
        "version": b.number,
        "start": window.start,
        "end": window.end,
    }
    jobs.submit(database(), KIND, params, by=actor())
    readers.forget()


def _of(version: Version) -> list[Job]:
    """The rescorings of all rows with a version, newest first, without their results."""
    return [
        job
        for job in readers.cached(("rescorings",), _recent)
        if (job.params.get("model"), job.params.get("version")) == (version.model, version.number)
        and not any(job.params.get(name) for name in ("source", "against", "limit"))
    ]


def _recent() -> list[Job]:
    # A result has some 200,000 characters, and what is kept is copied for each run of the page.
    return [replace(job, result=None) for job in jobs.recent(database(), KIND, limit=30)]


@st.cache_resource(max_entries=16, ttl=3_600, show_spinner=False)
def _found(job_id: int) -> Rescoring:
    """What a job that is done has found, which never changes.

    Raises:
        NotFound: there is no such job any more.
    """
    result = jobs.get(database(), job_id).result or {}
    made: Rescoring = rescoring.from_json(result["rescoring"])
    return made


def _window(job: Job) -> Window:
    return Window(job.params["start"], job.params["end"])
