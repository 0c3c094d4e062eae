"""The forms of a monitor and of a channel, made from the table of kinds and their fields.

Which dialog is open is part of the session's state, so that it stays while the page is drawn
again. What cannot be used is said inside the dialog, which stays open with what was filled in.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from backend.records import channels, monitors
from backend.records.monitors import Monitor
from console.monitors import rules, setup
from console.monitors.fields import Field
from console.monitors.rules import Kind
from console.ui import alerts_actions as actions
from console.ui import readers
from console.ui.boundary import guarded
from console.ui.literal import quoted
from console.ui.resources import actor, database

_OPEN = "_alerts_dialog"
COMMON = ("every_minutes", "after_looks", "calm_looks", "source")
KINDS_OF_CHANNEL = {"webhook": "Webhook (Slack and what understands it)", "email": "E-mail"}
ASKS = {
    "webhook": ("URL", "https://hooks.slack.com/services/…"),
    "email": ("Addresses", "ana@example.org, team@example.org"),
}


def open_monitor(model: str, monitor_id: int | None) -> None:
    """Open the dialog that adds a monitor, or changes one; for callbacks of buttons."""
    st.session_state[_OPEN] = ("monitor", model, monitor_id)


def open_channel() -> None:
    """Open the dialog that adds a channel; for callbacks of buttons."""
    st.session_state[_OPEN] = ("channel", "", None)


def dialog() -> None:
    """Draw the dialog that is open, if one is."""
    asked = st.session_state.get(_OPEN)
    if asked is None:
        return
    what, model, monitor_id = asked
    if what == "channel":
        st.dialog("Add a channel", icon=":material/send:", on_dismiss=_close)(guarded(_channel))()
        return
    title = "Add a monitor" if monitor_id is None else "Change a monitor"
    icon = ":material/notifications:"
    st.dialog(title, icon=icon, width="medium", on_dismiss=_close)(guarded(_monitor))(
        model, monitor_id
    )


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _monitor(model: str, monitor_id: int | None) -> None:
    monitor = None if monitor_id is None else monitors.get(database(), monitor_id)
    kind = _pick_kind() if monitor is None else rules.kind_of(monitor.kind)
    before = {} if monitor is None else monitor.rule
    key = f"alerts_form_{kind.name}_{'new' if monitor is None else monitor.id}"
    st.caption(kind.question)
    features = _features(model)
    own = [one for one in kind.fields if one.name not in COMMON]
    common = [one for one in kind.fields if one.name in COMMON]
    with st.form(key, border=False):
        name = st.text_input("Name", monitor.name if monitor else kind.title, key=f"{key}_name")
        rule = _fields(own, before, features, key)
        with st.expander("How often it looks, and when it fires"):
            rule |= _fields(common, before, features, key)
        told = _pick_channels(monitor, key)
        label = "Add" if monitor is None else "Change"
        pressed = st.form_submit_button(label, type="primary", key="alerts_form_done")
    if pressed:
        _keep_monitor(model, kind, monitor, name=str(name or ""), rule=rule, told=told)


def _keep_monitor(
    model: str, kind: Kind, monitor: Monitor | None, *, name: str, rule: Any, told: list[str]
) -> None:
    what = {"name": name, "rule": rule, "channels": told, "actor": actor()}
    if monitor is None:
        made = setup.add_monitor(database(), model, kind.name, **what)
    else:
        made = setup.change_monitor(database(), monitor.id, **what)
    words = rules.in_words(made.kind, made.rule)
    done = "is added" if monitor is None else "is changed"
    _done("monitors", f"“{made.name}” {done}. It fires when: {words}")


def _pick_kind() -> Kind:
    names = list(rules.KINDS)
    chosen = st.selectbox(
        "What to watch",
        names,
        key="alerts_form_kind",
        format_func=lambda name: rules.KINDS[name].title,
    )
    return rules.kind_of(str(chosen))


def _pick_channels(monitor: Monitor | None, key: str) -> list[str]:
    names = [channel.name for channel in channels.all(database())]
    if not names:
        st.caption("There is no channel yet: its alerts will show here and on Overview alone.")
        return []
    before = names if monitor is None else [n for n in monitor.channels if n in names]
    return list(st.multiselect("Tells", names, before, key=f"{key}_channels"))


def _features(model: str) -> list[str]:
    """The inputs of the champion, else of the newest version."""
    found = readers.versions(model)
    chosen = next((version for version in found if "champion" in version.aliases), None)
    version = chosen or (found[0] if found else None)
    return [] if version is None else list(readers.signature(version).names)


def _fields(
    fields: Sequence[Field], before: dict[str, Any], features: list[str], key: str
) -> dict[str, Any]:
    """A widget for each field, two beside each other; returns what they hold."""
    columns = st.columns(2)
    found = {}
    for position, one in enumerate(fields):
        with columns[position % 2]:
            value = before.get(one.name, one.default)
            found[one.name] = _field(one, value, features, f"{key}_{one.name}")
    return found


def _field(one: Field, value: Any, features: list[str], key: str) -> Any:
    if one.kind == "choice":
        at = one.choices.index(value) if value in one.choices else 0
        return st.selectbox(one.title, one.choices, at, key=key, help=one.help or None)
    if one.kind == "feature":
        known = features if value is None or value in features else [value, *features]
        options = [None, *known]
        return st.selectbox(
            one.title,
            options,
            options.index(value),
            key=key,
            format_func=lambda name: "All of them" if name is None else str(name),
        )
    unit = f" ({one.unit})" if one.unit not in {"", "looks"} else ""
    is_whole = one.kind == "whole"
    return st.number_input(
        f"{one.title}{unit}",
        value=None if value is None else (int(value) if is_whole else float(value)),
        step=1 if is_whole else _step(one),
        format=None if is_whole else "%.6g",
        key=key,
        placeholder="not used",
        help=f"{one.help or ''} From {one.least:,.10g} to {one.most:,.10g}.".strip(),
    )


def _step(one: Field) -> float:
    return 0.01 if one.unit == "share" else 1.0


def _channel() -> None:
    kind = str(
        st.segmented_control(
            "Kind",
            list(KINDS_OF_CHANNEL),
            default="webhook",
            required=True,
            key="alerts_channel_kind",
            format_func=lambda name: KINDS_OF_CHANNEL[name],
        )
    )
    label, example = ASKS[kind]
    with st.form("alerts_channel_form", border=False):
        name = st.text_input("Name", key="alerts_channel_name", placeholder="ops", max_chars=60)
        address = st.text_input(label, key=f"alerts_channel_{kind}", placeholder=example)
        if kind == "webhook":
            st.caption("Who knows the URL can post there: it is kept, and shown as its host only.")
        pressed = st.form_submit_button("Add", type="primary", key="alerts_channel_done")
    if pressed:
        made = setup.add_channel(
            database(), str(name or ""), kind, str(address or ""), actor=actor()
        )
        _done(
            "channels", f"Channel {quoted(made.name)} is added. Test it, and name it in monitors."
        )


def _done(place: str, said: str) -> None:
    """Close the dialog, and say it on the page."""
    actions.ask(place, str, said)
    _close()
    readers.forget()
    st.rerun()
