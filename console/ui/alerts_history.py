"""What happened to an alert, as lines: what people did, and whom the console told."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from backend.records.alerts import WATCHER, Alert, Event
from backend.records.deliveries import Delivery
from console.ui import alerts_data as data
from console.ui.format import count, when
from console.ui.literal import named, quoted, sentence

SENT = {"opened": "that it fires", "again": "that it still fires", "resolved": "that it is over"}


@dataclass(frozen=True)
class Line:
    """Something that happened, at `at` (UTC µs).

    Attributes:
        said: what, as Markdown in which what people wrote is escaped.
        text: what somebody wrote, as it was written: never Markdown, or a comment could pass for
            a line of its own.
    """

    at: int
    said: str
    text: str = ""


def section(alert: Alert) -> None:
    """The lines, oldest first."""
    with st.container(gap="xxsmall"):
        for line in lines(*data.history(alert)):
            st.markdown(f":small[:gray[{when(line.at)}]] {line.said}")
            if line.text:
                with st.container(border=True):
                    st.text(line.text)


def lines(events: Sequence[Event], deliveries: Sequence[Delivery]) -> list[Line]:
    """Oldest first; what is still to be sent comes last."""
    found = [_event(event) for event in events]
    found += [Line(d.delivered_at, _told(d)) for d in deliveries if d.delivered_at is not None]
    last = max((line.at for line in found), default=0)
    waiting = [d for d in deliveries if d.delivered_at is None]
    found += [Line(d.due_at or last, _not_told(d)) for d in waiting]
    return sorted(found, key=lambda line: line.at)


def _event(event: Event) -> Line:
    text, who = event.text, named(event.actor)
    said = {
        "opened": "Fired.",
        "acknowledged": f"{who} acknowledged it.",
        "snoozed": f"{who} snoozed it until {_until(text)}.",
        "snooze_ended": "The snooze ended, and it still fires.",
        "assigned": f"{who} gave it to {named(text) or 'nobody'}.",
        "comment": f"{who}:",
        "resolved": "It is over." if event.actor == WATCHER else f"{who} resolved it.",
    }.get(event.kind, f"{who}: {named(event.kind)}.")
    if event.kind in {"snoozed", "assigned"}:
        return Line(event.at, said)
    if event.actor == WATCHER:  # what its monitor found
        return Line(event.at, f"{said} {sentence(text)}".strip())
    return Line(event.at, said, text)


def _until(text: str) -> str:
    return when(int(text)) if text.isdecimal() else named(text)


def _told(delivery: Delivery) -> str:
    return f"Channel {quoted(delivery.channel)} was told {_what(delivery)}."


def _not_told(delivery: Delivery) -> str:
    channel, what = f"Channel {quoted(delivery.channel)}", _what(delivery)
    error = sentence(delivery.error or "The reason is not known.")
    tried = count(delivery.attempts, "attempt")
    if delivery.state == "withdrawn":
        return f"{channel} was not told {what}. {error}"
    if delivery.state == "given_up":
        return f"{channel} was not told {what}, in {tried}. {error}"
    if delivery.state == "sending" or delivery.attempts == 0:
        return f"{channel} is about to be told {what}."
    return f"{channel} will be told {what}; {tried} failed. {error}"


def _what(delivery: Delivery) -> str:
    return SENT.get(delivery.event, named(delivery.event))
