"""Models with a history to replay, and the log that comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
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


def quiet(share: float, message: str) -> None:
    """Hears progress and says nothing."""


@dataclass(frozen=True)
class Past:
    """A model with a champion, and a history that can be sent through it."""

    made: Problem
    database: Database
    settings: Settings

    def history(self, rows: int | None = None) -> pd.DataFrame:
        """The problem's rows, an hour apart from the start of March 2024, with the truth."""
        frame = self.made.frame.assign(truth=self.made.truth)
        frame = frame.iloc[np.arange(rows or len(frame)) % len(frame)].reset_index(drop=True)
        frame["time"] = START + pd.to_timedelta(np.arange(len(frame)), "h")
        return frame

    def run(self, frame: pd.DataFrame, **choices: Any) -> Result:
        """Replay a table with the time column `time`."""
        report = choices.pop("report", quiet)
        chosen = Choices(self.made.name, **{"time": "time", **choices})
        return replay.replay(self.database, self.settings, frame, chosen, report=report)

    def logged(self) -> pd.DataFrame:
        """The model's whole log, oldest first."""
        found = log.page(self.database, log.Filter(self.made.name, EVER), limit=100_000)
        return found.iloc[::-1].reset_index(drop=True)


@pytest.fixture
def past_of(
    database: Database, settings: Settings, registered: Register, problems: dict[str, Problem]
) -> Callable[[str], Past]:
    """A function that registers a problem's version as champion."""

    def make(name: str) -> Past:
        registered(name)
        return Past(problems[name], database, settings)

    return make


@pytest.fixture
def iris(past_of: Callable[[str], Past]) -> Past:
    """The past of `iris`: 150 rows, three labels."""
    return past_of("iris")


@pytest.fixture
def diabetes(past_of: Callable[[str], Past]) -> Past:
    """The past of `diabetes`: 442 rows, a number to predict."""
    return past_of("diabetes")
