"""Scenarios: rows kept with the answer that a version must give to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.records.database import Database


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
    """Keep a scenario.

    Raises:
        NotFound: there is no such model.
        Refused: the model has one of that name.
    """
    raise NotImplementedError


def remove(database: Database, model: str, name: str, *, actor: str) -> None:
    """Remove a scenario.

    Raises:
        NotFound: the model has none of that name.
    """
    raise NotImplementedError


def of_model(database: Database, model: str) -> list[Scenario]:
    """A model's scenarios, oldest first."""
    raise NotImplementedError
