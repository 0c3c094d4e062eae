"""The same report from PostgreSQL: every query that performance asks, once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Truth, Window, text_of
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions.artefacts import Store
from console.performance.over_time import answered_by_stretch
from console.performance.report import performance
from console.performance.truths import read
from console.windows import DAY, HOUR
from tests.console.log_rows import NOON, row
from tests.databases import settings_on

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with an empty PostgreSQL database."""
    return settings_on("postgresql", request, tmp_path)


def test_a_report_reads_all_rows_or_a_sample(
    database: Database, store: Store, registered: Callable[..., Version]
) -> None:
    version = registered("diabetes")
    rows = [
        row(version, NOON + i * HOUR // 60, label=None, score=None, value=100.0) for i in range(200)
    ]
    predictions.append(database, rows)
    told = [
        Truth(text_of(one.prediction_id), None, 500.0, one.at + HOUR * (1 + i % 4))
        for i, one in enumerate(rows[:80])
    ]
    predictions.append_feedback(database, version.model, told)
    window = Window(NOON, NOON + DAY)
    found = performance(database, version, window, store)
    assert (found.status, found.realized.figures[0].value) == ("worse", 400.0)
    assert (found.realized.n_known, found.realized.n_answered) == (80, 200)
    assert int(found.over_time[found.over_time["metric"] == "mae"]["known"].sum()) == 80
    # By hand: of 200, 180, 100 and 20 rows that were watched so long, 20 each were told.
    shares = found.maturity.frame["share"].tolist()
    assert shares == pytest.approx([0.0, 0.1, 0.2, 0.36, 1.0])
    sampled = read(database, version, window, sample=50)
    assert (sampled.n_known, len(sampled.known), sampled.n_answered) == (80, 80, 200)
    assert int(answered_by_stretch(database, version, window, 200).sum()) == 200
