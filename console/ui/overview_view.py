"""Overview, drawn: the verdict, the service, the demo, and a card for each model."""

from typing import Any

import streamlit as st

from backend.errors import Unavailable
from backend.records import requests
from console import jobs, overview
from console.overview import Glance, Verdict
from console.ui import alerts_data, navigation, readers
from console.ui import format as shown
from console.ui.boundary import guarded, plain
from console.ui.job_card import job_card
from console.ui.literal import quoted
from console.ui.resources import actor, client, database, store
from console.windows import Choice

REFRESH_SECONDS = 10
DRIFT_WORDS = {
    "drifted": ("drifted", "orange"),
    "moderate": ("moved moderately", "blue"),
    "stable": ("stable", "green"),
    "not_enough_rows": ("too few rows", "gray"),
}


@st.fragment(run_every=REFRESH_SECONDS)
@guarded
def live(choice: Choice) -> None:
    """The verdict, the service and each model; looks again every ten seconds."""
    glances = [_glance(model.name, choice) for model in readers.models()]
    _banner(overview.verdict(glances, choice))
    _open_alerts()
    _open_requests()
    _service()
    if not glances:
        _nothing_yet()
    for glance in glances:
        _card(glance)


def demo_job() -> None:
    """The job that loads, resets or removes the demo, while it runs or where it failed."""
    newest = jobs.recent(database(), "demo", limit=1)
    if newest and newest[0].state != "done":
        job_card(newest[0].id, "Demo data", "overview_demo")


def demo_menu() -> None:
    """A popover that resets or removes the demo's models, once that is agreed to."""
    busy = bool(jobs.active(database(), "demo"))
    names = [f"`{model.name}`" for model in readers.models() if model.demo]
    with st.popover("Demo data", icon=":material/science:", type="tertiary"):
        if not names:
            st.markdown("Two models on real data, with traffic, truth and drift.")
            _demo_button("Load the demo", "load", {}, busy)
            return
        st.markdown(
            f"The demo's models are {' and '.join(names)}. Resetting makes them anew; removing"
            " deletes them. Both delete their versions, log and feedback; other models stay."
        )
        agreed = st.checkbox("Yes, delete what they hold now", key="overview_demo_agreed")
        with st.container(horizontal=True):
            _demo_button("Reset demo data", "reset", {"reset": True}, busy or not agreed)
            _demo_button("Remove demo data", "remove", {"remove": True}, busy or not agreed)


def _demo_button(label: str, name: str, params: dict[str, Any], disabled: bool) -> None:
    st.button(
        label,
        key=f"overview_demo_{name}",
        disabled=disabled,
        on_click=_submit_demo,
        args=(params,),
    )


@guarded
def _submit_demo(params: dict[str, Any]) -> None:
    jobs.submit(database(), "demo", params, by=actor())
    st.session_state["overview_demo_agreed"] = False
    readers.forget()


def _glance(name: str, choice: Choice) -> Glance:
    return readers.cached(
        ("glance", name, choice),
        lambda: overview.glance(database(), name, choice, store()),
    )


def _banner(verdict: Verdict) -> None:
    icon, draw = {
        "review": (":material/error:", st.warning),
        "well": (":material/check_circle:", st.success),
        "unknown": (":material/hourglass_empty:", st.info),
        "nothing": (":material/hourglass_empty:", st.info),
    }[verdict.standing]
    draw(plain(verdict.sentence), icon=icon)


def _open_alerts() -> None:
    said = alerts_data.open_sentence()
    if said is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("Alerts", color="orange", icon=":material/notifications_active:")
        st.markdown(plain(said), width="content")
        navigation.link("alerts", "See them")


def _open_requests() -> None:
    for request in requests.open_requests(database()):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge("Promotion", color="blue", icon=":material/how_to_vote:")
            said = f"Version {request.number} of {quoted(request.model)} waits for a decision."
            st.markdown(said, width="content")
            navigation.link("promote", "Decide", {"model": request.model})


def _service() -> None:
    state, colour, sentence = _service_state()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(f"Prediction service: {state}", color=colour, icon=":material/dns:")  # type: ignore[arg-type]  # one of ours
        st.caption(sentence, width="content")


@st.cache_data(ttl=3, max_entries=1, show_spinner=False)
def _service_state() -> tuple[str, str, str]:
    """A word, a colour and a sentence on whether requests are answered now."""
    try:
        client().health()
    except Unavailable as error:
        return "not reachable", "red", plain(error.detail)
    try:
        client().ready()
    except Unavailable as error:
        return "not ready", "orange", plain(error.detail)
    return "answering", "green", f"`{client().url}`"


def _nothing_yet() -> None:
    with st.container(border=True):
        st.markdown("**No model yet**")
        st.markdown(
            "Train a version on a built-in data set or on your own table, register it and promote"
            " it; or load the demo from the menu above and look around first."
        )
        navigation.link("train", "Train a version")


def _card(glance: Glance) -> None:
    name = glance.model.name
    with st.container(border=True, key=f"overview_card_{name}"):
        _headline(glance)
        columns = st.columns([4, 2, 2, 2, 2])
        columns[0].metric(
            "Requests",
            shown.number(glance.requests),
            f"{shown.day(glance.window.start)} – {shown.day(glance.window.end)}",
            delta_arrow="off",
            chart_data=glance.traffic["count"].tolist(),
            chart_type="bar",
            delta_color="blue",
            help=f"{shown.when(glance.window.start)} – {shown.when(glance.window.end)}",
        )
        with columns[1]:
            _figure(
                "Median time",
                _ms(glance.p50_ms),
                f"95 % within {_ms(glance.p95_ms)}"
                if glance.p95_ms is not None
                else "no live ones",
                help="Of live answers; a replay has no times.",
            )
        with columns[2]:
            _figure(
                "Refused",
                shown.percent(glance.refused_share),
                f"{glance.refused:,} refused, {glance.failed:,} failed",
            )
        with columns[3]:
            _figure(
                "Truth known",
                shown.percent(glance.known_share, 0),
                f"of {shown.count(glance.answered, 'answer')}",
            )
        with columns[4]:
            _drift(glance)


def _headline(glance: Glance) -> None:
    model = glance.model
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"#### {plain(model.name)}", width="content")
        if model.champion is not None:
            st.badge(
                f"champion: version {model.champion}, {shown.words(glance.algorithm or '')}",
                color="blue",
            )
        else:
            st.badge("no champion", color="orange", icon=":material/warning:")
        if model.challenger is not None:
            st.badge(f"challenger: version {model.challenger}", color="gray")
        if model.demo:
            st.badge("demo", color="gray")
        st.space("stretch")
        query = {"model": model.name}
        if model.champion is None:
            navigation.link("promote", "Promote a version", query)
        navigation.link("predictions", query=query)
        navigation.link("drift", query=query)
        navigation.link("performance", query=query)
        navigation.link("what_if", query=query)


def _drift(glance: Glance) -> None:
    if glance.drift is None:
        _figure("Drifted inputs", shown.NONE, "no champion to compare")
        return
    word, colour = DRIFT_WORDS[glance.drift.status]
    _figure(
        "Drifted inputs",
        f"{glance.drift.n_drifted} of {glance.drift.n_features}"
        if glance.is_judged
        else shown.NONE,
        word,
        colour,
        help=plain(glance.drift.message),
    )


def _figure(
    label: str,
    value: str,
    below: str,
    colour: Any = "off",
    help: str | None = None,  # noqa: A002
) -> None:
    st.metric(label, value, below, delta_color=colour, delta_arrow="off", help=help)


def _ms(value: float | None) -> str:
    return shown.NONE if value is None else f"{shown.number(value, 2)} ms"
