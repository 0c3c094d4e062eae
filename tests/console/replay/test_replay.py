"""Replay: what is logged, when the truth arrives and what is refused."""

import numpy as np
import pytest
import sqlalchemy as sa

from backend.errors import NotFound, Refused, Unusable
from backend.records import aliases
from backend.records.database import Database
from backend.records.tables import feedback, predictions
from backend.versions import registration
from backend.versions.artefacts import Store
from console import replay
from console.replay import Choices
from tests.conftest import Problem
from tests.console.replay.conftest import DAY, START, Past, Register


def test_rows_are_answered_by_the_version_and_logged_at_their_own_times(iris: Past) -> None:
    made = iris.made
    result = iris.run(iris.history().sample(frac=1, random_state=0))
    found = iris.logged()
    assert (result.answered, result.refused, result.rows) == (150, 0, 150)
    assert found["label"].tolist() == made.estimator.predict(made.frame.to_numpy()).tolist()
    hours = START.value // 1_000 + np.arange(150) * 3_600_000_000
    assert found["at"].tolist() == hours.tolist()
    assert set(found["source"]) == {"replay"}
    assert set(found["outcome"]) == {"answered"}
    assert found["latency_ms"].isna().all()
    assert (result.start, result.end) == (hours[0], hours[-1])


def test_a_regression_is_logged_as_values(diabetes: Past) -> None:
    made = diabetes.made
    result = diabetes.run(diabetes.history(), truth="truth")
    found = diabetes.logged()
    expected = made.estimator.predict(made.frame.to_numpy())
    assert np.allclose(found["value"].astype(float), expected)
    assert result.truths == len(made.frame)
    assert found["ground_truth"].astype(float).tolist() == made.truth.tolist()


def test_the_truth_arrives_after_its_delay(iris: Past) -> None:
    result = iris.run(iris.history(), truth="truth", truth_delay=2.5)
    joined = sa.select(feedback.c.at - predictions.c.at, feedback.c.ground_truth)
    joined = joined.join(predictions, feedback.c.prediction_id == predictions.c.prediction_id)
    with iris.database.read() as connection:
        rows = connection.execute(joined.order_by(predictions.c.at)).all()
    assert result.truths == 150
    assert {row[0] for row in rows} == {int(2.5 * DAY)}
    assert [row[1] for row in rows] == iris.made.truth.tolist()


def test_a_missing_truth_is_not_recorded_and_one_that_is_no_label_is_explained(iris: Past) -> None:
    frame = iris.history(rows=4)
    frame.loc[1, "truth"] = None
    frame.loc[2, "truth"] = "tulip"
    result = iris.run(frame, truth="truth")
    assert (result.truths, result.truths_refused) == (2, 1)
    assert result.reasons == [
        (
            "Row 3: The ground truth `'tulip'` is not a label of `target`; expected one of"
            " `setosa`, `versicolor`, `virginica`."
        )
    ]


def test_a_truth_that_differs_from_the_one_recorded_is_explained(iris: Past) -> None:
    frame = iris.history(rows=3)
    assert iris.run(frame, truth="truth").truths == 3
    frame.loc[1, "truth"] = "virginica"
    result = iris.run(frame, truth="truth")
    assert (result.truths, result.truths_refused) == (2, 1)
    (reason,) = result.reasons
    assert reason.startswith("Row 2: Prediction `")
    assert "already has the ground truth `setosa`; you sent `virginica`." in reason


def test_a_row_that_the_signature_refuses_is_logged_as_refused(iris: Past) -> None:
    frame = iris.history(rows=5).astype({"petal width (cm)": object})
    frame.loc[3, "petal width (cm)"] = "wide"
    result = iris.run(frame, truth="truth")
    why = "Feature `petal width (cm)` is `'wide'`; expected a finite number."
    assert (result.answered, result.refused, result.truths) == (4, 1, 4)
    assert result.reasons == [f"Row 4: {why}"]
    row = iris.logged().iloc[3]
    assert (row["outcome"], row["error"], row["label"]) == ("refused", why, None)
    assert '"petal width (cm)": "wide"' in row["features"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("soon", "`'soon'`"), (None, "empty"), ("2024-13-45", "`'2024-13-45'`")],
)
def test_a_time_that_cannot_be_read_is_an_error_that_names_its_row(
    iris: Past, value: str | None, said: str
) -> None:
    frame = iris.history()
    frame["time"] = frame["time"].map(lambda time: time.isoformat()).astype(object)
    frame.loc[7, "time"] = value
    with pytest.raises(Unusable) as caught:
        iris.run(frame)
    assert caught.value.detail == (
        f"Row 8 of the column `time` is {said}; expected a time in every row, such as"
        " `2011-04-07T14:00` (UTC where it names no zone), all in one format."
    )
    assert iris.logged().empty


def test_numbers_are_not_taken_for_times(iris: Past) -> None:
    frame = iris.history().assign(time=range(150))
    with pytest.raises(Unusable, match="Row 1 of the column `time` is `0`; expected a time"):
        iris.run(frame)


def test_times_without_a_zone_are_utc_and_others_are_converted(iris: Past) -> None:
    for text in ("2024-03-01 12:00:00", "2024-03-01T14:00:00+02:00"):
        iris.run(iris.history(rows=1).assign(time=text), again=True)
    noon = (START.value // 1_000) + DAY // 2
    assert iris.logged()["at"].tolist() == [noon, noon]


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
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    from tests.conftest import new_version

    registration.add(database, new_version(problems["iris"]), store)
    with pytest.raises(Refused) as caught:
        replay.answering(database, "iris")
    assert caught.value.detail == (
        "Model `iris` has no version yet. Train and register one, then replay."
    )


@pytest.mark.parametrize("days", [-1.0, float("nan"), float("inf")])
def test_a_delay_that_is_no_number_of_days_is_refused(days: float) -> None:
    with pytest.raises(Unusable, match=f"The truth delay is `{days}`; expected a number of days"):
        Choices("iris", "time", truth_delay=days)


def test_missing_columns_are_named_before_anything_is_logged(iris: Past) -> None:
    frame = iris.history()
    with pytest.raises(Unusable, match="The table lacks the columns `petal width \\(cm\\)`"):
        iris.run(frame.drop(columns="petal width (cm)"))
    with pytest.raises(Unusable, match="has no column `when` to take the time from"):
        iris.run(frame, time="when")
    with pytest.raises(Unusable, match="has no column `fact` to take the truth from"):
        iris.run(frame, truth="fact")


def test_a_table_without_rows_logs_nothing(iris: Past) -> None:
    result = iris.run(iris.history().iloc[:0])
    assert result.to_json()["from"] is None
    assert (result.rows, result.answered) == (0, 0)
