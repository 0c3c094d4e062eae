"""Monitors: rules that a model's live traffic is held against, and what the last look found.

Rules are checked by `console.monitors.rules`; here they are kept as they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.errors import NotFound, Refused
from backend.records import alerts, audit
from backend.records.database import Database, now
from backend.records.registry import model_row
from backend.records.tables import monitors

MOST_NAME = 100
SWITCHED_OFF = "The monitor was switched off."


@dataclass(frozen=True)
class Monitor:
    """A monitor as it stands. Times are UTC µs.

    Attributes:
        kind: drift, evidence, missing, refused, latency, performance or traffic.
        rule: what its kind needs (`console.monitors.rules`).
        channels: names of the channels that are told.
        turn: counts looks and changes; compared and set, so that of two evaluators one wins.
        checked_at: when the last look was; None before the first.
        checked_to: the end of the last window that was judged.
        status: of the last look: new (none yet), ok, firing, no_data or broken.
        message: what it found, as a sentence.
        figure: what the rule's limit is compared with.
        state: what is carried from look to look.
    """

    id: int
    model: str
    name: str
    kind: str
    rule: dict[str, Any]
    channels: tuple[str, ...]
    enabled: bool
    created_at: int
    created_by: str
    changed_at: int
    changed_by: str
    turn: int
    checked_at: int | None
    checked_to: int | None
    status: str
    message: str
    figure: float | None
    state: dict[str, Any] | None


def add(
    database: Database,
    model: str,
    name: str,
    kind: str,
    rule: Mapping[str, Any],
    *,
    actor: str,
    channels: Sequence[str] = (),
    enabled: bool = True,
) -> Monitor:
    """Keep a new monitor.

    Raises:
        NotFound: there is no such model.
        Refused: the model has a monitor of that name.
    """
    at = now()
    with database.write() as connection:
        model_row(connection, model, lock=True)
        _check_free(connection, model, name)
        inserted = monitors.insert().values(
            model=model,
            name=name,
            kind=kind,
            rule=dict(rule),
            channels=list(channels),
            enabled=enabled,
            created_at=at,
            created_by=actor,
            changed_at=at,
            changed_by=actor,
            turn=0,
            status="new",
            message="",
        )
        row_id = connection.execute(inserted.returning(monitors.c.id)).scalar_one()
        made = _one(connection, int(row_id))
        _record(connection, actor, "monitor.add", made, _settings(made))
        return made


def change(
    database: Database,
    monitor_id: int,
    *,
    actor: str,
    name: str | None = None,
    rule: Mapping[str, Any] | None = None,
    channels: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> Monitor:
    """Change what is given; a look that is under way counts for nothing.

    With another rule it begins anew: no look yet, nothing carried over. Switched off, its open
    alerts are resolved as by hand.

    Raises:
        NotFound: there is no such monitor.
        Refused: the model has another monitor of that name.
    """
    values: dict[str, Any] = {"changed_at": now(), "changed_by": actor, "turn": monitors.c.turn + 1}
    if name is not None:
        values["name"] = name
    if channels is not None:
        values["channels"] = list(channels)
    if enabled is not None:
        values["enabled"] = enabled
    with database.write() as connection:
        before = _one(connection, monitor_id)
        if name is not None and name != before.name:
            _check_free(connection, before.model, name)
        if rule is not None and dict(rule) != before.rule:
            values |= {"rule": dict(rule), "status": "new", "message": "", "figure": None}
            values |= {"state": sa.null(), "checked_at": None, "checked_to": None}
        same = monitors.c.id == monitor_id
        connection.execute(monitors.update().where(same).values(**values))
        if enabled is False:
            # Nobody would look whether it is over.
            alerts.resolve_all(connection, monitor_id, actor=actor, text=SWITCHED_OFF)
        after = _one(connection, monitor_id)
        was = _settings(before)
        changed = {k: [was[k], v] for k, v in _settings(after).items() if was[k] != v}
        _record(connection, actor, "monitor.change", after, {"changed": changed})
        return after


def remove(database: Database, monitor_id: int, *, actor: str = audit.UNKNOWN) -> None:
    """Remove a monitor with its alerts.

    Raises:
        NotFound: there is no such monitor.
    """
    with database.write() as connection:
        before = _one(connection, monitor_id)
        connection.execute(monitors.delete().where(monitors.c.id == monitor_id))
        _record(connection, actor, "monitor.remove", before, _settings(before))


def get(database: Database, monitor_id: int) -> Monitor:
    """One monitor.

    Raises:
        NotFound: there is no such monitor.
    """
    with database.read() as connection:
        return _one(connection, monitor_id)


def of_model(database: Database, model: str) -> list[Monitor]:
    """The monitors of a model by name."""
    return _select(database, monitors.c.model == model)


def all_enabled(database: Database) -> list[Monitor]:
    """Those that are switched on, of all models, by model and name."""
    return _select(database, monitors.c.enabled.is_(True))


def named(database: Database, model: str, name: str) -> Monitor:
    """A model's monitor by its name.

    Raises:
        NotFound: there is none.
    """
    found = _select(database, sa.and_(monitors.c.model == model, monitors.c.name == name))
    if not found:
        raise NotFound(
            f"Model `{model[:110]}` has no monitor `{name[:110]}`."
            f" `python -m console monitors {model[:110]}` lists them."
        )
    return found[0]


def _select(database: Database, wanted: sa.ColumnElement[bool]) -> list[Monitor]:
    c = monitors.c
    with database.read() as connection:
        query = sa.select(monitors).where(wanted).order_by(c.model, c.name)
        return [_monitor(row) for row in connection.execute(query)]


def _one(connection: Connection, monitor_id: int) -> Monitor:
    query = sa.select(monitors).where(monitors.c.id == monitor_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no monitor {monitor_id}. It may have been removed.")
    return _monitor(row)


def _monitor(row: Row[Any]) -> Monitor:
    return Monitor(**(row._asdict() | {"channels": tuple(row.channels)}))


def _settings(monitor: Monitor) -> dict[str, Any]:
    """What people set of a monitor."""
    return {
        "name": monitor.name,
        "kind": monitor.kind,
        "rule": monitor.rule,
        "channels": list(monitor.channels),
        "enabled": monitor.enabled,
    }


def _record(
    connection: Connection, actor: str, action: str, monitor: Monitor, detail: dict[str, Any]
) -> None:
    detail = {"monitor": monitor.id, "name": monitor.name} | detail
    audit.append(connection, actor=actor, action=action, subject=monitor.model, detail=detail)


def _check_free(connection: Connection, model: str, name: str) -> None:
    same = (monitors.c.model == model, monitors.c.name == name)
    if connection.scalar(sa.select(monitors.c.id).where(*same)) is not None:
        raise Refused(
            f"Model `{model}` has a monitor named `{name}` already. Choose another name, or change"
            " that one."
        )
