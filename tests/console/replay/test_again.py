"""Replay again: rows that are logged are known, and what was stopped is completed."""

import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from backend.records.predictions import keys, one
from console import replay
from tests.console.replay.conftest import Past


def test_replaying_twice_adds_nothing_unless_asked_to(iris: Past) -> None:
    frame = iris.history()
    iris.run(frame, truth="truth")
    twice = iris.run(frame, truth="truth")
    assert (twice.answered, twice.already, twice.truths) == (0, 150, 150)
    assert len(iris.logged()) == 150
    again = iris.run(frame, again=True)
    assert (again.answered, again.already) == (150, 0)
    assert len(iris.logged()) == 300


def test_rows_that_are_equal_in_all_they_hold_are_each_logged(iris: Past) -> None:
    row = iris.history(rows=1)
    iris.run(pd.concat([row] * 3))
    assert len(iris.logged()) == 3


def test_a_replay_that_was_stopped_is_completed_by_running_it_again(iris: Past) -> None:
    frame = iris.history(rows=2_300)

    def stop_after_a_part(share: float, _message: str) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        iris.run(frame, truth="truth", report=stop_after_a_part)
    assert len(iris.logged()) == 1_000
    result = iris.run(frame, truth="truth")
    assert (result.already, result.answered, result.truths) == (1_000, 1_300, 2_300)
    found = iris.logged()
    assert len(found) == found["at"].nunique() == 2_300
    assert found["ground_truth"].notna().all()


def test_no_transaction_holds_more_than_a_thousand_rows(iris: Past) -> None:
    written: list[int] = []

    @sa.event.listens_for(iris.database.engine, "commit")
    def _count(connection: sa.engine.Connection) -> None:
        query = "SELECT (SELECT count(*) FROM predictions) + (SELECT count(*) FROM feedback)"
        written.append(int(connection.exec_driver_sql(query).scalar_one()))

    iris.run(iris.history(rows=2_300), truth="truth")
    steps = np.diff([0, *written])
    assert written[-1] == 4_600
    assert steps.max() <= 1_000


def test_a_prediction_id_is_a_uuid7_of_the_rows_own_time(iris: Past) -> None:
    iris.run(iris.history(rows=3))
    for row in iris.logged().itertuples():
        identity = uuid.UUID(str(row.prediction_id))
        assert (identity.version, identity.variant) == (7, uuid.RFC_4122)
        assert identity.int >> 80 == int(str(row.at)) // 1_000
        assert one(iris.database, str(identity))["source"] == "replay"
        assert keys(iris.database, [str(identity)]) == {str(identity): ("iris", 1)}


def test_parquet_and_csv_files_log_the_same(iris: Past, tmp_path: Path) -> None:
    frame = iris.history()
    frame.to_parquet(tmp_path / "rows.parquet")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    iris.run(replay.open_table(iris.database, str(tmp_path / "rows.parquet")))
    result = iris.run(replay.open_table(iris.database, str(tmp_path / "rows.csv")))
    assert (result.already, result.answered) == (150, 0)
