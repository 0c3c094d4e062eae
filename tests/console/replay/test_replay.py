"""Replay: what is logged, when the truth arrives, what is refused, and running it again."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from backend.errors import NotFound, Refused, Unusable
from backend.records import aliases, log, registry
from backend.records.database import Database
from backend.records.predictions import Window, keys, one
from backend.records.registry import Version
from backend.records.tables import feedback, predictions
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
def run(database: Database, settings: Settings) -> Callable[..., Result]:
    """Replay a table with the time column `time`."""

    def replayed(frame: pd.DataFrame, model: str = "iris", **choices: Any) -> Result:
        report = choices.pop("report", quiet)
        chosen = Choices(model, **{"time": "time", **choices})
        return replay.replay(database, settings, frame, chosen, report=report)

    return replayed


def test_rows_are_answered_by_the_version_and_logged_at_their_own_times(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    made = problems["iris"]
    result = run(history(made).sample(frac=1, random_state=0))
    found = logged(database, "iris")
    assert (result.answered, result.refused, result.rows) == (150, 0, 150)
    assert found["label"].tolist() == made.estimator.predict(made.frame.to_numpy()).tolist()
    hours = START.value // 1_000 + np.arange(150) * 3_600_000_000
    assert found["at"].tolist() == hours.tolist()
    assert set(found["source"]) == {"replay"}
    assert set(found["outcome"]) == {"answered"}
    assert found["latency_ms"].isna().all()
    assert (result.start, result.end) == (hours[0], hours[-1])


def test_a_regression_is_logged_as_values(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
    problems: dict[str, Problem],
) -> None:
    registered("diabetes")
    made = problems["diabetes"]
    result = run(history(made), "diabetes", truth="truth")
    found = logged(database, "diabetes")
    expected = made.estimator.predict(made.frame.to_numpy())
    assert np.allclose(found["value"].astype(float), expected)
    assert result.truths == len(made.frame)
    assert found["ground_truth"].astype(float).tolist() == made.truth.tolist()


def test_the_truth_arrives_after_its_delay(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    result = run(history(problems["iris"]), truth="truth", truth_delay=2.5)
    joined = sa.select(feedback.c.at - predictions.c.at, feedback.c.ground_truth)
    joined = joined.join(predictions, feedback.c.prediction_id == predictions.c.prediction_id)
    with database.read() as connection:
        rows = connection.execute(joined.order_by(predictions.c.at)).all()
    assert result.truths == 150
    assert {row[0] for row in rows} == {int(2.5 * DAY)}
    assert [row[1] for row in rows] == problems["iris"].truth.tolist()


def test_a_missing_truth_is_not_recorded_and_one_that_is_no_label_is_explained(
    registered: Register, run: Callable[..., Result], problems: dict[str, Problem]
) -> None:
    registered("iris")
    frame = history(problems["iris"], rows=4)
    frame.loc[1, "truth"] = None
    frame.loc[2, "truth"] = "tulip"
    result = run(frame, truth="truth")
    assert (result.truths, result.truths_refused) == (2, 1)
    assert result.reasons == [
        (
            "Row 3: The ground truth `'tulip'` is not a label of `target`; expected one of `setosa`,"
            " `versicolor`, `virginica`."
        )
    ]


def test_a_row_that_the_signature_refuses_is_logged_as_refused(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    frame = history(problems["iris"], rows=5).astype({"petal width (cm)": object})
    frame.loc[3, "petal width (cm)"] = "wide"
    result = run(frame, truth="truth")
    why = "Feature `petal width (cm)` is `'wide'`; expected a finite number."
    assert (result.answered, result.refused, result.truths) == (4, 1, 4)
    assert result.reasons == [f"Row 4: {why}"]
    row = logged(database, "iris").iloc[3]
    assert (row["outcome"], row["error"], row["label"]) == ("refused", why, None)
    assert '"petal width (cm)": "wide"' in row["features"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("soon", "`'soon'`"), (None, "empty"), ("2024-13-45", "`'2024-13-45'`")],
)
def test_a_time_that_cannot_be_read_is_an_error_that_names_its_row(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
    problems: dict[str, Problem],
    value: str | None,
    said: str,
) -> None:
    registered("iris")
    frame = history(problems["iris"])
    frame["time"] = frame["time"].map(lambda time: time.isoformat()).astype(object)
    frame.loc[7, "time"] = value
    with pytest.raises(Unusable) as caught:
        run(frame)
    assert caught.value.detail == (
        f"Row 8 of the column `time` is {said}; expected a time in every row, such as"
        " `2011-04-07T14:00` (UTC where it names no zone), all in one format."
    )
    assert logged(database, "iris").empty


def test_numbers_are_not_taken_for_times(
    registered: Register, run: Callable[..., Result], problems: dict[str, Problem]
) -> None:
    registered("iris")
    frame = history(problems["iris"]).assign(time=range(150))
    with pytest.raises(Unusable, match="Row 1 of the column `time` is `0`; expected a time"):
        run(frame)


def test_times_without_a_zone_are_utc_and_others_are_converted(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    for text in ("2024-03-01 12:00:00", "2024-03-01T14:00:00+02:00"):
        run(history(problems["iris"], rows=1).assign(time=text), again=True)
    noon = (START.value // 1_000) + DAY // 2
    assert logged(database, "iris")["at"].tolist() == [noon, noon]


def test_replaying_twice_adds_nothing_unless_asked_to(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
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
    run: Callable[..., Result],
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    row = history(problems["iris"], rows=1)
    run(pd.concat([row] * 3))
    assert len(logged(database, "iris")) == 3


def test_a_replay_that_was_stopped_is_completed_by_running_it_again(
    database: Database,
    registered: Register,
    run: Callable[..., Result],
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
    run: Callable[..., Result],
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
    run: Callable[..., Result],
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


def test_the_champion_answers_else_the_newest_version_else_the_one_chosen(
    database: Database, registered: Register
) -> None:
    registered("iris", promoted=False)
    registered("iris", promoted=False)
    assert replay.answering(database, "iris").number == 2
    aliases.promote(database, "iris", 1, actor="tester", reason="test")
    assert replay.answering(database, "iris").number == 1
    assert replay.answering(database, "iris", 2).number == 2
    with pytest.raises(NotFound):
        replay.answering(database, "iris", 3)


def test_a_model_without_a_version_is_refused(
    database: Database, registered: Register, problems: dict[str, Problem]
) -> None:
    from tests.conftest import new_version

    registry.add_draft(database, new_version(problems["iris"]))
    with pytest.raises(Refused) as caught:
        replay.answering(database, "iris")
    assert caught.value.detail == (
        "Model `iris` has no version yet. Train and register one, then replay."
    )


@pytest.mark.parametrize("days", [-1.0, float("nan"), float("inf")])
def test_a_delay_that_is_no_number_of_days_is_refused(days: float) -> None:
    with pytest.raises(Unusable, match=f"The truth delay is `{days}`; expected a number of days"):
        Choices("iris", "time", truth_delay=days)


def test_missing_columns_are_named_before_anything_is_logged(
    registered: Register, run: Callable[..., Result], problems: dict[str, Problem]
) -> None:
    registered("iris")
    frame = history(problems["iris"])
    with pytest.raises(Unusable, match="The table lacks the columns `petal width \\(cm\\)`"):
        run(frame.drop(columns="petal width (cm)"))
    with pytest.raises(Unusable, match="has no column `when` to take the time from"):
        run(frame, time="when")
    with pytest.raises(Unusable, match="has no column `fact` to take the truth from"):
        run(frame, truth="fact")


def test_a_table_without_rows_logs_nothing(
    registered: Register, run: Callable[..., Result], problems: dict[str, Problem]
) -> None:
    registered("iris")
    result = run(history(problems["iris"]).iloc[:0])
    assert result.to_json()["from"] is None
    assert (result.rows, result.answered) == (0, 0)


def test_parquet_and_csv_files_log_the_same(
    database: Database,
    settings: Settings,
    registered: Register,
    run: Callable[..., Result],
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
