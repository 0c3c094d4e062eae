"""The exact run: every row of a large window, by a job, with one press."""

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console import jobs
from console.drift import DriftReport, documents
from console.jobs import Job
from console.ui import readers
from console.ui.format import count, when
from console.ui.job_card import job_card
from console.ui.resources import actor, database

KIND = "exact"


def found(version: Version, window: Window) -> DriftReport | None:
    """The newest exact report of this very window, if one was made."""
    job = next((job for job in _of(version, window) if job.state == "done"), None)
    if job is None or job.result is None:
        return None
    report: DriftReport = documents.from_json(job.result["report"])
    return report


def section(version: Version, window: Window, shown: DriftReport) -> None:
    """A button that runs it, the run while it lasts, and what it found beside what is shown."""
    made = _of(version, window)
    newest = made[0] if made else None
    if newest is not None and newest.is_active:
        job_card(newest.id, "Exact run over every row", key="drift_exact_job")
        return
    if newest is not None and newest.state != "done":
        job_card(newest.id, "Exact run over every row", key="drift_exact_job")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Run on every row",
            key="drift_exact",
            icon=":material/fact_check:",
            on_click=_submit,
            args=(version, window),
            help="A job reads every prediction of the window; ten million take some minutes.",
        )
        done = next((job for job in made if job.state == "done"), None)
        exact = found(version, window)
        if done is not None and exact is not None:
            st.caption(_compared(exact, shown, done), width="stretch")


def _compared(exact: DriftReport, shown: DriftReport, job: Job) -> str:
    """How far what is shown is from what every row says."""
    pairs = list(zip(exact.results, shown.results, strict=True))
    other = sum(a.status != b.status for a, b in pairs)
    apart = max((abs(a.effect - b.effect) for a, b in pairs if a.effect == a.effect), default=0.0)
    same = "every verdict is the same" if not other else f"{count(other, 'verdict')} differ"
    return (
        f"Run on {count(exact.n_current, 'prediction')} on {when(job.ended_at)}: {same}; no effect"
        f" is further off than {max(apart, 0.0001):.4f}."
    )


def _submit(version: Version, window: Window) -> None:
    params = {
        "model": version.model,
        "version": version.number,
        "start": window.start,
        "end": window.end,
    }
    jobs.submit(database(), KIND, params, by=actor())
    readers.forget()


def _of(version: Version, window: Window) -> list[Job]:
    """The runs of this window, newest first."""
    asked = (version.model, version.number, window.start, window.end)
    return [
        job
        for job in jobs.recent(database(), KIND, limit=50)
        if tuple(job.params.get(name) for name in ("model", "version", "start", "end")) == asked
    ]
