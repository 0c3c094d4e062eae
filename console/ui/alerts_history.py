"""What happened to an alert, as lines: what people did, and whom the console told."""

from collections.abc import Sequence

import streamlit as st

from backend.records.alerts import WATCHER, Alert, Event
from backend.records.deliveries import Delivery
from console.ui import alerts_data as data
from console.ui.boundary import plain
from console.ui.format import count, when

Line = tuple[int, str]
SENT = {"opened": "that it fires", "again": "that it still fires", "resolved": "that it is over"}


def section(alert: Alert) -> None:
    """The lines, oldest first."""
    said = [f":small[:gray[{when(at)}]] {plain(text)}" for at, text in lines(*data.history(alert))]
    st.markdown("\n".join(said).replace("\n", "  \n"))


def lines(events: Sequence[Event], deliveries: Sequence[Delivery]) -> list[Line]:
    """Each with its time (UTC µs), oldest first; what is still to be sent comes last."""
    found = [(event.at, _event(event)) for event in events]
    found += [(d.delivered_at, _told(d)) for d in deliveries if d.delivered_at is not None]
    last = max((at for at, _ in found), default=0)
    waiting = [d for d in deliveries if d.delivered_at is None]
    found += [(d.due_at or last, _not_told(d)) for d in waiting]
    return sorted(found, key=lambda line: line[0])


def _event(event: Event) -> str:
    text = event.text
    said = {
        "opened": "Fired.",
        "acknowledged": f"{event.actor} acknowledged it.",
        "snoozed": f"{event.actor} snoozed it until {_until(text)}.",
        "snooze_ended": "The snooze ended, and it still fires.",
        "assigned": f"{event.actor} gave it to {text or 'nobody'}.",
        "comment": f"{event.actor}:",
        "resolved": "It is over." if event.actor == WATCHER else f"{event.actor} resolved it.",
    }.get(event.kind, f"{event.actor}: {event.kind}.")
    return f"{said} {text}" if text and event.kind not in {"snoozed", "assigned"} else said


def _until(text: str) -> str:
    return when(int(text)) if text.isdecimal() else text


def _told(delivery: Delivery) -> str:
    what = SENT.get(delivery.event, delivery.event)
    return f"Channel `{delivery.channel}` was told {what}."


def _not_told(delivery: Delivery) -> str:
    what = SENT.get(delivery.event, delivery.event)
    if delivery.attempts == 0:
        return f"Channel `{delivery.channel}` is about to be told {what}."
    tried = count(delivery.attempts, "attempt")
    error = delivery.error or "The reason is not known."
    if delivery.due_at is None:
        return f"Channel `{delivery.channel}` was not told {what}, in {tried}. {error}"
    return f"Channel `{delivery.channel}` will be told {what}; {tried} failed. {error}"
