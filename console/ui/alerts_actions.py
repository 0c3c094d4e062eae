"""What a person does on the Alerts page, from the button to the sentence that says it is done.

A callback only notes what was asked for, and in which part of the page; the run that follows
does it there, so that what went wrong (somebody else resolved the alert) is a sentence beside the
button that was pressed.
"""

from collections.abc import Callable

import streamlit as st

from backend.records import alerts
from backend.records.database import now
from console.ui import readers
from console.ui.boundary import boundary
from console.ui.format import when
from console.ui.literal import sentence
from console.ui.resources import actor, database
from console.windows import DAY, HOUR

_ASKED = "_alerts_asked"
SNOOZES = {"1 hour": HOUR, "1 day": DAY, "1 week": 7 * DAY}


def ask(place: str, act: Callable[..., str], *args: object) -> None:
    """Note what is to be done in the next run; `act` does it and returns what to say."""
    st.session_state[_ASKED] = (place, act, args)


def carry_out(place: str) -> None:
    """Do what was asked for in this part of the page, if anything, and say how it went."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked[0] != place:
        return
    del st.session_state[_ASKED]
    with boundary():
        readers.forget()
        st.success(sentence(asked[1](*asked[2])), icon=":material/check_circle:")


def acknowledge(alert_id: int) -> str:
    """Take an alert in hand.

    Raises:
        NotFound, Refused: it is gone, or resolved.
    """
    found = alerts.acknowledge(database(), alert_id, actor=actor())
    return f"{_title(found)} is acknowledged by {actor()}; nobody is told again while it fires."


def snooze(alert_id: int, length: str) -> str:
    """Tell nobody for a length of `SNOOZES`.

    Raises:
        NotFound, Refused: it is gone, or resolved.
    """
    until = now() + SNOOZES[length]
    found = alerts.snooze(database(), alert_id, until, actor=actor())
    return f"{_title(found)} is snoozed until {when(until)}."


def assign(alert_id: int, to: str) -> str:
    """Give it to somebody, or to nobody.

    Raises:
        NotFound, Refused, Unusable: as `alerts.assign`.
    """
    found = alerts.assign(database(), alert_id, to, actor=actor())
    who = found.assigned_to
    return f"{_title(found)} is assigned to {who}." if who else f"{_title(found)} is nobody's now."


def comment(alert_id: int, text: str) -> str:
    """Say something about it.

    Raises:
        NotFound, Unusable: as `alerts.comment`.
    """
    found = alerts.comment(database(), alert_id, text, actor=actor())
    return f"Your comment stands with {_title(found)}."


def resolve(alert_id: int, text: str) -> str:
    """Close it.

    Raises:
        NotFound, Refused: it is gone, or resolved already.
    """
    found = alerts.resolve(database(), alert_id, actor=actor(), text=text)
    return f"{_title(found)} is resolved. If its rule is broken by what comes now, it fires again."


def _title(found: alerts.Alert) -> str:
    return f"“{found.monitor}” of `{found.model}`"
