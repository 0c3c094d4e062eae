"""Rescoring a log: every figure against what the version's own estimator says of the same rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, mean_absolute_error

from backend.records import predictions
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.tables import metadata
from backend.records.tables import predictions as log_table
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from console.rescoring import Rescoring, from_json, rescore
from tests.conftest import Problem, new_version
from tests.console.log_rows import NOON, row
from tests.console.rescoring.logs import EVER, SECOND, log, other, tell

Registered = Callable[..., Version]
Problems = dict[str, Problem]


def answers(database: Database, store: Store, version: Version, frame: pd.DataFrame) -> Any:
    """What scikit-learn answers, past everything that is tested here."""
    names = [feature["name"] for feature in version.signature["features"]]
    return artefacts.estimator(database, version, store).predict(frame[names].to_numpy())


@pytest.mark.parametrize("name", ["breast_cancer", "iris"])
def test_counts_each_way_in_which_labels_change(
    name: str, database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems[name]
    logged = log(database, store, registered(name), problem.frame)
    version = other(database, store, problem)
    found = rescore(database, version, EVER, store, batch=37)
    was = pd.Series(logged.answers)
    now = pd.Series(answers(database, store, version, problem.frame))
    changed = was != now
    assert 0 < changed.sum() < len(was)
    assert (found.rows, found.found, found.against) == (len(was), len(was), (1,))
    assert found.agreement is not None
    expected = binomtest(int((~changed).sum()), len(was)).proportion_ci(method="wilson")
    assert found.agreement.n == (~changed).sum()
    assert found.agreement.low == pytest.approx(expected.low, abs=1e-6)
    assert found.agreement.high == pytest.approx(expected.high, abs=1e-6)
    moves = pd.DataFrame({"was": was, "now": now})[changed].value_counts()
    told = found.flips.set_index(["from_label", "to_label"])["n"]
    assert told.to_dict() == moves.to_dict()
    assert told.is_monotonic_decreasing
    one = found.by_version.iloc[0]
    assert (one["version"], one["n"], one["changed"]) == (1, len(was), changed.sum())


def test_who_is_right_is_counted_as_scikit_learn_and_mcnemar_say(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    logged = log(database, store, registered(), problem.frame)
    tell(database, logged, problem.truth.head(400))
    version = other(database, store, problem)
    truth = rescore(database, version, EVER, store).truth
    was = np.array(logged.answers)[:400]
    now = answers(database, store, version, problem.frame.head(400))
    right, still = was == problem.truth.head(400), now == problem.truth.head(400)
    assert truth is not None
    assert truth.known == 400
    assert truth.newly_right.n == (~right & still).sum()
    assert truth.newly_wrong.n == (right & ~still).sum() > 0
    assert truth.newly_wrong.share == pytest.approx((right & ~still).mean())
    assert truth.measure == "accuracy"
    assert truth.was == pytest.approx(accuracy_score(problem.truth.head(400), was))
    assert truth.now == pytest.approx(accuracy_score(problem.truth.head(400), now))
    assert truth.low < truth.difference < truth.high
    both = truth.newly_right.n + truth.newly_wrong.n
    assert truth.p_value == pytest.approx(binomtest(truth.newly_wrong.n, both).pvalue)


def test_the_shift_is_of_the_positive_labels_probability(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    first = registered()
    log(database, store, first, problem.frame)
    version = other(database, store, problem)
    shift = rescore(database, version, EVER, store).shift
    before, after = (
        artefacts.estimator(database, v, store).predict_proba(problem.frame.to_numpy())[:, 1]
        for v in (first, version)
    )
    assert list(artefacts.estimator(database, version, store).classes_)[1] == "malignant"
    assert shift is not None
    assert (shift.unit, shift.n) == ("score", len(before))
    assert shift.mean == pytest.approx((after - before).mean())
    quantiles = np.quantile(after - before, [0.05, 0.5, 0.95])
    assert [shift.p05, shift.p50, shift.p95] == pytest.approx(quantiles.tolist())


def test_of_several_labels_the_shift_is_of_the_label_that_was_answered(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["iris"]
    logged = log(database, store, registered("iris"), problem.frame)
    version = other(database, store, problem)
    shift = rescore(database, version, EVER, store).shift
    first = artefacts.estimator(database, logged.version, store)
    before = first.predict_proba(problem.frame.to_numpy()).max(axis=1)
    estimator = artefacts.estimator(database, version, store)
    places = [list(estimator.classes_).index(label) for label in logged.answers]
    after = estimator.predict_proba(problem.frame.to_numpy())[np.arange(len(places)), places]
    assert shift is not None
    assert shift.mean == pytest.approx((after - before).mean())


def test_values_of_a_regression_agree_within_a_tolerance(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["diabetes"]
    logged = log(database, store, registered("diabetes"), problem.frame)
    tell(database, logged, problem.truth)
    version = other(database, store, problem)
    was = np.array(logged.answers)
    now = answers(database, store, version, problem.frame)
    found = rescore(database, version, EVER, store, batch=50)
    assert found.tolerance == pytest.approx(0.1 * now.std())  # all rows are its reference's
    moved = np.abs(now - was) > found.tolerance
    assert found.agreement is not None
    assert found.agreement.n == (~moved).sum()
    assert found.flips.set_index("to_label")["n"].to_dict() == {
        "higher": (moved & (now > was)).sum(),
        "lower": (moved & (now < was)).sum(),
    }
    truth, shift = found.truth, found.shift
    assert truth is not None
    assert shift is not None
    assert (truth.measure, truth.p_value, truth.right_was) == ("mae", None, None)
    assert truth.was == pytest.approx(mean_absolute_error(problem.truth, was))
    assert truth.now == pytest.approx(mean_absolute_error(problem.truth, now))
    rise = np.abs(now - problem.truth) - np.abs(was - problem.truth)
    assert truth.newly_wrong.n == (rise > found.tolerance).sum()
    assert truth.newly_right.n == (rise < -found.tolerance).sum()
    reach = 1.96 * rise.std(ddof=1) / np.sqrt(len(rise))
    assert truth.high - truth.difference == pytest.approx(reach, rel=1e-4)
    assert shift.mean == pytest.approx((now - was).mean())
    assert rescore(database, version, EVER, store, tolerance=1e9).flips.empty


def test_segments_are_the_quarters_where_answers_change_most_surely(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    frame = problem.frame.assign(**{"mean radius": 7.0})  # a value that every row has
    logged = log(database, store, registered(), frame)
    version = other(database, store, problem)
    changed = answers(database, store, version, frame) != np.array(logged.answers)
    counts = []
    for name in frame:
        edges = np.quantile(problem.frame[name], [0.25, 0.5, 0.75], method="higher")
        cells = np.searchsorted(edges, frame[name], side="right")
        members = [cells == cell for cell in range(4)]
        counts += [
            (int(rows.sum()), int(changed[rows].sum()))
            for rows in members
            if 30 <= rows.sum() < len(frame)
        ]
    level = 1 - 0.05 / len(counts)
    lows = {(n, k): binomtest(k, n).proportion_ci(level, method="wilson").low for n, k in counts}
    expected = sorted(counts, key=lambda of: (lows[of], of[1] / of[0]), reverse=True)[:20]
    found = rescore(database, version, EVER, store, batch=100).segments
    assert list(zip(found["n"], found["changed"], strict=True)) == [c for c in expected if c[1]]
    assert found["low"].tolist() == pytest.approx([lows[c] for c in expected if c[1]], abs=1e-9)
    assert found["lift"].tolist() == pytest.approx((found["share"] / changed.mean()).tolist())
    assert found["clear"].tolist() == (found["low"] > changed.mean()).tolist()
    assert found["clear"].any()


def test_a_version_agrees_with_itself(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    version = registered()
    log(database, store, version, problems["breast_cancer"].frame)
    found = rescore(database, version, EVER, store)
    assert found.agreement is not None
    assert found.agreement.share == 1.0
    assert found.flips.empty
    assert found.segments.empty
    assert found.rows_sample.empty
    assert found.message == (
        "Version 1 gives the same label to 100 % of 569 rows that version 1 answered (95 %"
        " interval 99.33 % to 100 %)."
    )


def test_nothing_is_written(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    tell(database, log(database, store, registered(), problem.frame), problem.truth)
    version = other(database, store, problem)

    def everything() -> dict[str, list[Any]]:
        with database.read() as connection:
            return {
                name: [tuple(found) for found in connection.execute(sa.select(table))]
                for name, table in metadata.tables.items()
            }

    before = everything()
    rescore(database, version, EVER, store)
    assert everything() == before
    assert before["predictions"]
    assert not before["shadow_predictions"]


def test_live_and_replayed_rows_and_those_of_one_version_can_be_chosen(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["iris"]
    first = registered("iris")
    second = other(database, store, problem)
    log(database, store, first, problem.frame.head(50))
    log(database, store, first, problem.frame.head(40), source="replay")
    log(database, store, second, problem.frame.head(30))
    predictions.append(database, [row(first, outcome="refused", features="[]", label=None)])
    assert rescore(database, second, EVER, store).against == (1, 2)
    assert rescore(database, second, EVER, store).rows == 120
    assert rescore(database, second, EVER, store, source="live").rows == 80
    assert rescore(database, second, EVER, store, source="replay").rows == 40
    assert rescore(database, second, EVER, store, against=2).against == (2,)
    window = Window(NOON + 10 * SECOND, NOON + 20 * SECOND)
    assert rescore(database, second, window, store).rows == 30


def test_a_limit_draws_rows_at_random(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    log(database, store, registered(), problem.frame)
    version = other(database, store, problem)
    found = rescore(database, version, EVER, store, limit=200)
    assert (found.rows, found.sampled) == (200, True)
    assert "of 200 rows drawn at random that version 1 answered" in found.message
    again = rescore(database, version, EVER, store, limit=200)
    assert again.message == found.message
    assert rescore(database, version, EVER, store, limit=10_000).sampled is False


def test_rows_that_lack_a_column_are_skipped_with_the_reason(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["iris"]
    few = other(database, store, problem, list(problem.frame.columns[:2]))
    log(database, store, few, problem.frame.head(40))
    full = registered("iris", promoted=False)
    log(database, store, full, problem.frame.head(60))
    found = rescore(database, full, EVER, store)
    assert (found.found, found.rows, found.n_skipped) == (100, 60, 40)
    name = problem.frame.columns[2]
    assert found.skipped.to_dict("records") == [
        {"reason": f"`{name}` is missing; expected a finite number.", "n": 40}
    ]
    narrow = rescore(database, few, EVER, store)
    assert (narrow.rows, narrow.n_skipped) == (100, 0)  # what it does not take is left out


def test_a_missing_value_is_skipped_only_where_it_is_refused(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["iris"]
    first = registered("iris")
    name = str(problem.frame.columns[0])
    holes = problem.frame.head(40).astype(object)
    holes.iloc[:7, 0] = None
    log(database, store, first, problem.frame.head(40), features=holes)
    found = rescore(database, first, EVER, store)
    assert (found.rows, found.n_skipped) == (33, 7)
    assert found.skipped["reason"].tolist() == [f"`{name}` is missing; expected a finite number."]


def test_rows_of_a_version_that_is_gone_are_skipped(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["iris"]
    version = registered("iris")
    log(database, store, version, problem.frame.head(30))
    with database.write() as connection:
        connection.execute(log_table.update().where(log_table.c.id <= 10).values(version=9))
    found = rescore(database, version, EVER, store)
    assert found.rows == 20
    assert found.skipped.iloc[0].tolist() == [
        "Version 9 answered it and is not registered any more, so its features have no names.",
        10,
    ]


def test_no_rows_and_few_rows_are_said_and_no_error(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    version = registered("iris")
    found = rescore(database, version, EVER, store)
    assert (found.rows, found.agreement, found.shift, found.truth) == (0, None, None, None)
    assert found.message == "No answered row lies in this window. Choose a longer one."
    log(database, store, version, problems["iris"].frame.head(12))
    few = rescore(database, version, EVER, store)
    assert few.message.endswith("That is too few to judge by; expected at least 30 rows.")
    assert_same(found, from_json(found.to_json()))


def test_the_positive_labels_must_be_the_same_for_a_shift(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    log(database, store, registered(), problem.frame.head(40))
    version = other(database, store, problem, positive="benign")
    assert rescore(database, version, EVER, store).shift is None


def test_the_rows_shown_are_changed_ones_those_newly_wrong_first(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems["breast_cancer"]
    logged = log(database, store, registered(), problem.frame)
    tell(database, logged, problem.truth)
    version = other(database, store, problem)
    found = rescore(database, version, EVER, store, batch=100)
    shown = found.rows_sample
    assert found.truth is not None
    assert shown["kind"].value_counts().to_dict() == {
        kind: n
        for kind, n in (
            ("newly_wrong", min(40, found.truth.newly_wrong.n)),
            ("newly_right", min(40, found.truth.newly_right.n)),
        )
        if n
    }
    assert shown["kind"].iloc[0] == "newly_wrong"
    assert (shown["was"] != shown["now"]).all()
    for _, one in shown.iterrows():
        place = logged.ids.index(one["prediction_id"])
        assert one["was"] == logged.answers[place]
        assert one["truth"] == problem.truth[place]
        assert one["mean radius"] == logged.frame.loc[place, "mean radius"]
        assert one["at"].value // 1_000 == NOON + place * SECOND
    assert_same(found, from_json(found.to_json()))


def test_progress_is_told_after_each_batch_and_can_stop_the_run(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    version = registered("iris")
    log(database, store, version, problems["iris"].frame)
    told: list[tuple[float, str]] = []
    rescore(database, version, EVER, store, batch=50, report=lambda *said: told.append(said))
    assert told == [
        (0.0, "Loading the version."),
        (pytest.approx(1 / 3), "Answered 50 rows."),
        (pytest.approx(2 / 3), "Answered 100 rows."),
        (1.0, "Answered 150 rows."),
    ]

    class Stopped(Exception):
        pass

    def stop(share: float, _message: str) -> None:
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        rescore(database, version, EVER, store, batch=50, report=stop)


def assert_same(found: Rescoring, other: Rescoring) -> None:
    """A document and back loses nothing."""
    for name, value in vars(found).items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(
                value.astype(object), getattr(other, name).astype(object), check_dtype=False
            )
        elif name != "latency":
            assert getattr(other, name) == value, name


@pytest.mark.postgres
def test_postgresql_gives_what_sqlite_gives(
    database: Database,
    store: Store,
    problems: Problems,
    postgres_url: str,
) -> None:
    migrate(postgres_url)
    there = connect(postgres_url)
    try:
        found = [_of_two_versions(each, store, problems["iris"]) for each in (database, there)]
    finally:
        there.dispose()
    for here, other_there in zip(*found, strict=True):
        assert other_there == here


def _of_two_versions(database: Database, store: Store, problem: Problem) -> list[Any]:
    """Documents of some rescorings, without what differs from run to run."""
    first = registration.register(
        database, registration.add(database, new_version(problem), store), store
    )
    live = log(database, store, first, problem.frame)
    tell(database, live, problem.truth.head(90))
    log(database, store, first, problem.frame.head(60), source="replay", start=NOON + 900 * SECOND)
    second = other(database, store, problem)
    window = Window(NOON + 20 * SECOND, NOON + 940 * SECOND)
    asked: list[dict[str, Any]] = [{}, {"batch": 41}, {"limit": 100}, {"source": "replay"}]
    documents = [rescore(database, second, window, store, **each).to_json() for each in asked]
    for document in documents:
        del document["latency"]
        place = document["sample"]["columns"].index("prediction_id")
        for shown in document["sample"]["rows"]:
            del shown[place]
    assert [document["rows"] for document in documents] == [170, 170, 100, 40]
    assert documents[0]["truth"]["known"] == 70
    return documents
