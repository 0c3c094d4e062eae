"""Alerts: what monitors found, and what people did about it. Each change is an event that stays.

An alert is open until it is resolved, by itself (`console.monitors.alerting`) or by somebody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.errors import NotFound, Refused, Unusable
from backend.records import audit, deliveries
from backend.records.database import Database, now
from backend.records.deliveries import Delivery
from backend.records.tables import alert_events, alerts, monitors

__all__ = [
    "WATCHER",
    "Alert",
    "Delivery",
    "Event",
    "acknowledge",
    "add_event",
    "assign",
    "comment",
    "deliveries_of",
    "events",
    "get",
    "of_model",
    "open_ones",
    "recent",
    "resolve",
    "resolve_all",
    "snooze",
]

WATCHER = "watchdesk"
"""Who opens and resolves alerts where no person does."""
AUDITED = {
    "acknowledged": "alert.acknowledge",
    "snoozed": "alert.snooze",
    "assigned": "alert.assign",
    "comment": "alert.comment",
    "resolved": "alert.resolve",
}
"""What the audit log calls what people do; it stays when a monitor is removed with its alerts."""
MOST_TEXT = 4_000


@dataclass(frozen=True)
class Alert:
    """An alert as it stands. Times are UTC µs.

    Attributes:
        monitor, kind: name and kind of its monitor.
        start, end: of the window that fired first.
        message, figure: of the newest look.
        seen_at: the newest look that still fired.
        snoozed_until: nobody is told again before; None when it is not snoozed.
    """

    id: int
    monitor_id: int
    model: str
    opened_at: int
    start: int
    end: int
    message: str
    figure: float | None
    seen_at: int
    acknowledged_at: int | None
    acknowledged_by: str | None
    assigned_to: str | None
    snoozed_until: int | None
    resolved_at: int | None
    monitor: str
    kind: str

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved yet."""
        return self.resolved_at is None


@dataclass(frozen=True)
class Event:
    """Something that happened to an alert.

    `kind` is opened, acknowledged, snoozed, snooze_ended, assigned, comment or resolved; `at` is
    UTC µs.
    """

    id: int
    alert_id: int
    kind: str
    text: str
    at: int
    actor: str


def of_model(database: Database, model: str, limit: int = 100) -> list[Alert]:
    """A model's alerts, open and resolved, newest first."""
    return _select(database, alerts.c.model == model, limit)


def open_ones(database: Database, model: str | None = None) -> list[Alert]:
    """The alerts that are not resolved, of one model or of all; newest first."""
    wanted = alerts.c.resolved_at.is_(None)
    return _select(database, wanted if model is None else wanted & (alerts.c.model == model), None)


def recent(database: Database, limit: int = 100) -> list[Alert]:
    """The newest alerts of all models, open and resolved."""
    return _select(database, sa.true(), limit)


def get(database: Database, alert_id: int) -> Alert:
    """One alert.

    Raises:
        NotFound: there is none of that id.
    """
    with database.read() as connection:
        return _one(connection, alert_id)


def events(database: Database, alert_id: int) -> list[Event]:
    """What happened to an alert, oldest first."""
    c = alert_events.c
    query = sa.select(alert_events).where(c.alert_id == alert_id).order_by(c.id)
    with database.read() as connection:
        return [Event(**row._asdict()) for row in connection.execute(query)]


def deliveries_of(database: Database, alert_id: int) -> list[Delivery]:
    """The messages about an alert, oldest first."""
    return deliveries.of_alert(database, alert_id)


def acknowledge(database: Database, alert_id: int, *, actor: str, text: str = "") -> Alert:
    """Say that somebody has it in hand: nobody is told again while it fires. Ends a snooze.

    Messages that could not be sent yet are withdrawn, as by `snooze` and `resolve`.

    Raises:
        NotFound: there is no such alert.
        Refused: it is resolved.
    """
    values = {"acknowledged_at": now(), "acknowledged_by": actor, "snoozed_until": None}
    return _changed(database, alert_id, values, "acknowledged", text, actor)


def snooze(database: Database, alert_id: int, until_us: int, *, actor: str) -> Alert:
    """Tell nobody until then (UTC µs); who is told then, if it still fires, is told again.

    Raises:
        NotFound: there is no such alert.
        Refused: it is resolved.
        Unusable: `until_us` is past.
    """
    if until_us <= now():
        raise Unusable("An alert is snoozed until a later time than now. Choose one.")
    values = {"snoozed_until": until_us}
    return _changed(database, alert_id, values, "snoozed", str(until_us), actor)


def assign(database: Database, alert_id: int, to: str, *, actor: str) -> Alert:
    """Give it to somebody; to nobody with an empty name.

    Raises:
        NotFound: there is no such alert.
        Refused: it is resolved.
        Unusable: the name has more than 200 characters.
    """
    name = to.strip()
    if len(name) > 200:
        raise Unusable(f"`{name[:60]}…` is no name; expected at most 200 characters.")
    return _changed(database, alert_id, {"assigned_to": name or None}, "assigned", name, actor)


def comment(database: Database, alert_id: int, text: str, *, actor: str) -> Alert:
    """Add a comment; to a resolved alert too.

    Raises:
        NotFound: there is no such alert.
        Unusable: there is no text, or one of more than 4,000 characters.
    """
    if not text.strip():
        raise Unusable("A comment needs a text. Write one.")
    return _changed(database, alert_id, {}, "comment", text.strip(), actor, only_open=False)


def resolve(database: Database, alert_id: int, *, actor: str, text: str = "") -> Alert:
    """Close it by hand. What came before now does not count for its monitor any more.

    Raises:
        NotFound: there is no such alert.
        Refused: it is resolved already.
    """
    at = now()
    return _changed(database, alert_id, {"resolved_at": at}, "resolved", text, actor, since=at)


def resolve_all(connection: Connection, monitor_id: int, *, actor: str, text: str) -> None:
    """Close a monitor's open alerts as by hand, in the caller's transaction.

    The caller has locked the monitor.
    """
    c, at = alerts.c, now()
    query = sa.select(c.id).where(c.monitor_id == monitor_id, c.resolved_at.is_(None))
    found = connection.scalars(query.order_by(c.id).with_for_update()).all()
    for alert_id in found:
        connection.execute(alerts.update().where(c.id == alert_id).values(resolved_at=at))
        deliveries.withdraw(connection, alert_id, "resolved")
        add_event(connection, alert_id, "resolved", text, at, actor)
    if found:
        _begin_anew(connection, monitor_id, at)


def add_event(
    connection: Connection, alert_id: int, kind: str, text: str, at: int, actor: str
) -> None:
    """Append an event in the caller's transaction."""
    values = {"alert_id": alert_id, "kind": kind, "text": text, "at": at, "actor": actor}
    connection.execute(alert_events.insert().values(**values))


def _changed(
    database: Database,
    alert_id: int,
    values: dict[str, Any],
    kind: str,
    text: str,
    actor: str,
    *,
    only_open: bool = True,
    since: int | None = None,
) -> Alert:
    if len(text) > MOST_TEXT:
        raise Unusable(
            f"The text has {len(text):,} characters; expected at most {MOST_TEXT:,}. Shorten it."
        )
    with database.write() as connection:
        before = _locked(connection, alert_id)
        if only_open and not before.is_open:
            raise Refused(
                f"Alert {alert_id} (`{before.monitor}` of `{before.model}`) is resolved already."
                " If it fires again, a new alert is opened."
            )
        if values:
            connection.execute(alerts.update().where(alerts.c.id == alert_id).values(**values))
        if since is not None:
            _begin_anew(connection, before.monitor_id, since)
        if kind in {"acknowledged", "snoozed", "resolved"}:
            deliveries.withdraw(connection, alert_id, kind)
        add_event(connection, alert_id, kind, text, now(), actor)
        after = _one(connection, alert_id)
        detail = {"alert": alert_id, "monitor": before.monitor, "text": text}
        action = AUDITED[kind]
        audit.append(connection, actor=actor, action=action, subject=before.model, detail=detail)
        return after


def _begin_anew(connection: Connection, monitor_id: int, since: int) -> None:
    """Let a monitor judge from here on; a look that is under way counts for nothing."""
    c = monitors.c
    state = dict(connection.scalar(sa.select(c.state).where(c.id == monitor_id)) or {})
    state |= {"since": since, "firing": 0, "calm": 0}
    changed = monitors.update().where(c.id == monitor_id)
    connection.execute(changed.values(state=state, turn=c.turn + 1))


def _query() -> "sa.Select[Any]":
    joined = alerts.join(monitors, monitors.c.id == alerts.c.monitor_id)
    names = (monitors.c.name.label("monitor"), monitors.c.kind)
    return sa.select(alerts, *names).select_from(joined)


def _select(database: Database, wanted: sa.ColumnElement[bool], limit: int | None) -> list[Alert]:
    query = _query().where(wanted).order_by(alerts.c.id.desc())
    with database.read() as connection:
        return _alerts(connection.execute(query.limit(limit)).all())


def _alerts(rows: Sequence[Row[Any]]) -> list[Alert]:
    return [Alert(**row._asdict()) for row in rows]


def _locked(connection: Connection, alert_id: int) -> Alert:
    """An alert that nobody else changes meanwhile; its monitor is locked first, as looks do it."""
    monitor_id = _one(connection, alert_id).monitor_id
    for table, row_id in ((monitors, monitor_id), (alerts, alert_id)):
        connection.execute(sa.select(table.c.id).where(table.c.id == row_id).with_for_update())
    return _one(connection, alert_id)


def _one(connection: Connection, alert_id: int) -> Alert:
    found = _alerts(connection.execute(_query().where(alerts.c.id == alert_id)).all())
    if not found:
        raise NotFound(f"There is no alert {alert_id}. Its monitor may have been removed.")
    return found[0]
