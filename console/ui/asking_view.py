"""Asking for a promotion on the evidence above: the form, the job that freezes it, the outcome."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from backend.records import policies, requests
from backend.records.policies import Policy
from backend.records.request_rows import check_said
from backend.records.requests import Request, Waiver
from console import jobs
from console.jobs import Job
from console.promotion import Standing
from console.ui import gates_data, links, moves, people
from console.ui.boundary import guarded, plain
from console.ui.gates_data import Judged
from console.ui.job_card import job_card
from console.ui.resources import database

KIND = "dossier"
PARAM = "job"
_NOTED = "_promote_job"


def follow(model: str) -> bool:
    """The jobs that freeze a dossier, and what became of the one in the address.

    Returns:
        Whether one is still at it.
    """
    _submit_noted()
    mine = [j for j in jobs.recent(database(), KIND, limit=50) if j.params.get("model") == model]
    asked = st.query_params.get(PARAM)
    for job in mine:
        if job.is_active or (str(job.id) == asked and job.state != "done"):
            what = "Dossier for" if job.params.get("preview") else "Asking for"
            job_card(job.id, f"{what} version {job.params['version']}", "promote_job")
        elif str(job.id) == asked:
            _outcome(job)
    return any(job.is_active for job in mine)


def form(standing: Standing, one: Judged) -> None:
    """Who asks, and why; closed while a gate stands in the way, or a request waits already."""
    asked = _asked_already(one)
    if asked is not None:
        st.info(
            f"Request {asked} asks for version {one.version.number} already; it waits above for a"
            " decision.",
            icon=":material/hourglass_top:",
        )
        return
    policy = policies.of(database(), standing.model.name)
    given = gates_data.waivers(one)
    failing = [gate for gate in one.gates if gate.status == "fail" and gate.name not in given]
    number = one.version.number
    st.markdown(f"##### Ask that version {number} answers")
    st.caption(_what_follows(policy, given, standing.model.champion))
    with st.form(f"promote_ask_{one.name}", border=True):
        left, right = st.columns([2, 5])
        with left:
            people.name_field(f"promote_ask_name_{one.name}")
        with right:
            st.text_input(
                "Reason",
                key=f"promote_ask_reason_{one.name}",
                max_chars=2_000,
                placeholder="A sentence for those who decide, and for those who read it later",
            )
        if not policy.approval:
            st.checkbox(
                "Leave it open for somebody else to approve", key=f"promote_ask_wait_{one.name}"
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            label = "Ask for approval" if policy.approval else f"Promote version {number}"
            arguments = (one, tuple(given.values()))
            st.form_submit_button(
                f"{label} on this evidence",
                type="primary",
                key="promote_ask",
                icon=":material/ac_unit:",
                disabled=bool(failing),
                on_click=_note,
                args=(*arguments, False),
            )
            st.form_submit_button(
                "Only make the dossier",
                key="promote_preview",
                type="tertiary",
                help="To read it first; nothing is asked for.",
                on_click=_note,
                args=(*arguments, True),
            )
            if failing:
                st.caption(_stands(len(failing)), width="content")


def at_once(standing: Standing, number: int, one: Judged) -> None:
    """The way past the dossier, where the model's policy leaves it open and no gate fails."""
    if any(gate.status == "fail" for gate in one.gates):
        return
    with database().read() as connection:
        if policies.needs_request(connection, standing.model.name):
            return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Promote version {number} without a dossier …", key="promote_open"):
            moves.confirm(standing, "promote", number)
        st.caption(
            "Nothing asks for gates or an approval for this model; the rules below can.",
            width="content",
        )


def _asked_already(one: Judged) -> int | None:
    """The open request that asks for a candidate."""
    found = requests.of_model(database(), one.version.model, state="open")
    return next((r.id for r in found if r.number == one.version.number), None)


def _what_follows(policy: Policy, given: Mapping[str, Waiver], champion: int | None) -> str:
    """What pressing the button does, in a sentence or two."""
    waived = " with its waivers" if given else ""
    end = "Then the champion moves in one transaction, and rolls back with one button."
    if policy.approval:
        end = "Then another person must approve it."
    elif champion is None:
        end = "Then it answers, as the first champion."
    return (
        "The gates are judged once more, and everything above is frozen as a dossier under its"
        f" hash{waived}. {end}"
    )


def _stands(n: int) -> str:
    who = "A gate fails and is" if n == 1 else f"{n} gates fail and are"
    return f"{who} not waived."


def _note(one: Judged, given: tuple[Waiver, ...], preview: bool) -> None:
    by = people.named(f"promote_ask_name_{one.name}")
    reason = str(st.session_state.get(f"promote_ask_reason_{one.name}") or "").strip()
    params = {
        "model": one.version.model,
        "version": one.version.number,
        "reason": reason,
        "seen": one.champion,
        "waivers": [{k: v for k, v in asdict(w).items() if k != "at"} for w in given],
        "wait": bool(st.session_state.get(f"promote_ask_wait_{one.name}")),
        "preview": preview,
    }
    st.session_state[_NOTED] = (by, params)


@guarded
def _submit_noted() -> None:
    """Queue what was asked for in the last run: errors are sentences here."""
    noted: tuple[str, dict[str, Any]] | None = st.session_state.pop(_NOTED, None)
    if noted is None:
        return
    by, params = noted
    if not params["preview"]:
        check_said(by, params["reason"], "asks")
    links.put(PARAM, str(jobs.submit(database(), KIND, params, by=by)))


def _outcome(job: Job) -> None:
    """What a job that is done came to; of a request, what became of it by now."""
    result, number = job.result or {}, job.params["version"]
    if result.get("state") == "blocked":
        st.error(plain(str(result["message"])), icon=":material/block:")
    elif result.get("state") == "preview":
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"The dossier of version {number} is made; nothing is asked for.")
            st.link_button(
                "Open it", f"/reports/{job.id}/dossier.html", icon=":material/description:"
            )
    elif result.get("request"):
        _asked_for(requests.get(database(), int(result["request"])))


def _asked_for(request: Request) -> None:
    """How a request stands that was made here."""
    name, number = f"Request {request.id}", request.number
    if request.is_open:
        st.success(
            f"{name} is open: version {number} waits for a decision, above.",
            icon=":material/hourglass_top:",
        )
    elif request.state == "made":
        st.success(
            f"{name} is made: version {number} was promoted. Its dossier is in the history below.",
            icon=":material/check_circle:",
        )
    else:
        st.info(f"{name} was {request.state}.", icon=":material/info:")
