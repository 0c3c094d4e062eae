"""The shadow, drawn: its switch, and what the challenger answered beside the champion."""

import streamlit as st

from backend.records import registry, shadows
from backend.records.predictions import Window
from backend.records.registry import Model, Version
from console import rescoring
from console.comparison import shadow
from console.rescoring import Rescoring
from console.ui import navigation, readers, rescoring_parts
from console.ui.boundary import guarded
from console.ui.guards import empty_state
from console.ui.resources import actor, database, store

EVER = Window(0, 2**62)


def section(b: Version, window: Window) -> None:
    """The switch, and the stored answers of a window: of version b, else of who scored last."""
    model = _switched(b.model)
    newest = shadows.newest_version(database(), b.model, EVER)
    if newest is None:
        _none_yet(model)
        return
    found = _found(model.name, window, b.number)
    other = b.number
    if found is None:
        other = model.challenger or newest
        found = _found(model.name, window, other)
    if found is None:
        st.caption(f"In this window version {other} has no shadow answers. Choose a longer one.")
        return
    if found.version != b.number:
        st.caption(
            f"Version {b.number} has no shadow answers in this window; these are of version"
            f" {found.version}."
        )
    rescoring_parts.show(found, key="compare_shadow", made=_ABOUT)


_ABOUT = (
    "Beside the champion's, as they were stored when the requests came, errors and all. Rows that"
    " overload dropped are counted in `watchdesk_shadow_dropped_rows_total` of the service's"
    " `/metrics`."
)


def _switched(model: str) -> Model:
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


def _found(model: str, window: Window, version: int | None) -> Rescoring | None:
    key = ("shadow", model, version, window.start, window.end)
    return readers.cached(
        key,
        lambda: rescoring.of_shadow(database(), model, window, version=version, store=store()),
    )


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
