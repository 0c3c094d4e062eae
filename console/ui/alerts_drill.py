"""The fire drill: started here, followed, and read as a table of faults against monitors."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from console import jobs
from console.charts import alerts as charts
from console.jobs import Job
from console.monitors import drilled
from console.ui.alerts_actions import ask
from console.ui.drawing import Drawing, draw
from console.ui.format import count, when
from console.ui.job_card import job_card
from console.ui.literal import named, sentence
from console.ui.resources import actor, database, palette
from console.ui.tables import download_csv

KIND = "drill"
PLACE = "drill"


def section(model: str | None) -> None:
    """A button that holds one, the drill while it lasts, and what the newest found."""
    st.subheader("Fire drill")
    st.markdown(
        "Would anybody notice? A drill puts faults into a copy of the log, one at a time, and lets"
        " the monitors look at it. Nobody is told, and the log itself is not touched."
    )
    if model is None:
        st.caption("Choose a model above to hold one.")
        return
    made = [job for job in jobs.recent(database(), KIND, limit=50) if _is_of(job, model)]
    newest = made[0] if made else None
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        calm = st.toggle(
            "Calm traffic",
            key="alerts_drill_calm",
            help="With rows that the version was tried on in place of those of the log, for a model"
            " that has drifted already: a monitor that fires anyway can notice nothing more.",
        )
        st.button(
            "Hold a fire drill",
            key="alerts_drill",
            icon=":material/local_fire_department:",
            disabled=newest is not None and newest.is_active,
            on_click=ask,
            args=(PLACE, hold, model, calm),
        )
    if newest is not None and newest.state != "done":
        job_card(newest.id, f"Fire drill of {model}", key="alerts_drill_job")
    done = next((job for job in made if job.state == "done"), None)
    if done is not None and done.result is not None:
        _result(done, done.result)


def _result(job: Job, result: Mapping[str, Any]) -> None:
    """What it showed: a few sentences and the matrix."""
    message = str(result["message"])
    st.markdown(sentence(message))
    frame = drilled.matrix(result)
    draw(
        ("drill", job.id),
        lambda: Drawing(charts.matrix(frame, palette())),
        key=f"alerts_drill_matrix_{job.id}",
        alt=message,
    )
    looks = count(int(result["quiet"]["looks"]), "look")
    rows = "calm traffic" if result["calm"] else "traffic as in the log"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Held on {when(job.ended_at)} by {named(job.submitted_by)} for version"
            f" {result['version']}, with {rows}; {looks} without a fault.",
            width="content",
        )
        st.space("stretch")
        download_csv("CSV", frame, "fire_drill.csv", key="alerts_drill_csv")


def hold(model: str, calm: bool) -> str:
    """Queue a drill."""
    jobs.submit(database(), KIND, {"model": model, "calm": calm}, by=actor())
    return f"A fire drill of `{model}` begins."


def _is_of(job: Job, model: str) -> bool:
    return job.params.get("model") == model
