"""Looking: every monitor that is due, once, at a moment."""

import logging
from collections.abc import Sequence

from backend.errors import ArtefactDamaged, Unavailable, WatchdeskError
from backend.records import aliases, monitors, registry
from backend.records.database import Database, now
from backend.records.monitors import Monitor
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.monitors import alerting, rules
from console.monitors.kinds import look_of
from console.monitors.kinds.asked import Asked, References
from console.monitors.looks import Finding, Look
from console.windows import MINUTE, SECOND

SLACK = 30 * SECOND
"""A look comes early by so much at most, or a tenth of its interval: whoever calls every five
minutes does not call to the second."""
logger = logging.getLogger("watchdesk.monitors")


def look(
    database: Database,
    monitor: Monitor,
    moment: int,
    store: Store,
    references: References | None = None,
) -> Finding:
    """What a monitor finds at `moment` (UTC µs): rows before it alone count. Changes nothing.

    What keeps it from looking is a finding whose status is `broken`.

    Args:
        references: those that were read already, where many looks follow each other.

    Raises:
        Unavailable: the database cannot be used.
    """
    try:
        return _look(database, monitor, moment, store, references)
    except ArtefactDamaged as error:
        return _broken(error.detail, moment)
    except Unavailable:
        raise
    except WatchdeskError as error:
        return _broken(error.detail, moment)
    except Exception as error:  # one monitor's bug must not blind the others
        logger.exception("monitor %d (%s of %s)", monitor.id, monitor.kind, monitor.model)
        what = f"A bug ended this look (`{type(error).__name__}`). The log of the worker has it."
        return _broken(what, moment)


def watch_once(database: Database, settings: Settings, moment: int | None = None) -> list[Look]:
    """Look with every enabled monitor that is due; alerts are opened, kept and resolved.

    Of several that watch at once one counts, for each look.

    Args:
        moment: when it is (UTC µs); None is now. Time can be replayed by giving one after another.

    Raises:
        Unavailable: the database cannot be used.
    """
    at = now() if moment is None else moment
    due = [monitor for monitor in monitors.all_enabled(database) if is_due(monitor, at)]
    return watch(database, Store.of(settings), due, at, References())


def watch(
    database: Database,
    store: Store,
    some: Sequence[Monitor],
    moment: int,
    references: References,
) -> list[Look]:
    """Look with some monitors, and record what they find.

    Raises:
        Unavailable: the database cannot be used.
    """
    made = []
    for monitor in some:
        finding = look(database, monitor, moment, store, references)
        recorded = alerting.record(database, monitor, finding, moment)
        if recorded is not None:
            made.append(recorded)
    return made


def is_due(monitor: Monitor, moment: int) -> bool:
    """Whether it is time for a monitor's next look."""
    if monitor.checked_at is None:
        return True
    every = int(monitor.rule["every_minutes"]) * MINUTE
    return moment - monitor.checked_at >= every - min(SLACK, every // 10)


def _look(
    database: Database,
    monitor: Monitor,
    moment: int,
    store: Store,
    references: References | None,
) -> Finding:
    state = monitor.state or {}
    asked = Asked(
        database=database,
        store=store,
        model=monitor.model,
        version=_champion(database, monitor.model),
        rule=rules.checked(monitor.kind, monitor.rule),
        moment=moment,
        since=state.get("since"),
        state=state.get("kind") or {},
        references=references or References(),
    )
    return look_of(monitor.kind)(asked)


def _champion(database: Database, model: str) -> Version | None:
    if registry.model(database, model).champion is None:
        return None
    return aliases.champion(database, model)


def _broken(message: str, moment: int) -> Finding:
    return Finding("broken", None, None, None, message, moment, moment)
