"""The outbox: messages about alerts that are still to be sent, claimed one by one.

A message is claimed by the time of its next attempt: of several that send at once one takes it,
and what is killed in between is tried again then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backend.records.database import Database, now
from backend.records.tables import deliveries, monitors

WATCHING = "watching"
"""What `alone` calls evaluating monitors and sending messages."""
LEASE = 180_000_000
"""A claimed message is nobody else's for so long (µs); longer than sending may take."""
AT_ONCE = 100


@dataclass(frozen=True)
class Delivery:
    """A message to a channel about an alert, sent or still to be sent. Times are UTC µs.

    Attributes:
        event: opened, again (a snooze ended while it still fires) or resolved.
        attempts: how often it was tried.
        due_at: of the next attempt; None when delivered or given up.
        error: why the last attempt failed, as a sentence without secrets.
    """

    id: int
    alert_id: int
    channel: str
    event: str
    attempts: int
    due_at: int | None
    delivered_at: int | None
    error: str | None


def of_alert(database: Database, alert_id: int) -> list[Delivery]:
    """The messages about an alert, oldest first."""
    c = deliveries.c
    query = sa.select(deliveries).where(c.alert_id == alert_id).order_by(c.id)
    with database.read() as connection:
        return [Delivery(**row._asdict()) for row in connection.execute(query)]


def due(database: Database, moment: int, limit: int = AT_ONCE) -> Sequence[int]:
    """The ids of messages that are due at a moment, the longest overdue first."""
    c = deliveries.c
    query = sa.select(c.id).where(c.due_at <= moment).order_by(c.due_at, c.id).limit(limit)
    with database.read() as connection:
        return connection.scalars(query).all()


def has_work(database: Database) -> bool:
    """Whether a monitor is switched on, or a message is due."""
    with database.read() as connection:
        query = sa.select(monitors.c.id).where(monitors.c.enabled.is_(True)).limit(1)
        if connection.scalar(query) is not None:
            return True
    return bool(due(database, now(), limit=1))


def claim(database: Database, delivery_id: int, moment: int) -> Delivery | None:
    """Take a message that is due, and count the attempt; None if somebody else took it."""
    c = deliveries.c
    with database.write() as connection:
        taken = deliveries.update().where(c.id == delivery_id, c.due_at <= moment)
        values = {"attempts": c.attempts + 1, "due_at": moment + LEASE}
        row = connection.execute(taken.values(**values).returning(*deliveries.c)).one_or_none()
    return None if row is None else Delivery(**row._asdict())


def delivered(database: Database, delivery_id: int, moment: int) -> None:
    """Note that a message was sent."""
    _keep(database, delivery_id, {"due_at": None, "delivered_at": moment, "error": None})


def failed(database: Database, delivery_id: int, error: str, due_at: int | None) -> None:
    """Note why a message was not sent; it is tried again at `due_at`, with None never."""
    _keep(database, delivery_id, {"due_at": due_at, "error": error})


def _keep(database: Database, delivery_id: int, values: dict[str, Any]) -> None:
    with database.write() as connection:
        same = deliveries.c.id == delivery_id
        connection.execute(deliveries.update().where(same).values(**values))
