"""The outbox: messages about alerts that are still to be sent, claimed one by one.

A message is claimed by the time of its next attempt: of several that send at once one takes it,
and what is killed in between is tried again then. Messages of one alert to one channel go in the
order of their ids, and a word of alarm that somebody has dealt with meanwhile is withdrawn. Who
claims or withdraws locks the alert first, so of those that send at once each sees what others did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.records.database import Database, now
from backend.records.tables import alert_events, alerts, deliveries, monitors

WATCHING = "watching"
"""What `alone` calls evaluating monitors and sending messages."""
LEASE = 180_000_000
"""A claimed message is nobody else's for so long (µs); longer than sending may take."""
AT_ONCE = 100
TELLS_OF = {"opened": "opened", "again": "snooze_ended"}
"""Of each word of alarm, the event of the alert that it tells of."""
_DONE = {
    "acknowledged": "it was acknowledged first.",
    "snoozed": "it was snoozed first.",
    "resolved": "it was over first.",
}
_WITHDRAWN = "Withdrawn:"
State = Literal["waiting", "sending", "delivered", "given_up", "withdrawn"]


@dataclass(frozen=True)
class Delivery:
    """A message to a channel about an alert, sent or still to be sent. Times are UTC µs.

    Attributes:
        event: opened, again (a snooze ended while it still fires) or resolved.
        attempts: how often it was tried.
        due_at: of the next attempt; None when delivered, given up or withdrawn.
        error: why the last attempt failed, as a sentence without secrets, or why it was withdrawn;
            None while an attempt lasts.
    """

    id: int
    alert_id: int
    channel: str
    event: str
    attempts: int
    due_at: int | None
    delivered_at: int | None
    error: str | None

    @property
    def state(self) -> State:
        """Where it is: waiting (untried, or to be tried again), being sent, or done with."""
        if self.delivered_at is not None:
            return "delivered"
        if self.due_at is not None:
            return "sending" if self.attempts and self.error is None else "waiting"
        return "withdrawn" if (self.error or "").startswith(_WITHDRAWN) else "given_up"


def of_alert(database: Database, alert_id: int) -> list[Delivery]:
    """The messages about an alert, oldest first."""
    c = deliveries.c
    query = sa.select(deliveries).where(c.alert_id == alert_id).order_by(c.id)
    with database.read() as connection:
        return [Delivery(**row._asdict()) for row in connection.execute(query)]


def due(database: Database, moment: int, limit: int = AT_ONCE) -> Sequence[int]:
    """The ids of messages that are due at a moment, the longest overdue first.

    One that must wait for an earlier one of its alert and channel is not due.
    """
    c = deliveries.c
    query = sa.select(c.id).where(c.due_at <= moment, ~_earlier(deliveries).exists())
    with database.read() as connection:
        return connection.scalars(query.order_by(c.due_at, c.id).limit(limit)).all()


def has_work(database: Database) -> bool:
    """Whether a monitor is switched on, or a message is due."""
    with database.read() as connection:
        query = sa.select(monitors.c.id).where(monitors.c.enabled.is_(True)).limit(1)
        if connection.scalar(query) is not None:
            return True
    return bool(due(database, now(), limit=1))


def claim(database: Database, delivery_id: int, moment: int) -> Delivery | None:
    """Take a message that is due, and count the attempt.

    Returns:
        None if somebody else took it, if it waits for an earlier one, or if it was withdrawn now,
        as the alert was dealt with while nobody could send it.
    """
    c = deliveries.c
    with database.write() as connection:
        _lock(connection, delivery_id)
        mine = (c.id == delivery_id, c.due_at <= moment, ~_earlier(deliveries).exists())
        row = connection.execute(sa.select(deliveries).where(*mine)).one_or_none()
        if row is None:
            return None
        done = _done_with(connection, row.alert_id, row.event)
        if done is not None:
            _withdraw(connection, c.id == delivery_id, done)
            return None
        values = {"attempts": c.attempts + 1, "due_at": moment + LEASE, "error": None}
        taken = deliveries.update().where(c.id == delivery_id).values(**values)
        row = connection.execute(taken.returning(*deliveries.c)).one()
    return Delivery(**row._asdict())


def withdraw(connection: Connection, alert_id: int, event: str) -> None:
    """Withdraw an alert's waiting messages in the transaction that notes an `event` of it.

    One that is being sent is left to whoever sends it: `failed` withdraws it.

    Args:
        event: acknowledged, snoozed or resolved. The caller has locked the alert.
    """
    c = deliveries.c
    is_waiting = (c.due_at.is_not(None)) & ((c.attempts == 0) | c.error.is_not(None))
    _withdraw(connection, (c.alert_id == alert_id) & is_waiting, event)


def delivered(database: Database, delivery_id: int, moment: int) -> None:
    """Note that a message was sent."""
    with database.write() as connection:
        values = {"due_at": None, "delivered_at": moment, "error": None}
        same = deliveries.c.id == delivery_id
        connection.execute(deliveries.update().where(same).values(**values))


def failed(database: Database, taken: Delivery, error: str, due_at: int | None) -> bool:
    """Note why a claimed message was not sent.

    Args:
        due_at: when it is tried again; None: never.

    Returns:
        Whether it is tried again: not if the alert was dealt with meanwhile, or if somebody else
        has it since its lease ran out.
    """
    c = deliveries.c
    with database.write() as connection:
        _lock(connection, taken.id)
        mine = (c.id == taken.id) & (c.attempts == taken.attempts) & c.due_at.is_not(None)
        values = {"due_at": due_at, "error": error}
        noted = connection.execute(deliveries.update().where(mine).values(**values)).rowcount
        if not noted or due_at is None:
            return False
        done = _done_with(connection, taken.alert_id, taken.event)
        if done is not None:
            _withdraw(connection, c.id == taken.id, done)
        return done is None


def is_first(database: Database, taken: Delivery) -> bool:
    """Whether no earlier message of its alert is known to have reached its channel."""
    c = deliveries.c
    same = (c.alert_id == taken.alert_id, c.channel == taken.channel, c.id < taken.id)
    query = sa.select(c.id).where(*same, c.delivered_at.is_not(None)).limit(1)
    with database.read() as connection:
        return connection.scalar(query) is None


def _earlier(later: sa.Table) -> "sa.Select[Any]":
    """Earlier messages of a message's alert to its channel that are not done with."""
    c = deliveries.alias("earlier").c
    same = (c.alert_id == later.c.alert_id, c.channel == later.c.channel, c.id < later.c.id)
    return sa.select(c.id).where(*same, c.due_at.is_not(None)).correlate(later)


def _lock(connection: Connection, delivery_id: int) -> None:
    """Lock a message's alert, as whoever deals with the alert does."""
    its = sa.select(deliveries.c.alert_id).where(deliveries.c.id == delivery_id)
    same = alerts.c.id == its.scalar_subquery()
    connection.execute(sa.select(alerts.c.id).where(same).with_for_update())


def _done_with(connection: Connection, alert_id: int, event: str) -> str | None:
    """What made a word of alarm void since it was written: an event of `_DONE`; None: nothing."""
    if event not in TELLS_OF:
        return None
    c = alert_events.c
    told = sa.select(sa.func.max(c.id)).where(c.alert_id == alert_id, c.kind == TELLS_OF[event])
    since = c.id > sa.func.coalesce(told.scalar_subquery(), 0)
    query = sa.select(c.kind).where(c.alert_id == alert_id, c.kind.in_(_DONE), since)
    found: str | None = connection.scalar(query.order_by(c.id.desc()).limit(1))
    return found


def _withdraw(connection: Connection, which: sa.ColumnElement[bool], event: str) -> None:
    c = deliveries.c
    before = sa.func.coalesce(sa.literal(" ") + c.error, "")
    values = {"due_at": None, "error": sa.literal(f"{_WITHDRAWN} {_DONE[event]}") + before}
    connection.execute(deliveries.update().where(which).values(**values))
