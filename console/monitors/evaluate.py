"""Looking: every monitor that is due, once, at a moment."""

from backend.records.database import Database
from backend.records.monitors import Monitor
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.monitors.looks import Finding, Look


def look(database: Database, monitor: Monitor, moment: int, store: Store) -> Finding:
    """What a monitor finds at `moment` (UTC µs): rows before it alone count. Changes nothing."""
    raise NotImplementedError


def watch_once(database: Database, settings: Settings, moment: int | None = None) -> list[Look]:
    """Look with every enabled monitor that is due; alerts are opened, kept and resolved.

    Args:
        moment: when it is (UTC µs); None is now. Time can be replayed by giving one after another.
    """
    raise NotImplementedError
