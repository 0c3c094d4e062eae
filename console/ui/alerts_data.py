"""Alerts, read: what is open, what was resolved, and which page shows the matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from backend.records import alerts, monitors
from backend.records.alerts import Alert, Event
from backend.records.database import now
from backend.records.deliveries import Delivery
from backend.records.monitors import Monitor
from console import windows
from console.ui import links, readers
from console.ui.format import count
from console.ui.guards import no_model
from console.ui.resources import actor, database
from console.ui.tables import times

ALL = "all"
MOST_RESOLVED = 200
LATE = 10 * windows.MINUTE

Standing = Literal["firing", "acknowledged", "snoozed"]


@dataclass(frozen=True)
class Page:
    """A page of the console and what its address must carry to show the matter of an alert."""

    name: str
    label: str
    query: dict[str, str]


def pick_model() -> str | None:
    """The model that the page is about (`?model=`); None for all of them.

    Stops the page where there is no model yet.
    """
    names = [model.name for model in readers.models()]
    if not names:
        no_model()
    if len(names) == 1:
        return names[0]
    titles = {ALL: "All models"}
    chosen = links.choose("Model", [ALL, *names], "alerts_model", "model", titles=titles)
    return None if chosen == ALL else chosen


def model_names() -> list[str]:
    """Every model."""
    return [model.name for model in readers.models()]


def choose_model(name: str) -> None:
    """Go on with one model; for callbacks of buttons."""
    st.session_state["alerts_model"] = name


def open_alerts(model: str | None) -> list[Alert]:
    """The open alerts, those that nobody has in hand first, then the newest."""
    found = alerts.open_ones(database(), model)
    return sorted(found, key=lambda alert: standing(alert) != "firing")


def resolved(model: str | None) -> list[Alert]:
    """The newest resolved alerts."""
    if model is None:
        found = alerts.recent(database(), MOST_RESOLVED)
    else:
        found = alerts.of_model(database(), model, MOST_RESOLVED)
    return [alert for alert in found if not alert.is_open]


def history(alert: Alert) -> tuple[list[Event], list[Delivery]]:
    """What happened to an alert, and the messages about it; oldest first."""
    return alerts.events(database(), alert.id), alerts.deliveries_of(database(), alert.id)


def monitors_of(model: str | None) -> list[Monitor]:
    """The monitors of a model, or of all, by model and name."""
    names = [each.name for each in readers.models()] if model is None else [model]
    return [monitor for name in names for monitor in monitors.of_model(database(), name)]


def standing(alert: Alert) -> Standing:
    """Whether somebody has an open alert in hand, or it is to be quiet for now."""
    if alert.snoozed_until is not None and alert.snoozed_until > now():
        return "snoozed"
    return "firing" if alert.acknowledged_at is None else "acknowledged"


def page_of(alert: Alert, feature: str | None = None) -> Page:
    """The page that shows what an alert is about, in the window that fired first.

    Args:
        feature: that the monitor's rule is about, if it is about one.
    """
    minute = windows.MINUTE  # the picker of a window knows nothing shorter
    stretch = {
        "model": alert.model,
        "from": windows.iso(alert.start // minute * minute),
        "to": windows.iso(-(-alert.end // minute) * minute),
    }
    if alert.kind in {"drift", "evidence", "missing"}:
        about = {} if feature is None else {"feature": feature}
        return Page("drift", "See it on Drift", stretch | about)
    if alert.kind == "performance":
        return Page("performance", "See it on Performance", stretch)
    if alert.kind == "refused":
        return Page("predictions", "See what was refused", stretch | {"outcome": "refused"})
    return Page("predictions", "See the requests", stretch | {"source": "live"})


def table_of(found: Sequence[Alert]) -> pd.DataFrame:
    """Resolved alerts as a table.

    Returns:
        A row each: `opened` and `resolved` (UTC timestamps), `lasted` (text), `model`, `monitor`,
        `message`, `who` (had it; "" for nobody).
    """
    frame = pd.DataFrame(
        {
            "id": [alert.id for alert in found],
            "model": [alert.model for alert in found],
            "monitor": [alert.monitor for alert in found],
            "message": [alert.message.replace("`", "") for alert in found],
            "lasted": [lasted(alert) for alert in found],
            "who": [alert.assigned_to or alert.acknowledged_by or "" for alert in found],
        }
    )
    frame["opened"] = times(pd.Series([alert.opened_at for alert in found], dtype="int64"))
    frame["resolved"] = times(pd.Series([alert.resolved_at for alert in found], dtype="int64"))
    return frame


def lasted(alert: Alert) -> str:
    """How long it has been open, or was."""
    return ago(alert.opened_at, alert.resolved_at)


def ago(since: int, until: int | None = None) -> str:
    """The time from a moment to another, or to now: `3 min`, `2 h 5 min`, `2 days 4 h`."""
    minutes = max((until or now()) - since, 0) // windows.MINUTE
    hours, days = minutes // 60, minutes // 1_440
    if minutes < 1:
        return "less than a minute"
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{count(days, 'day')} {hours % 24} h" if hours % 24 else count(days, "day")


def overdue(enabled: Sequence[Monitor]) -> str | None:
    """That nobody looks, as a sentence, where the monitors' looks are late; None if they are not.

    A look is late when it is due for more than `LATE`.
    """
    late = [
        monitor
        for monitor in enabled
        if now() > (monitor.checked_at or monitor.changed_at) + _every(monitor) + LATE
    ]
    if not late:
        return None
    newest = max((m.checked_at for m in enabled if m.checked_at is not None), default=None)
    since = (
        "No monitor has looked yet" if newest is None else f"The last look was {ago(newest)} ago"
    )
    return (
        f"{since}, and {count(len(late), 'monitor is', 'monitors are')} overdue. Is"
        " `python -m console work` running, or `python -m console watch`?"
    )


def calm(enabled: Sequence[Monitor]) -> str:
    """That no alert is open, with how many monitors say so, and since when."""
    silent = [m for m in enabled if m.status in {"new", "no_data"}]
    newest = max((m.checked_at for m in enabled if m.checked_at is not None), default=None)
    looked = "none has looked yet" if newest is None else f"the last look was {ago(newest)} ago"
    said = f"No alert is open. {count(len(enabled), 'monitor is', 'monitors are')} on; {looked}."
    if silent and newest is not None:
        said += f" {count(len(silent), 'has', 'have')} too little data to tell anything yet."
    return said


def me() -> str:
    """The reader's own name."""
    return actor()


def _every(monitor: Monitor) -> int:
    return int(monitor.rule.get("every_minutes", 60)) * windows.MINUTE


def open_sentence() -> str | None:
    """How many alerts are open in all, for Overview; None if none is."""
    found = alerts.open_ones(database())
    if not found:
        return None
    names = sorted({f"`{alert.model}`" for alert in found})
    said = f"{count(len(found), 'alert is', 'alerts are')} open for {', '.join(names)}"
    return f"{said}, {in_hand(found)}."


def in_hand(found: Sequence[Alert]) -> str:
    """Whether somebody looks after some open alerts, as a part of a sentence."""
    loud = sum(standing(alert) == "firing" for alert in found)
    if loud == 0:
        return "and in hand" if len(found) == 1 else "and all are in hand"
    if loud == len(found):
        return f"and nobody has {'it' if loud == 1 else 'them'} in hand"
    return f"{loud} of which nobody has in hand"
