"""Watching: looks and messages, once or until told to stop."""

from dataclasses import dataclass

from backend.records.database import Database
from backend.settings import Settings
from console.monitors.deliver import Sent
from console.monitors.looks import Look


@dataclass(frozen=True)
class Watched:
    """What one round did."""

    looks: tuple[Look, ...]
    sent: Sent


def once(database: Database, settings: Settings, moment: int | None = None) -> Watched:
    """Look with every monitor that is due, and send every message that is."""
    raise NotImplementedError
