"""What a look changes: the monitor's state, its alert and what is to be sent, in one transaction.

The monitor's `turn` is compared and set first. So of two that looked at once one counts, and a
look that began before somebody changed the rule, or resolved the alert, counts for nothing.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records import deliveries
from backend.records.alerts import WATCHER, add_event
from backend.records.database import Database
from backend.records.monitors import Monitor
from backend.records.tables import alerts, channels, monitors
from backend.records.tables import deliveries as outbox
from console.monitors.looks import Event, Finding, Look


def record(database: Database, monitor: Monitor, finding: Finding, moment: int) -> Look | None:
    """Record a finding of a monitor as it was read before it looked.

    An alert opens when the monitor fired `after_looks` times in a row, stays one alert while it
    fires, and is resolved when it found nothing `calm_looks` times in a row. Looks without data
    count as neither.

    Returns:
        None when somebody else looked or changed the monitor meanwhile; nothing was done.

    Raises:
        Unavailable: the database is locked, full or gone; nothing was done.
    """
    state = _state(monitor, finding)
    with database.write() as connection:
        if not _take_turn(connection, monitor, finding, moment, state):
            return None
        alert_id, event = _alert(connection, monitor, finding, moment, state)
    return Look(
        monitor_id=monitor.id,
        monitor=monitor.name,
        model=monitor.model,
        kind=monitor.kind,
        moment=moment,
        status=finding.status,
        figure=finding.figure,
        limit=finding.limit,
        n=finding.n,
        message=finding.message,
        start=finding.start,
        end=finding.end,
        alert_id=alert_id,
        event=event,
    )


def _state(monitor: Monitor, finding: Finding) -> dict[str, Any]:
    """What the monitor carries to its next look: looks in a row, and its kind's own."""
    state = {"firing": 0, "calm": 0, "since": None, "kind": {}} | (monitor.state or {})
    if finding.status == "firing":
        state |= {"firing": state["firing"] + 1, "calm": 0}
    elif finding.status == "ok":
        state |= {"firing": 0, "calm": state["calm"] + 1}
    if finding.state:
        state["kind"] = dict(finding.state)
    return state | {"limit": finding.limit, "n": finding.n}


def _take_turn(
    connection: Connection, monitor: Monitor, finding: Finding, moment: int, state: dict[str, Any]
) -> bool:
    c = monitors.c
    mine = (c.id == monitor.id, c.turn == monitor.turn, c.enabled.is_(True))
    values = {
        "turn": monitor.turn + 1,
        "checked_at": moment,
        "checked_to": finding.end,
        "status": finding.status,
        "message": finding.message,
        "figure": finding.figure,
        "state": state,
    }
    return connection.execute(monitors.update().where(*mine).values(**values)).rowcount == 1


def _alert(
    connection: Connection, monitor: Monitor, finding: Finding, moment: int, state: dict[str, Any]
) -> tuple[int | None, Event | None]:
    """The open alert after this look, or the one that it resolved; and what it did to it."""
    c = alerts.c
    query = sa.select(alerts).where(c.monitor_id == monitor.id, c.resolved_at.is_(None))
    # Locked: somebody may acknowledge it at this moment.
    row = connection.execute(query.order_by(c.id.desc()).limit(1).with_for_update()).one_or_none()
    if finding.status == "firing":
        if row is not None:
            return _still(connection, monitor, finding, moment, row)
        if state["firing"] >= monitor.rule["after_looks"]:
            return _open(connection, monitor, finding, moment)
    elif row is not None and finding.status == "ok" and state["calm"] >= monitor.rule["calm_looks"]:
        return _resolve(connection, monitor, finding, moment, row)
    return (None if row is None else int(row.id)), None


def _open(
    connection: Connection, monitor: Monitor, finding: Finding, moment: int
) -> tuple[int, Event]:
    made = alerts.insert().values(
        monitor_id=monitor.id,
        model=monitor.model,
        opened_at=moment,
        start=finding.start,
        end=finding.end,
        message=finding.message,
        figure=finding.figure,
        seen_at=moment,
    )
    alert_id = int(connection.execute(made.returning(alerts.c.id)).scalar_one())
    add_event(connection, alert_id, "opened", finding.message, moment, WATCHER)
    _tell(connection, monitor, alert_id, "opened", moment)
    return alert_id, "opened"


def _still(
    connection: Connection, monitor: Monitor, finding: Finding, moment: int, row: Any
) -> tuple[int, Event | None]:
    values = {"message": finding.message, "figure": finding.figure, "seen_at": moment}
    ends = row.snoozed_until is not None and row.snoozed_until <= moment
    if ends:
        values["snoozed_until"] = None
    connection.execute(alerts.update().where(alerts.c.id == row.id).values(**values))
    if not ends:
        return int(row.id), None
    add_event(connection, row.id, "snooze_ended", finding.message, moment, WATCHER)
    _tell(connection, monitor, row.id, "again", moment)
    return int(row.id), "again"


def _resolve(
    connection: Connection, monitor: Monitor, finding: Finding, moment: int, row: Any
) -> tuple[int, Event]:
    same = alerts.c.id == row.id
    connection.execute(alerts.update().where(same).values(resolved_at=moment))
    # What could not be sent while it fired is no alarm any more; the word that it is over says it.
    deliveries.withdraw(connection, row.id, "resolved")
    add_event(connection, row.id, "resolved", finding.message, moment, WATCHER)
    if row.snoozed_until is None or row.snoozed_until <= moment:
        _tell(connection, monitor, row.id, "resolved", moment)
    return int(row.id), "resolved"


def _tell(
    connection: Connection, monitor: Monitor, alert_id: int, event: Event, moment: int
) -> None:
    """Put a message to each of the monitor's channels into the outbox.

    The channels are read here: those that the monitor had when it began to look may be gone.
    """
    named = connection.scalar(sa.select(monitors.c.channels).where(monitors.c.id == monitor.id))
    known = set(connection.scalars(sa.select(channels.c.name)))
    rows = [
        {
            "alert_id": alert_id,
            "channel": name,
            "event": event,
            "attempts": 0,
            "due_at": moment,
        }
        for name in named or ()
        if name in known
    ]
    if rows:
        connection.execute(outbox.insert(), rows)
