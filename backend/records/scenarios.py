"""Scenarios: rows kept with the answer that a version must give to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import NotFound, Refused
from backend.records import audit
from backend.records.database import Database, now
from backend.records.registry import model_row
from backend.records.tables import scenarios


@dataclass(frozen=True)
class Scenario:
    """A row and what must come of it.

    Attributes:
        features: values by name, as `Signature.read` takes them.
        expected: `{"label": ...}` of a classification (the target's own value), or
            `{"low": number or None, "high": number or None}` of a regression's value.
    """

    id: int
    model: str
    name: str
    features: dict[str, Any]
    expected: dict[str, Any]
    created_at: int
    created_by: str


def add(
    database: Database,
    model: str,
    name: str,
    features: Mapping[str, Any],
    expected: Mapping[str, Any],
    *,
    actor: str,
) -> Scenario:
    """Keep a scenario; `console.what_if.scenarios.keep` checks it first.

    Raises:
        NotFound: there is no such model.
        Refused: the model has one of that name.
    """
    kept: dict[str, Any] = {
        "model": model,
        "name": name,
        "features": dict(features),
        "expected": dict(expected),
        "created_at": now(),
        "created_by": actor,
    }
    with database.write() as connection:
        # Locked, so that of two who keep the same name the second is told.
        model_row(connection, model, lock=True)
        if connection.scalar(_named(model, name)) is not None:
            raise Refused(
                f"`{model}` has a scenario named `{name}` already. Choose another name, or remove"
                " it."
            )
        made = connection.execute(scenarios.insert().values(kept)).inserted_primary_key
        _record(connection, "scenario.add", Scenario(id=_id(made), **kept), actor)
    return Scenario(id=_id(made), **kept)


def remove(database: Database, model: str, name: str, *, actor: str) -> None:
    """Remove a scenario.

    Raises:
        NotFound: the model has none of that name.
    """
    with database.write() as connection:
        query = sa.select(scenarios).where(scenarios.c.model == model, scenarios.c.name == name)
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise NotFound(
                f"`{model[:110]}` has no scenario named `{name[:110]}`. `python -m console"
                " scenarios` lists them."
            )
        connection.execute(scenarios.delete().where(scenarios.c.id == row.id))
        _record(connection, "scenario.remove", Scenario(**row._asdict()), actor)


def of_model(database: Database, model: str) -> list[Scenario]:
    """A model's scenarios, oldest first."""
    query = sa.select(scenarios).where(scenarios.c.model == model).order_by(scenarios.c.id)
    with database.read() as connection:
        return [Scenario(**row._asdict()) for row in connection.execute(query)]


def _named(model: str, name: str) -> sa.Select[tuple[int]]:
    return sa.select(scenarios.c.id).where(scenarios.c.model == model, scenarios.c.name == name)


def _id(key: Any) -> int:
    return int(key[0])


def _record(connection: Connection, action: str, one: Scenario, actor: str) -> None:
    detail = {"name": one.name, "features": one.features, "expected": one.expected}
    audit.append(connection, actor=actor, action=action, subject=one.model, detail=detail)
