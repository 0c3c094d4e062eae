"""A job as a card that follows it: state, progress, heartbeat, log, cancel."""

from typing import Literal

import streamlit as st

from backend.records.database import now
from console import jobs
from console.ui import format as shown
from console.ui import readers
from console.ui.boundary import guarded, plain
from console.ui.resources import database

Color = Literal["gray", "blue", "green", "red", "orange"]
WORDS: dict[str, tuple[str, Color]] = {
    "queued": ("waiting", "gray"),
    "running": ("running", "blue"),
    "done": ("done", "green"),
    "failed": ("failed", "red"),
    "cancelled": ("cancelled", "gray"),
    "interrupted": ("interrupted", "orange"),
}


def job_card(job_id: int, title: str | None = None, key: str = "job") -> None:
    """Follow a job; asks again every second while it is active, and not at all afterwards.

    When it ends while somebody watches, the whole page is drawn once more.
    """
    active = jobs.get(database(), job_id).is_active
    follow = st.fragment(guarded(_card), run_every=1 if active else None, key=f"{key}_{job_id}")
    follow(job_id, title, key, active)


def _card(job_id: int, title: str | None, key: str, was_active: bool) -> None:
    job = jobs.get(database(), job_id)
    if was_active and not job.is_active:
        readers.forget()
        st.rerun(scope="app")
    word, color = WORDS.get(job.state, (job.state, "gray"))
    with st.container(border=True, key=f"{key}_card_{job_id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title or shown.words(job.kind).capitalize()}**")
            st.badge(word, color=color)
            st.space("stretch")
            if job.is_active:
                st.button(
                    "Cancel",
                    key=f"{key}_cancel_{job_id}",
                    on_click=_cancel,
                    args=(job_id,),
                    disabled=job.cancel_requested,
                    type="tertiary",
                )
        if job.is_active:
            st.progress(min(max(job.progress, 0.0), 1.0), text=plain(job.message) or "Waiting …")
        elif job.message:
            st.caption(plain(job.message))
        if job.error:
            st.error(plain(job.error), icon=":material/error:")
        st.caption(_times(job))
        if job.log:
            with st.expander("Log"):
                st.code(job.log, language=None, wrap_lines=True, height=180)


@guarded
def _cancel(job_id: int) -> None:
    jobs.cancel(database(), job_id)


def _times(job: "jobs.Job") -> str:
    """Who started it and how long it has taken; says so when nothing is heard of it."""
    by = f"Started by {job.submitted_by} on {shown.when(job.submitted_at)}"
    if job.started_at is None:
        waited = shown.duration((now() - job.submitted_at) / 1_000_000)
        late = " No worker has taken it: is `python -m console work` running?"
        return f"{by} · waiting for {waited}." + (late if job.is_stuck else "")
    took = shown.duration(((job.ended_at or now()) - job.started_at) / 1_000_000)
    if not job.is_active:
        return f"{by} · took {took}"
    heard = (now() - (job.heartbeat_at or job.started_at)) / 1_000_000
    return f"{by} · {took}" + (f" · last heard of {shown.duration(heard)} ago" if heard > 5 else "")
