"""Sending what is to be sent: at least once, tried again with ever longer pauses."""

from dataclasses import dataclass

from backend.records.channels import Channel
from backend.records.database import Database
from backend.settings import Settings


@dataclass(frozen=True)
class Sent:
    """How many messages were `delivered`, `failed` (and are tried again) and `given_up`."""

    delivered: int
    failed: int
    given_up: int


def send_due(database: Database, settings: Settings, moment: int | None = None) -> Sent:
    """Try every message that is due at `moment` (UTC µs; None is now)."""
    raise NotImplementedError


def send_test(database: Database, settings: Settings, channel: str) -> Channel:
    """Send a test message through a channel, now.

    Raises:
        NotFound: there is no such channel.
        Unavailable: it could not be sent; the sentence says why, without secrets.
    """
    raise NotImplementedError
