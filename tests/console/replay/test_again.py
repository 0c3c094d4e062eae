"""Replay again: rows that are logged are known, and what was stopped is completed."""

import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from backend.records.database import Database
from backend.records.predictions import keys, one
from backend.settings import Settings
from console import replay
from tests.conftest import Problem
from tests.console.replay.conftest import Register, Run, history, logged


def test_replaying_twice_adds_nothing_unless_asked_to(
    database: Database,
    registered: Register,
    run: Run,
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    frame = history(problems["iris"])
    run(frame, truth="truth")
    twice = run(frame, truth="truth")
    assert (twice.answered, twice.already, twice.truths) == (0, 150, 150)
    assert len(logged(database, "iris")) == 150
    again = run(frame, again=True)
    assert (again.answered, again.already) == (150, 0)
    assert len(logged(database, "iris")) == 300


def test_rows_that_are_equal_in_all_they_hold_are_each_logged(
    database: Database,
    registered: Register,
    run: Run,
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    row = history(problems["iris"], rows=1)
    run(pd.concat([row] * 3))
    assert len(logged(database, "iris")) == 3


def test_a_replay_that_was_stopped_is_completed_by_running_it_again(
    database: Database,
    registered: Register,
    run: Run,
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    frame = history(problems["iris"], rows=2_300)

    def stop_after_a_part(share: float, _message: str) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(frame, truth="truth", report=stop_after_a_part)
    assert len(logged(database, "iris")) == 1_000
    result = run(frame, truth="truth")
    assert (result.already, result.answered, result.truths) == (1_000, 1_300, 2_300)
    found = logged(database, "iris")
    assert len(found) == found["at"].nunique() == 2_300
    assert found["ground_truth"].notna().all()


def test_no_transaction_holds_more_than_a_thousand_rows(
    database: Database,
    registered: Register,
    run: Run,
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    written: list[int] = []

    @sa.event.listens_for(database.engine, "commit")
    def _count(connection: sa.engine.Connection) -> None:
        query = "SELECT (SELECT count(*) FROM predictions) + (SELECT count(*) FROM feedback)"
        written.append(int(connection.exec_driver_sql(query).scalar_one()))

    run(history(problems["iris"], rows=2_300), truth="truth")
    steps = np.diff([0, *written])
    assert written[-1] == 4_600
    assert steps.max() <= 1_000


def test_a_prediction_id_is_a_uuid7_of_the_rows_own_time(
    database: Database,
    registered: Register,
    run: Run,
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    run(history(problems["iris"], rows=3))
    for row in logged(database, "iris").itertuples():
        identity = uuid.UUID(str(row.prediction_id))
        assert (identity.version, identity.variant) == (7, uuid.RFC_4122)
        assert identity.int >> 80 == int(str(row.at)) // 1_000
        assert one(database, str(identity))["source"] == "replay"
        assert keys(database, [str(identity)]) == {str(identity): ("iris", 1)}


def test_parquet_and_csv_files_log_the_same(
    database: Database,
    settings: Settings,
    registered: Register,
    run: Run,
    problems: dict[str, Problem],
    tmp_path: Path,
) -> None:
    registered("iris")
    frame = history(problems["iris"])
    frame.to_parquet(tmp_path / "rows.parquet")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    run(replay.open_table(database, str(tmp_path / "rows.parquet")))
    result = run(replay.open_table(database, str(tmp_path / "rows.csv")))
    assert (result.already, result.answered) == (150, 0)
