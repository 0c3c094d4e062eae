"""Evidently's reports: made by a job, shown in a frame that can reach nothing else."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console import jobs
from console.drift.columns import LEAST_VALUES
from console.jobs import Job
from console.ui import links
from console.ui.boundary import plain
from console.ui.format import count, when
from console.ui.job_card import job_card
from console.ui.resources import actor, database

KIND = "evidently"
NONE = "none"
MOST_NAMES = 8


def section(version: Version, window: Window, *, n_current: int) -> None:
    """Make the reports of a window of `n_current` predictions, follow the job, read this model's.

    Rows that are too few for a verdict may still be reported: the reader is told so above.
    """
    enough = n_current >= LEAST_VALUES
    st.subheader("Full Evidently report")
    made = [job for job in jobs.recent(database(), KIND, limit=100) if _is_of(job, version)]
    active = [job for job in made if job.is_active]
    st.markdown(
        "Evidently's own tests and charts as documents to keep or to pass on: the drift of every"
        " input, a summary of the data and, where truth is known, the quality of the answers. A job"
        " makes them from a random sample; it takes from a few seconds to a minute. Evidently's"
        " tests are not corrected for their number, so its verdicts may differ from those above."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Make the full Evidently report",
            key="drift_evidently",
            icon=":material/lab_profile:",
            disabled=bool(active) or not enough,
            help=None if enough else f"The window needs at least {LEAST_VALUES} predictions.",
        )
    if pressed:
        job_id = _submit(version, window)
        links.put("report", str(job_id))
        links.put("part", None)
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
    for job in done:
        if str(job.id) == chosen:
            _show(job, titles[chosen])


def _show(job: Job, title: str) -> None:
    """One document of a report, chosen here (`?part=`), and what was left out of it."""
    result: Mapping[str, Any] = job.result or {}
    parts = {part["file"]: part for part in result.get("parts") or [_only_part(result)]}
    names = {file: part["title"] for file, part in parts.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        file = links.choose(
            "Document", list(parts), f"drift_part_{job.id}", "part", titles=names, width=280
        )
        address = f"/reports/{job.id}/{file}"
        st.link_button("Download", f"{address}?download=1", icon=":material/download:")
    st.caption(_about(result, parts[file]))
    _left_out(result)
    st.iframe(address, height=900, alt=f"Evidently's report, {names[file]}: {title}")


def _only_part(result: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a report that was made when there was but one."""
    rows = f"{count(result['n_current'], 'prediction')}, against"
    rows = f"From {rows} {count(result['n_reference'], 'reference row')}."
    return {"title": "Drift", "file": result["file"], "rows": rows}


def _about(result: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    """From which rows it was made and, of the drift report, what Evidently says in a sentence."""
    said = str(part["rows"])
    if part["file"] == "drift.html":
        drifted = result["drifted"]
        columns = count(result["n_columns"], "column")
        named = f": {_names(drifted)}" if drifted else ""
        said += f" Evidently calls {len(drifted)} of {columns} drifted{named}."
    return plain(said)


def _left_out(result: Mapping[str, Any]) -> None:
    for title, reason in result.get("left_out", {}).items():
        st.caption(plain(f"**{title}** was not made. {reason}"))
    odd = [*result["dropped"].items(), *result.get("pooled", {}).items()]
    if odd:
        label = f"{count(len(odd), 'column')} left out or shortened"
        with st.expander(label, key="drift_left_out"):
            st.dataframe(
                [{"Column": name, "Why": reason} for name, reason in odd],
                hide_index=True,
                key="drift_left_out_table",
            )


def _names(columns: list[str]) -> str:
    """The first few, in backticks, which keep what callers wrote from being read as Markdown."""
    head = ", ".join(f"`{name.replace('`', '´')}`" for name in columns[:MOST_NAMES])
    rest = len(columns) - MOST_NAMES
    return f"{head} and {rest} more" if rest > 0 else head


def _title(job: Job) -> str:
    start, end = job.params.get("start"), job.params.get("end")
    return (
        f"Version {job.params['version']} · {when(start)} – {when(end)} · made"
        f" {when(job.ended_at)} by {job.submitted_by}"
    )


def _is_of(job: Job, version: Version) -> bool:
    return bool(job.params.get("model") == version.model)
