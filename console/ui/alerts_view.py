"""Alerts, drawn: what is open and what may be done about it, and what was resolved."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from backend.records.alerts import Alert
from backend.records.monitors import Monitor
from console.ui import alerts_actions as actions
from console.ui import alerts_data as data
from console.ui import alerts_history, links, navigation
from console.ui.alerts_actions import ask
from console.ui.boundary import guarded
from console.ui.format import count, when
from console.ui.literal import named, quoted, sentence
from console.ui.tables import frame_table

REFRESH_SECONDS = 10
MOST_ROWS = 8  # of the table of resolved alerts, before it scrolls
PLACE = "alerts"
STANDINGS: dict[data.Standing, tuple[str, str, str]] = {
    "firing": ("Firing", "orange", ":material/notifications_active:"),
    "acknowledged": ("Acknowledged", "blue", ":material/done:"),
    "snoozed": ("Snoozed", "gray", ":material/snooze:"),
}


@st.fragment(run_every=REFRESH_SECONDS)
@guarded
def live(model: str | None) -> None:
    """The open alerts of a model, or of all; looks again every ten seconds."""
    actions.carry_out(PLACE)
    found, watching = data.open_alerts(model), data.monitors_of(model)
    rules = {monitor.id: monitor for monitor in watching}
    _summary(found, watching)
    for alert in found:
        _card(alert, rules.get(alert.monitor_id), names_model=model is None)


def resolved(model: str | None) -> None:
    """What was resolved, newest first; one of them closely (`?alert=`)."""
    found = data.resolved(model)
    if not found:
        return
    asked = st.query_params.get("alert")
    chosen = next((alert for alert in found if str(alert.id) == asked), None)
    st.subheader("Resolved")
    frame = data.table_of(found)
    columns: dict[str, Any] = {
        "opened": "Opened",
        **({"model": "Model"} if model is None else {}),
        "monitor": "Monitor",
        "message": st.column_config.TextColumn("What fired", width="large"),
        "lasted": "Lasted",
        "who": "Who had it",
    }
    event = frame_table(
        frame,
        columns,
        key="alerts_resolved",
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(frame) < MOST_ROWS else 36 * MOST_ROWS,
    )
    if event.selection.rows:
        chosen = found[event.selection.rows[0]]
        links.put("alert", str(chosen.id))
    if chosen is None:
        st.caption("Select an alert to see what happened to it.")
        return
    with st.container(border=True, key=f"alerts_closely_{chosen.id}"):
        _headline(chosen, "Resolved", "green", ":material/check:", names_model=True)
        st.markdown(sentence(chosen.message))
        alerts_history.section(chosen)


def _summary(found: Sequence[Alert], watching: Sequence[Monitor]) -> None:
    """How many alerts are open, and whether anybody looks at all."""
    enabled = [monitor for monitor in watching if monitor.enabled]
    late = data.overdue(enabled)
    if late is not None:
        st.warning(late, icon=":material/visibility_off:")
    if found:
        said = f"**{count(len(found), 'alert is', 'alerts are')} open**"
        st.markdown(f"{said}, {data.in_hand(found)}.")
    elif enabled and late is None:
        _calm(enabled)
    elif not enabled:
        st.info(
            "No alert is open, and none can come: no monitor is looking. Set some up below.",
            icon=":material/info:",
        )


def _calm(enabled: Sequence[Monitor]) -> None:
    """No alert is open: good news only from monitors that could have told."""
    broken = [quoted(monitor.name) for monitor in enabled if monitor.status == "broken"]
    if broken:
        cannot = "could not look, and says why below" if len(broken) == 1 else "could not look"
        st.warning(f"{', '.join(broken)} {cannot}.", icon=":material/visibility_off:")
    tells = any(monitor.status in {"ok", "firing"} for monitor in enabled)
    show, icon = (st.success, "check_circle") if tells else (st.info, "hourglass_empty")
    show(data.calm(enabled), icon=f":material/{icon}:")


def _card(alert: Alert, monitor: Monitor | None, *, names_model: bool) -> None:
    standing = data.standing(alert)
    word, colour, icon = STANDINGS[standing]
    if alert.snoozed_until is not None and standing == "snoozed":
        word = f"Snoozed until {when(alert.snoozed_until)}"
    feature = None if monitor is None else monitor.rule.get("feature")
    with st.container(border=True, key=f"alerts_card_{alert.id}"):
        _headline(alert, word, colour, icon, names_model=names_model, feature=feature)
        st.markdown(sentence(alert.message))
        st.caption(_facts(alert))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _buttons(alert, standing)
        asked = st.query_params.get("alert") == str(alert.id)
        with st.expander("History", asked, key=f"alerts_history_{alert.id}", type="compact"):
            alerts_history.section(alert)


def _headline(
    alert: Alert, word: str, colour: str, icon: str, *, names_model: bool, feature: Any = None
) -> None:
    page = data.page_of(alert, feature)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(word, color=colour, icon=icon)  # type: ignore[arg-type]  # one of ours
        st.markdown(f"**{named(alert.monitor)}**", width="content")
        if names_model:
            st.badge(alert.model, color="gray")
        st.space("stretch")
        navigation.link(page.name, page.label, page.query)


def _facts(alert: Alert) -> str:
    """Since when, when it was last seen, and who has it, as Markdown."""
    said = [
        f"Since {when(alert.opened_at)} ({data.lasted(alert)})",
        f"last seen {data.ago(alert.seen_at)} ago",
    ]
    if alert.acknowledged_by is not None:
        said.append(f"acknowledged by {named(alert.acknowledged_by)}")
    said.append(f"**{named(alert.assigned_to)}** has it" if alert.assigned_to else "nobody has it")
    return " · ".join(said)


def _buttons(alert: Alert, standing: data.Standing) -> None:
    st.button(
        "Acknowledge",
        key=f"alerts_acknowledge_{alert.id}",
        type="primary" if standing == "firing" else "secondary",
        disabled=standing == "acknowledged",
        on_click=ask,
        args=(PLACE, actions.acknowledge, alert.id),
        help="Say that you have seen it: nobody is told again while it fires.",
    )
    st.menu_button(
        "Snooze",
        list(actions.SNOOZES),
        key=f"alerts_snooze_{alert.id}",
        icon=":material/snooze:",
        on_click=_snooze,
        args=(alert.id,),
        help="Be quiet for a while; if it still fires then, its channels are told again.",
    )
    _assign(alert)
    _say(alert, "comment", "Comment", ":material/comment:", "What did you find?", actions.comment)
    _say(alert, "resolve", "Resolve", ":material/check:", "What was it? (optional)",
         actions.resolve)  # fmt: skip


def _assign(alert: Alert) -> None:
    with st.popover("Assign", icon=":material/person:", key=f"alerts_assign_{alert.id}"):
        st.text_input(
            "Who has it",
            value=alert.assigned_to or "",
            key=_text_key("assign", alert.id),
            max_chars=200,
            placeholder="A name; empty for nobody",
        )
        with st.container(horizontal=True):
            st.button(
                "Assign",
                key=f"alerts_assign_do_{alert.id}",
                type="primary",
                on_click=_with_text,
                args=("assign", alert.id, actions.assign),
            )
            st.button(
                f"To me ({named(data.me())})",
                key=f"alerts_assign_me_{alert.id}",
                on_click=ask,
                args=(PLACE, actions.assign, alert.id, data.me()),
            )


def _say(alert: Alert, what: str, label: str, icon: str, asks: str, act: Any) -> None:
    """A popover with a text and the button that does it."""
    with st.popover(label, icon=icon, key=f"alerts_{what}_{alert.id}"):
        st.text_area(asks, key=_text_key(what, alert.id), max_chars=4_000, height=90)
        st.button(
            label,
            key=f"alerts_{what}_do_{alert.id}",
            type="primary",
            on_click=_with_text,
            args=(what, alert.id, act),
        )


def _snooze(alert_id: int) -> None:
    length = st.session_state.get(f"alerts_snooze_{alert_id}")
    if length in actions.SNOOZES:
        ask(PLACE, actions.snooze, alert_id, length)


def _with_text(what: str, alert_id: int, act: Any) -> None:
    text = str(st.session_state.get(_text_key(what, alert_id)) or "")
    ask(PLACE, act, alert_id, text)
    if what != "assign":
        st.session_state[_text_key(what, alert_id)] = ""


def _text_key(what: str, alert_id: int) -> str:
    return f"alerts_{what}_text_{alert_id}"
