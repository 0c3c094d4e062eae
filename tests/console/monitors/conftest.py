"""A served model, a log that can be filled, and monitors of it."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.records import predictions
from backend.records.database import Database
from backend.records.monitors import Monitor
from backend.records.registry import Version
from console.monitors import setup
from console.windows import MINUTE
from tests.console.log_rows import NOON, row

AT = NOON


@pytest.fixture
def champion(registered: Callable[..., Version]) -> Version:
    """A champion of `breast_cancer`."""
    return registered()


@pytest.fixture
def log(database: Database, champion: Version) -> Callable[..., None]:
    """A function that logs n rows, a second apart, the last of them a second before a moment."""

    def write(n: int, before: int = AT, **more: Any) -> None:
        rows = [row(champion, before - (i + 1) * MINUTE // 60, **more) for i in range(n)]
        predictions.append(database, rows)

    return write


@pytest.fixture
def watched(database: Database, champion: Version) -> Callable[..., Monitor]:
    """A function that adds a monitor of the model."""

    def add(kind: str, **rule: Any) -> Monitor:
        told = rule.pop("channels", ())
        name = rule.pop("name", None)
        return setup.add_monitor(
            database, champion.model, kind, rule, actor="tester", channels=told, name=name
        )

    return add
