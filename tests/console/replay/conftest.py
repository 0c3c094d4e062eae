"""Histories to replay, and the log that comes of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.records import log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.settings import Settings
from console import replay
from console.replay import Choices, Result
from tests.conftest import Problem

START = pd.Timestamp("2024-03-01T00:00Z")
DAY = 86_400_000_000
EVER = Window(-(2**62), 2**62)
Register = Callable[..., Version]
Run = Callable[..., Result]


def quiet(share: float, message: str) -> None:
    """Hears progress and says nothing."""


def history(made: Problem, rows: int | None = None) -> pd.DataFrame:
    """A problem's rows, an hour apart from the start of March 2024, with the truth."""
    frame = made.frame.assign(truth=made.truth)
    frame = frame.iloc[np.arange(rows or len(frame)) % len(frame)].reset_index(drop=True)
    frame["time"] = START + pd.to_timedelta(np.arange(len(frame)), "h")
    return frame


def logged(database: Database, model: str) -> pd.DataFrame:
    """A model's whole log, oldest first."""
    found = log.page(database, log.Filter(model, EVER), limit=100_000)
    return found.iloc[::-1].reset_index(drop=True)


@pytest.fixture
def run(database: Database, settings: Settings) -> Run:
    """Replay a table with the time column `time`."""

    def replayed(frame: pd.DataFrame, model: str = "iris", **choices: Any) -> Result:
        report = choices.pop("report", quiet)
        chosen = Choices(model, **{"time": "time", **choices})
        return replay.replay(database, settings, frame, chosen, report=report)

    return replayed
