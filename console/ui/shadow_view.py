"""The shadow, drawn: its switch, what the challenger would have answered, and who was right."""

from typing import Any

import streamlit as st

from backend.records import registry, shadows
from backend.records.predictions import Window
from backend.records.registry import Model
from console.comparison import shadow
from console.comparison.shadow import Shadowed
from console.ui import navigation, readers
from console.ui.boundary import guarded
from console.ui.format import count, number, percent
from console.ui.guards import empty_state
from console.ui.pickers import pick_window
from console.ui.resources import actor, database
from console.ui.tables import frame_table

EVER = Window(0, 2**62)
SIDES = {
    "both": "both are right",
    "champion": "only the champion is right",
    "challenger": "only the challenger is right",
    "neither": "neither is right",
}
NEARER = {
    "both": "both are as near",
    "champion": "the champion is nearer",
    "challenger": "the challenger is nearer",
}


def switch(model: str) -> Model:
    """The switch of a model's shadow, and what it does or waits for; returns the model."""
    found = registry.model(database(), model)
    key = f"compare_shadow_{model}"
    st.session_state[key] = found.shadow  # as the database has it, whoever switched it
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(
            "Score the same requests with the challenger",
            key=key,
            on_change=_switch,
            args=(model, key),
            help="Off the answering path: callers see the champion's answers only, and overload"
            " drops this work first.",
        )
        st.caption(shadow.said(found))
        if found.shadow and found.challenger in (None, found.champion):
            navigation.link("promote", "Name a challenger", {"model": model})
    return found


@guarded
def _switch(model: str, key: str) -> None:
    shadows.switch(database(), model, bool(st.session_state[key]), actor=actor())
    readers.forget()


def read(model: Model) -> Shadowed | None:
    """The window picker and the shadow answers in it; says why where there are none."""
    if shadows.newest_version(database(), model.name, EVER) is None:
        _none_yet(model)
        return None
    window = pick_window("compare_window", model.name)
    found = readers.cached(
        ("shadow", model, window), lambda: shadow.read(database(), model, window)
    )
    if found is None:
        whose = f"version {model.challenger} has" if model.challenger else "there are"
        st.caption(f"In this window {whose} no shadow answers. Choose a longer one.")
    return found


def figures(found: Shadowed) -> None:
    """How many rows, how often the label is the same, how far scores or values are apart."""
    unit, gap = found.unit, found.difference
    with st.container(horizontal=True):
        st.metric("Shadow answers", f"{found.stored:,}", border=True)
        if found.agreement is not None:
            st.metric("Same label", percent(found.agreement.share), border=True)
        if gap is not None:
            st.metric(f"Mean difference of the {unit}", number(gap["mean_size"], 3), border=True)
            st.metric("Largest difference", number(gap["largest"], 3), border=True)
        errors = int(found.errors["n"].sum())
        st.metric("Not answered", f"{errors:,}", border=True)
    st.caption(" ".join(_about(found)))
    if errors:
        frame_table(
            found.errors.head(5),
            {
                "n": st.column_config.NumberColumn("Rows", width="small", format="localized"),
                "error": st.column_config.TextColumn("Why the challenger has no answer"),
            },
            key="compare_shadow_errors",
        )


def details(found: Shadowed) -> None:
    """Which labels would change, and who was right where the ground truth is known."""
    places = iter(st.columns([6, 5], gap="large"))
    if found.agreement is not None:
        with next(places):
            _moves(found)
    with next(places):
        _truth(found)


def rows(found: Shadowed) -> None:
    """The rows behind the figures: those with another label, or furthest apart."""
    if found.frame.empty:
        return
    regression = found.unit == "value"
    title = "Largest differences" if regression else "Answered otherwise, newest first"
    st.markdown(f"##### {title}")
    answer: Any = str
    if regression:
        answer = lambda title: st.column_config.NumberColumn(title, format="%.4g")  # noqa: E731
    columns = {
        "at": "Time",
        "champion": answer("Champion"),
        "challenger": answer(f"Version {found.version}"),
        "difference": st.column_config.NumberColumn(
            f"Difference of the {found.unit}", format="%+.3g"
        ),
        "truth": answer("Ground truth"),
        "prediction_id": "Prediction",
    }
    frame_table(found.frame, columns, key="compare_shadow_rows")


def _moves(found: Shadowed) -> None:
    """From which label to which the answers would move."""
    st.markdown("##### Labels that would change")
    if found.moves.empty:
        st.caption(f"The same label to all {count(found.n, 'row')}.")
        return
    integer = st.column_config.NumberColumn
    frame_table(
        found.moves,
        {
            "champion": "Champion",
            "challenger": f"Version {found.version}",
            "n": integer("Rows", format="localized"),
            "champion_right": integer("Champion right", format="localized"),
            "challenger_right": integer(f"Version {found.version} right", format="localized"),
        },
        key="compare_shadow_moves",
    )
    st.caption("Right, of the rows whose ground truth is known.")


def _truth(found: Shadowed) -> None:
    """Who was right where the ground truth is known."""
    st.markdown("##### Where the truth is known")
    if not found.known:
        st.caption("No ground truth has come back for these rows yet: see `POST /feedback`.")
        return
    words = SIDES if found.errors_of_value is None else NEARER
    shown = found.truth[found.truth["right"].isin(words)]
    frame_table(
        shown.assign(right=shown["right"].map(words)),
        {"right": "Outcome", "n": st.column_config.NumberColumn("Rows", format="localized")},
        key="compare_shadow_truth",
    )
    text = f"{count(found.known, 'row')} with ground truth."
    if found.errors_of_value is not None:
        ours, theirs = found.errors_of_value
        text += (
            f" The mean absolute error is {number(ours)} for the champion and {number(theirs)} for"
            f" version {found.version}."
        )
    st.caption(text)


def _none_yet(model: Model) -> None:
    if not model.shadow:
        empty_state(
            "Nothing was scored in the shadow yet",
            "Switched on, the challenger scores the requests that the champion answers, and its"
            " answers stand here beside the champion's.",
        )
    else:
        empty_state(
            "No shadow answers yet",
            "They stand here seconds after the next requests, once there is a challenger that is"
            " not the champion.",
        )


def _about(found: Shadowed) -> list[str]:
    said = [f"{count(found.n, 'row')} of version {found.version} beside the champion's."]
    if found.n < found.stored - int(found.errors["n"].sum()):
        said = [
            f"The newest {count(found.n, 'row')} of version {found.version} beside the champion's."
        ]
    interval = found.agreement
    if interval is not None:
        said.append(
            f"The share with the same label lies between {percent(interval.low)} and"
            f" {percent(interval.high)} (95 %, Wilson)."
        )
    if found.difference is not None:
        higher = "higher" if found.difference["mean"] > 0 else "lower"
        said.append(
            f"Its {found.unit}s are {number(abs(found.difference['mean']), 3)} {higher} on average."
        )
    said.append(
        "Rows that overload dropped are counted in `watchdesk_shadow_dropped_rows_total` of the"
        " service's `/metrics`."
    )
    return said
