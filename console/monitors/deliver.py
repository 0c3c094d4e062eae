"""Sending what is to be sent: at least once, tried again with ever longer pauses.

A message is claimed before it is sent (`backend.records.deliveries`), and noted as delivered after
it. So it may arrive twice where a process ends in between. Those of one alert go in order, and a
word of alarm that could not be sent before somebody dealt with the alert is withdrawn.
"""

import logging
from dataclasses import dataclass
from typing import Literal

from backend.errors import NotFound
from backend.records import alerts, channels, deliveries
from backend.records.channels import Channel
from backend.records.database import Database, now
from backend.records.deliveries import Delivery
from backend.settings import Settings
from console.monitors import mail, messages, webhook
from console.monitors.messages import Message
from console.monitors.unsent import NotSent
from console.windows import HOUR, SECOND

MOST_ATTEMPTS = 10
FIRST_PAUSE = 30 * SECOND
LONGEST_PAUSE = HOUR
Outcome = Literal["delivered", "failed", "given_up"]
logger = logging.getLogger("watchdesk.monitors")


@dataclass(frozen=True)
class Sent:
    """How many messages were `delivered`, `failed` (and are tried again) and `given_up`."""

    delivered: int
    failed: int
    given_up: int


def pause(attempts: int) -> int:
    """How long to wait (µs) after so many attempts: 30 s, doubled each time up to an hour."""
    return int(min(FIRST_PAUSE * 2 ** max(attempts - 1, 0), LONGEST_PAUSE))


def send_due(database: Database, settings: Settings, moment: int | None = None) -> Sent:
    """Try every message that is due at `moment` (UTC µs; None is now).

    Raises:
        Unavailable: the database cannot be used.
    """
    at = now() if moment is None else moment
    counted: dict[Outcome, int] = {"delivered": 0, "failed": 0, "given_up": 0}
    for delivery_id in deliveries.due(database, at):
        taken = deliveries.claim(database, delivery_id, at)
        if taken is not None:
            counted[_try(database, settings, taken, at)] += 1
    return Sent(**counted)


def send_test(database: Database, settings: Settings, channel: str) -> Channel:
    """Send a test message through a channel, now.

    Raises:
        NotFound: there is no such channel.
        NotSent: it could not be sent; the sentence says why, without secrets.
    """
    found = channels.get(database, channel)
    _send(settings, found, messages.of_test(found.name, settings.console_url), None)
    return found


def _try(database: Database, settings: Settings, taken: Delivery, at: int) -> Outcome:
    """Send a message and note how it went."""
    try:
        channel = channels.get(database, taken.channel)
        alert = alerts.get(database, taken.alert_id)
        first = deliveries.is_first(database, taken)
        message = messages.of_alert(alert, taken.event, settings.console_url, is_first=first)
        _send(settings, channel, message, _message_id(database, taken.id))
    except NotFound as error:  # the channel or the alert was removed meanwhile
        deliveries.failed(database, taken, error.detail, due_at=None)
        return "given_up"
    except NotSent as error:
        logger.warning("%s: %s", taken.channel, error.detail)
        if taken.attempts >= MOST_ATTEMPTS:
            why = f"{error.detail} It was tried {taken.attempts} times, and is given up."
            deliveries.failed(database, taken, why, due_at=None)
            return "given_up"
        due = at + pause(taken.attempts)
        again = deliveries.failed(database, taken, error.detail, due_at=due)
        return "failed" if again else "given_up"
    deliveries.delivered(database, taken.id, at)
    return "delivered"


def _send(settings: Settings, channel: Channel, message: Message, message_id: str | None) -> None:
    if channel.kind == "webhook":
        webhook.post(channel.address, message.to_slack())
        return
    to = [one.strip() for one in channel.address.split(",")]
    mail.send(settings, to, message.subject, message.text, message_id)


def _message_id(database: Database, delivery_id: int) -> str:
    return f"<{delivery_id}.{database.installation_id()}@watchdesk.invalid>"
