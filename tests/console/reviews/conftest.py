"""A small version whose log has a quiet hour and one in which its inputs moved."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.review_rows import Review
from backend.settings import Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from backend.versions.signature import feature_of
from console.reviews.freeze import freeze
from console.windows import HOUR
from tests.conftest import Problem, new_version
from tests.console.drift.logs import START, log_rows

HOSTILE = "</text><script>alert(1)</script>"
QUIET = Window(START, START + HOUR)
MOVED = Window(START + 4 * HOUR, START + 5 * HOUR)
EMPTY = Window(START + 8 * HOUR, START + 9 * HOUR)


@dataclass(frozen=True)
class Logged:
    """A version and its log."""

    database: Database
    version: Version
    store: Store
    settings: Settings

    def freeze(self, window: Window, actor: str = "ada", **more: Any) -> Review:
        """Freeze a window without Evidently's pages."""
        asked = (self.database, self.version, window, self.store)
        return freeze(*asked, actor=actor, evidently=more.pop("evidently", False), **more)


@pytest.fixture
def logged(
    database: Database, store: Store, settings: Settings, problems: dict[str, Problem]
) -> Logged:
    """Three inputs, one of a hostile name; in the moved hour it lies a deviation higher."""
    whole = problems["diabetes"]
    frame = whole.frame.iloc[:, [2, 3, 8]].set_axis([HOSTILE, "bp", "s5"], axis=1)
    few = replace(
        whole,
        frame=frame,
        signature=replace(
            whole.signature, features=tuple(feature_of(frame[name]) for name in frame)
        ),
        estimator=clone(whole.estimator).fit(frame.to_numpy(), whole.truth),
    )
    draft = registration.add(database, new_version(few), store)
    version = registration.register(database, draft, store)
    draw: Callable[..., Any] = np.random.default_rng(0).choice
    for window, shift in ((QUIET, 0.0), (MOVED, 1.0)):
        rows = frame.iloc[draw(len(frame), 600)].reset_index(drop=True)
        rows[HOSTILE] += shift * frame[HOSTILE].std()
        at = np.linspace(window.start, window.end - 1, len(rows)).astype(np.int64)
        log_rows(database, version, rows, at, store)
    return Logged(database, version, store, settings)
