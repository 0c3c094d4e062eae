"""The demo: killed half-way and completed, loaded twice, removed, through which service."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backend.errors import Refused
from backend.records import aliases, drafts, log, registry
from backend.records.database import Database, connect, migrate, now
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.tables import feedback, jobs, predictions
from backend.settings import ROOT, Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from console import demo
from console.demo.load import EVER
from console.summaries.judged import drift
from tests.conftest import Problem, free_port, new_version

pytestmark = pytest.mark.processes

DAY = 86_400_000_000


def quiet(share: float, message: str) -> None:
    """Hears progress and says nothing."""


@dataclass(frozen=True)
class Loaded:
    """A demo that was killed half-way and then completed."""

    settings: Settings
    database: Database
    half: int  # live rows that the killed one had logged
    result: dict[str, Any]


def opened(folder: Path) -> tuple[Settings, Database]:
    """Settings of a data directory on whose port nothing listens, and its database."""
    settings = Settings.from_environment(
        {
            "WATCHDESK_DATA_DIR": str(folder),
            "WATCHDESK_USER": "tester",
            "WATCHDESK_PORT": str(free_port()),
        }
    )
    migrate(settings.database_url)
    return settings, connect(settings.database_url)


def rows(database: Database) -> int:
    """How many rows of models the log has: a request that a killed caller cut off names none."""
    named = predictions.c.model.in_(["breast_cancer", "bikeshare", "iris"])
    query = sa.select(sa.func.count()).select_from(predictions).where(named)
    with database.read() as connection:
        return int(connection.scalar(query) or 0)


def command(settings: Settings, *arguments: str) -> "subprocess.Popen[str]":
    """Start `python -m console demo`."""
    return subprocess.Popen(
        [sys.executable, "-m", "console", "demo", *arguments],
        cwd=ROOT,
        env=os.environ
        | {
            "WATCHDESK_DATA_DIR": str(settings.data_dir),
            "WATCHDESK_PORT": str(settings.port),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The command is killed while it asks the service; then the demo is loaded again."""
    settings, database = opened(tmp_path_factory.mktemp("demo"))
    process = command(settings)
    assert process.stderr is not None
    said = next(line for line in process.stderr if "Asking the service" in line)
    while rows(database) == 0:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    half = rows(database)
    assert "25%" in said
    out, err = command(settings, "--json").communicate(timeout=120)
    assert out, err
    yield Loaded(settings, database, half, json.loads(out))
    database.dispose()


def test_a_demo_that_was_killed_is_completed_without_duplicates(loaded: Loaded) -> None:
    assert 0 < loaded.half < 143
    assert loaded.result == {
        "models": [
            {"model": "breast_cancer", "champion": 1, "versions": [2, 1], "predictions": 143},
            {"model": "bikeshare", "champion": 1, "versions": [1], "predictions": 4375},
        ]
    }
    with loaded.database.read() as connection:
        live = predictions.c.source == "live", predictions.c.outcome == "answered"
        distinct = sa.select(predictions.c.features).where(*live)
        assert len(set(connection.scalars(distinct))) == 143


def test_loading_it_again_changes_nothing(loaded: Loaded) -> None:
    before = aliases.history(loaded.database)
    again = demo.run(loaded.database, loaded.settings, by="tester", report=quiet)
    assert again == loaded.result
    assert rows(loaded.database) == 143 + 4375
    assert aliases.history(loaded.database) == before
    assert drafts.waiting(loaded.database) == []


def test_its_models_are_marked_and_promoted_with_a_reason(loaded: Loaded) -> None:
    models = registry.all_models(loaded.database)
    assert {model.name: model.demo for model in models} == {
        "bikeshare": True,
        "breast_cancer": True,
    }
    versions = registry.versions_of(loaded.database, "breast_cancer")
    assert [v.algorithm for v in versions] == ["random_forest", "logistic_regression"]
    assert [v.aliases for v in versions] == [("challenger",), ("champion",)]
    moves = aliases.history(loaded.database)
    assert [(move.model, move.alias, move.to_number) for move in reversed(moves)] == [
        ("breast_cancer", "champion", 1),
        ("breast_cancer", "challenger", 2),
        ("bikeshare", "champion", 1),
    ]
    assert all(move.reason for move in moves)


def test_unseen_rows_were_answered_live_and_have_their_truth(loaded: Loaded) -> None:
    page = log.page(loaded.database, log.Filter("breast_cancer", EVER), limit=1_000)
    assert set(page["source"]) == {"live"}
    assert set(page["outcome"]) == {"answered"}
    assert set(page["version"]) == {1}
    version = registry.version(loaded.database, "breast_cancer", 1)
    right = float((page["label"] == page["ground_truth"]).mean())
    assert right == pytest.approx(version.metrics["accuracy"])


def test_spring_and_summer_were_replayed_with_truth_three_days_later(loaded: Loaded) -> None:
    joined = sa.select(predictions.c.at, feedback.c.at - predictions.c.at, feedback.c.value)
    joined = joined.join(feedback, feedback.c.prediction_id == predictions.c.prediction_id)
    query = joined.where(predictions.c.model == "bikeshare", predictions.c.source == "replay")
    with loaded.database.read() as connection:
        found = connection.execute(query.order_by(predictions.c.at)).all()
    assert len(found) == 4375
    assert {row[1] for row in found} == {3 * DAY}
    april, october = 1_301_616_000_000_000, 1_317_427_200_000_000
    assert found[0][0] == april
    assert found[-1][0] == october - 3_600_000_000


def test_its_drift_and_decay_are_real(loaded: Loaded) -> None:
    version = registry.version(loaded.database, "bikeshare", 1)
    newest = 1_317_427_200_000_000
    window = Window(newest - 7 * DAY, newest)
    store = Store.of(loaded.settings)
    found = drift(loaded.database, version, window, store).frame.set_index("feature")
    assert found.loc["temp", "status"] == "drifted"
    assert found.loc["hr", "status"] == "not_enough_rows"  # a week cannot rule a change out
    whole = drift(loaded.database, version, Window(newest - 180 * DAY, newest), store)
    found = whole.frame.set_index("feature")
    assert found.loc["temp", "status"] == "drifted"
    assert found.loc["hr", "status"] == "stable"
    page = log.page(loaded.database, log.Filter("bikeshare", EVER), limit=10_000)
    errors = (page["value"] - page["ground_truth"].astype(float)).abs()
    assert errors.mean() > 2 * version.metrics["mae"]


def test_removing_it_leaves_other_models_alone(
    loaded: Loaded, problems: dict[str, Problem], tmp_path: Path
) -> None:
    loaded.database.dispose()
    shutil.copytree(loaded.settings.data_dir, tmp_path / "copy")
    settings, database = opened(tmp_path / "copy")
    # What somebody made while the demo was there.
    store = Store.of(settings)
    draft = registration.add(database, new_version(problems["iris"]), store)
    registration.register(database, draft, store)
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO predictions (prediction_id, request_id, at, model, source, outcome)"
            " VALUES (randomblob(16), randomblob(16), 1, 'iris', 'live', 'refused')"
        )
    found = demo.run(database, settings, by="tester", report=quiet, only_remove=True)
    assert found == {"removed": ["bikeshare", "breast_cancer"], "predictions": 143 + 4375}
    assert [model.name for model in registry.all_models(database)] == ["iris"]
    assert rows(database) == 1
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(feedback)) == 0
    again = demo.run(database, settings, by="tester", report=quiet, only_remove=True)
    assert again == {"removed": [], "predictions": 0}
    database.dispose()


def test_a_model_of_its_name_that_is_somebodys_is_not_touched(
    database: Database, settings: Settings, registered: Callable[..., Version]
) -> None:
    registered("breast_cancer")
    with pytest.raises(Refused) as caught:
        demo.run(database, settings, by="tester", report=quiet, reset=True)
    assert caught.value.detail == (
        "There is a model `breast_cancer` that is not the demo's, and the demo makes one of that"
        " name. Load the demo into another database: set `WATCHDESK_DATA_DIR`."
    )
    assert len(registry.versions_of(database, "breast_cancer")) == 1


def test_two_do_not_load_it_at_the_same_time(database: Database, settings: Settings) -> None:
    with database.write() as connection:
        connection.execute(
            jobs.insert().values(
                kind="demo",
                params={},
                state="running",
                progress=0.5,
                message="",
                log="",
                cancel_requested=False,
                submitted_at=now(),
                submitted_by="tester",
                heartbeat_at=now(),
            )
        )
    with pytest.raises(Refused, match="Job 1 is loading or removing the demo just now"):
        demo.run(database, settings, by="tester", report=quiet)
