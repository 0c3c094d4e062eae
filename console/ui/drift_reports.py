"""Evidently's full report: made by a job, shown in a frame that can reach nothing else."""

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console import jobs
from console.jobs import Job
from console.ui import links
from console.ui.format import when
from console.ui.job_card import job_card
from console.ui.resources import actor, database

KIND = "evidently"
FILE = "report.html"
NONE = "none"


def section(version: Version, window: Window, *, enough: bool) -> None:
    """Make a report of the window, watch it being made, and read this model's reports."""
    st.subheader("Full Evidently report")
    made = [job for job in jobs.recent(database(), KIND, limit=100) if _is_of(job, version)]
    active = [job for job in made if job.is_active]
    st.markdown(
        "Evidently's own tests and charts for every feature, as one document to keep or to pass"
        " on. A job makes it; it takes a few seconds to a minute. Its tests are not corrected for"
        " their number, so its verdicts may differ from those above."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Make the full Evidently report",
            key="drift_evidently",
            icon=":material/lab_profile:",
            disabled=bool(active) or not enough,
            help=None if enough else "There are not enough rows in this window.",
        )
    if pressed:
        job_id = _submit(version, window)
        links.put("report", str(job_id))
        st.rerun()
    for job in active:
        job_card(job.id, f"Evidently report of version {job.params['version']}", key="drift_job")
    _failed(made)
    # The list below would take the address from a report that is still being made.
    if st.query_params.get("report") not in {str(job.id) for job in active}:
        _read([job for job in made if job.state == "done"])


def _submit(version: Version, window: Window) -> int:
    params = {
        "model": version.model,
        "version": version.number,
        "start": window.start,
        "end": window.end,
    }
    return jobs.submit(database(), KIND, params, by=actor())


def _failed(made: list[Job]) -> None:
    """The job that the address names, if it did not come to a report."""
    for job in made:
        asked = str(job.id) == st.query_params.get("report")
        if asked and not job.is_active and job.state != "done":
            job_card(job.id, "Evidently report", key="drift_job")


def _read(done: list[Job]) -> None:
    if not done:
        st.caption("No report of this model has been made yet.")
        return
    titles = {NONE: "None"} | {str(job.id): _title(job) for job in done}
    chosen = links.choose(
        "Reports of this model", list(titles), "drift_report", "report", titles=titles
    )
    if chosen == NONE:
        return
    address = f"/reports/{chosen}/{FILE}"
    st.link_button("Download", f"{address}?download=1", icon=":material/download:")
    st.iframe(address, height=900, alt=f"Evidently's report: {titles[chosen]}")


def _title(job: Job) -> str:
    start, end = job.params.get("start"), job.params.get("end")
    return (
        f"Version {job.params['version']} · {when(start)} – {when(end)} · made"
        f" {when(job.ended_at)} by {job.submitted_by}"
    )


def _is_of(job: Job, version: Version) -> bool:
    return bool(job.params.get("model") == version.model)
