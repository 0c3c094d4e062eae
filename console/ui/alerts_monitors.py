"""The monitors of a model, one below the other: what each asks, and what its last look found."""

from collections.abc import Sequence

import streamlit as st

from backend.records import channels, monitors
from backend.records.monitors import Monitor
from console.monitors import rules, setup
from console.ui import alerts_data as data
from console.ui import alerts_forms as forms
from console.ui.alerts_actions import ask
from console.ui.format import count
from console.ui.job_card import Color
from console.ui.literal import named, quoted, sentence
from console.ui.resources import actor, database

PLACE = "monitors"
WIDTHS = [5, 5, 1.6]
STATUSES: dict[str, tuple[str, Color]] = {
    "new": ("no look yet", "gray"),
    "ok": ("calm", "green"),
    "firing": ("fires", "orange"),
    "no_data": ("too little data", "gray"),
    "broken": ("cannot look", "red"),
}


def section(model: str | None) -> None:
    """The monitors, and the ways to add, change, switch and remove them."""
    found = data.monitors_of(model)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Monitors", width="content")
        st.space("stretch")
        if model is not None and found:
            _suggest(model, "Add what is suggested", "tertiary")
            _add(model)
    if model is None:
        _overview(found)
    elif found:
        with st.container(key="alerts_monitors", gap="xsmall"):
            for monitor in found:
                _row(monitor)
    else:
        _nothing_yet(model)


def _nothing_yet(model: str) -> None:
    with st.container(border=True):
        st.markdown(f"**Nobody watches {quoted(model)} yet**")
        st.markdown(
            "A monitor holds its live traffic against a rule every few minutes, and opens an alert"
            " when the rule is broken. Those that are suggested:"
        )
        suggestions = setup.suggested(database(), model)
        for one in suggestions:
            rule = rules.in_words(one.kind, one.rule)
            st.markdown(f"- **{named(one.name)}**: {sentence(rule)} :gray[{sentence(one.why)}]")
        with st.container(horizontal=True):
            _suggest(model, "Set up suggested monitors", "primary")
            _add(model)


def _suggest(model: str, label: str, type: str) -> None:  # noqa: A002  # Streamlit's own word
    st.button(
        label,
        key=f"alerts_suggest_{model}",
        type=type,  # type: ignore[arg-type]  # one of Streamlit's
        icon=":material/auto_awesome:",
        on_click=ask,
        args=(PLACE, suggest, model),
    )


def _add(model: str) -> None:
    st.button(
        "Add a monitor …",
        key="alerts_add",
        icon=":material/add:",
        on_click=forms.open_monitor,
        args=(model, None),
    )


def _overview(found: Sequence[Monitor]) -> None:
    """All models at once: how many monitors each has; they are changed model by model."""
    for name in data.model_names():
        mine = [monitor for monitor in found if monitor.model == name]
        on = [monitor for monitor in mine if monitor.enabled]
        fires = sum(monitor.status == "firing" for monitor in on)
        with st.container(horizontal=True, vertical_alignment="center", key=f"alerts_of_{name}"):
            st.markdown(f"**{named(name)}**", width="content")
            said = f"{count(len(mine), 'monitor')}, {len(on)} on" if mine else "no monitor"
            st.caption(said, width="content")
            if fires:
                st.badge(f"{fires} fire" if fires > 1 else "1 fires", color="orange")
            st.space("stretch")
            label = "Look at them" if mine else "Set some up"
            st.button(label, key=f"alerts_go_{name}", type="tertiary", on_click=data.choose_model,
                      args=(name,), icon=":material/arrow_forward:")  # fmt: skip


def _row(monitor: Monitor) -> None:
    word, colour = STATUSES.get(monitor.status, (monitor.status, "gray"))
    if not monitor.enabled:
        word, colour = "off", "gray"
    with st.container(border=True, key=f"alerts_monitor_{monitor.id}"):
        rule, look, buttons = st.columns(WIDTHS, vertical_alignment="center", gap="medium")
        with rule.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{named(monitor.name)}**", width="content")
            st.badge(word, color=colour)
        words = rules.in_words(monitor.kind, monitor.rule)
        rule.caption(f"{sentence(words)} {_told(monitor)}")
        if monitor.checked_at is None:
            look.caption("It has not looked yet.")
        else:
            looked = f":gray[Looked {data.ago(monitor.checked_at)} ago.]"
            look.markdown(f":small[{sentence(monitor.message)} {looked}]")
        with buttons.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"
        ):
            _buttons(monitor)


def _told(monitor: Monitor) -> str:
    if not monitor.channels:
        return "Tells nobody."
    return f"Tells {', '.join(map(quoted, monitor.channels))}."


def _buttons(monitor: Monitor) -> None:
    st.toggle(
        "On",
        value=monitor.enabled,
        key=f"alerts_on_{monitor.id}_{monitor.turn}",
        label_visibility="collapsed",
        on_change=ask,
        args=(PLACE, switch, monitor.id, not monitor.enabled),
    )
    st.button(
        "",
        key=f"alerts_change_{monitor.id}",
        icon=":material/edit:",
        type="tertiary",
        help=f"Change “{named(monitor.name)}”",
        on_click=forms.open_monitor,
        args=(monitor.model, monitor.id),
    )
    with st.popover(
        "",
        icon=":material/delete:",
        type="tertiary",
        key=f"alerts_remove_{monitor.id}",
        help=f"Remove “{named(monitor.name)}”",
    ):
        st.markdown("With it go its alerts and their history.")
        st.button(
            "Remove it",
            key=f"alerts_remove_do_{monitor.id}",
            type="primary",
            on_click=ask,
            args=(PLACE, remove, monitor.id),
        )


def suggest(model: str) -> str:
    """Set up the monitors that are suggested; every channel is told.

    Raises:
        NotFound: there is no such model.
    """
    told = [channel.name for channel in channels.all(database())]
    added = setup.set_up(database(), model, actor=actor(), channels=told)
    if not added:
        return f"Every monitor that is suggested for `{model}` is there already."
    names = ", ".join(f"“{monitor.name}”" for monitor in added)
    tell = f" They tell {', '.join(map(quoted, told))}." if told else ""
    return f"{count(len(added), 'monitor')} set up for `{model}`: {names}.{tell}"


def switch(monitor_id: int, on: bool) -> str:
    """Switch a monitor on or off.

    Raises:
        NotFound: it is gone.
    """
    found = setup.change_monitor(database(), monitor_id, actor=actor(), enabled=on)
    return f"“{found.name}” is {'on' if found.enabled else 'off'}."


def remove(monitor_id: int) -> str:
    """Remove a monitor with its alerts.

    Raises:
        NotFound: it is gone already.
    """
    found = monitors.get(database(), monitor_id)
    monitors.remove(database(), monitor_id, actor=actor())
    return f"“{found.name}” of `{found.model}` is removed."
