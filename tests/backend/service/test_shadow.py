"""The shadow by itself: what is offered is scored by the challenger and stored, or counted."""

import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.records import aliases, predictions, shadows
from backend.records.database import Database, now
from backend.records.predictions import Row, Window
from backend.records.registry import Version
from backend.service import shadow as module
from backend.service.champions import Champions, Loaded
from backend.service.shadow import Shadow
from backend.versions import registration
from backend.versions.artefacts import Store
from tests.conftest import Problem, new_version

EVER = Window(0, 1 << 60)
MODEL = "breast_cancer"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


def doubtful(made: Problem, keep: int | None = None) -> Problem:
    """Another version of a problem, which answers otherwise; of its first features only."""
    frame = made.frame.iloc[:, :keep]
    estimator = make_pipeline(StandardScaler(), LogisticRegression(C=1e-4))
    fitted = estimator.fit(frame.to_numpy(), made.truth)
    signature = replace(made.signature, features=made.signature.features[:keep])
    return Problem(made.name, frame, made.truth, signature, fitted)


def challenge(database: Database, store: Store, made: Problem) -> Version:
    """Register a version, make it the challenger, and switch the shadow on."""
    draft = registration.add(database, new_version(made), store)
    version = registration.register(database, draft, store)
    aliases.set_challenger(database, made.name, version.number, actor="tester", reason="test")
    shadows.switch(database, made.name, True)
    return version


class Bench:
    """A shadow with what it counted, and a champion's rows to offer."""

    def __init__(self, database: Database, store: Store, made: Problem) -> None:
        self.store = store
        self.champions = Champions(database, store)
        self.champions.refresh()
        self.overload = threading.Event()
        self.scored: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.shadow = Shadow(
            database,
            self.champions.version,
            is_busy=self.overload.is_set,
            scored=lambda model, rows: self.scored.update({model: rows}),
            dropped=lambda model, rows: self.dropped.update({model: rows}),
        )
        self.shadow.refresh()
        self.made = made
        self.offered = 0
        self._database = database

    @property
    def counted(self) -> int:
        """The rows that were stored or dropped."""
        return self.scored[self.made.name] + self.dropped[self.made.name]

    @property
    def champion(self) -> Loaded:
        return self.champions.resolve(self.made.name)

    def rows(self, n: int) -> list[Any]:
        instances = self.made.frame.sample(n, replace=True, random_state=n).to_numpy().tolist()
        return [self.champion.signature.read(instance) for instance in instances]

    def offer(self, rows: list[Any]) -> list[bytes]:
        """Offer rows as if they had just been answered; returns their ids."""
        keys = [uuid.uuid4().bytes for _ in rows]
        self.shadow.offer(self.champion, rows, keys, [now()] * len(rows))
        self.offered += len(rows)
        return keys

    def settled(self) -> None:
        """Wait until every row is accounted for."""
        wait_until(lambda: self.counted == self.offered, "all rows are stored or dropped")

    def stored(self, version: int = 2) -> int:
        return shadows.count(self._database, self.made.name, EVER, version)


@pytest.fixture
def bench(
    database: Database,
    store: Store,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> Iterator[Bench]:
    """A champion and no challenger yet."""
    registered(MODEL)
    found = Bench(database, store, problems[MODEL])
    yield found
    found.shadow.close()


def logged(database: Database, bench: Bench, keys: list[bytes]) -> None:
    """The champion's rows of the log, which shadow answers are read beside."""
    base = Row(b"", b"", now(), MODEL, 1, "live", "answered", "{}", "benign", None, 0.5, 1.0, None)
    predictions.append(database, [base._replace(prediction_id=k, request_id=k) for k in keys])


def test_offered_rows_are_stored_with_what_the_challenger_answers(
    bench: Bench, database: Database, problems: dict[str, Problem]
) -> None:
    challenge(database, bench.store, doubtful(problems[MODEL]))
    bench.shadow.refresh()
    rows = bench.rows(2_500)
    keys = bench.offer(rows)
    logged(database, bench, keys)
    bench.settled()
    assert not bench.dropped
    scored = bench.champions.version(MODEL, 2).scorer.score(rows)
    assert scored.labels is not None
    assert scored.scores is not None
    expected = dict(zip(keys, zip(scored.labels, scored.scores.tolist(), strict=True), strict=True))
    found = shadows.pairs(database, MODEL, EVER, 2)
    answers = zip(found["shadow_label"], found["shadow_score"], strict=True)
    keyed = dict(zip(map(bytes, found["prediction_id"]), answers, strict=True))
    assert len(found) == 2_500
    assert {k: label for k, (label, _) in keyed.items()} == {
        k: label for k, (label, _) in expected.items()
    }
    for key, (_, score) in keyed.items():
        assert score == pytest.approx(expected[key][1])


def test_a_model_wants_work_only_while_it_is_switched_on(bench: Bench, database: Database) -> None:
    assert not bench.shadow.wants(MODEL)
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    assert bench.shadow.wants(MODEL)
    assert not bench.shadow.wants("other")
    aliases.promote(database, MODEL, 2, actor="tester", reason="test")
    bench.shadow.refresh()
    assert not bench.shadow.wants(MODEL)


def test_what_still_waits_when_it_is_switched_off_is_dropped(
    bench: Bench, database: Database
) -> None:
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    bench.overload.set()
    bench.offer(bench.rows(300))
    shadows.switch(database, MODEL, False)
    bench.shadow.refresh()
    bench.overload.clear()
    bench.settled()
    assert bench.dropped[MODEL] == 300
    bench.shadow.offer(bench.champion, bench.rows(5), [b""] * 5, [0] * 5)
    assert bench.counted == bench.offered  # nothing of it was taken


def test_a_challenger_that_has_just_been_promoted_does_not_score_its_own_answers(
    bench: Bench, database: Database
) -> None:
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    aliases.promote(database, MODEL, 2, actor="tester", reason="test")
    bench.champions.refresh()  # and the shadow has not looked yet
    bench.shadow.offer(bench.champion, bench.rows(5), [b""] * 5, [0] * 5)
    bench.shadow.close()
    assert bench.counted == 0


def test_a_full_queue_drops_at_once_what_does_not_fit(bench: Bench, database: Database) -> None:
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    bench.overload.set()  # so that nothing is taken from the queue to be scored
    rows = bench.rows(1_000)
    for _ in range(9):
        bench.offer(rows)
    assert not bench.dropped
    bench.offer([*rows, *rows])
    assert bench.dropped[MODEL] == 1_000
    bench.overload.clear()
    bench.settled()
    assert bench.stored() == bench.scored[MODEL] == module.MOST_WAITING_ROWS


def test_lasting_overload_drops_what_waits_and_scores_again_when_it_is_over(
    bench: Bench, database: Database
) -> None:
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    bench.overload.set()
    bench.offer(bench.rows(50))
    bench.settled()
    assert bench.dropped[MODEL] == 50
    bench.overload.clear()
    bench.offer(bench.rows(20))
    bench.settled()
    assert (bench.dropped[MODEL], bench.stored()) == (50, 20)


def test_what_waits_when_the_service_ends_is_counted_as_dropped(
    bench: Bench, database: Database
) -> None:
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    bench.overload.set()
    bench.offer(bench.rows(70))
    bench.shadow.close()
    assert bench.dropped[MODEL] == 70
    assert bench.stored() == 0


def test_a_challenger_that_cannot_be_loaded_is_explained_once_and_its_rows_are_dropped(
    bench: Bench, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    version = challenge(database, bench.store, doubtful(bench.made))
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE blob_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ?",
            (version.files["model.joblib"],),
        )
    with caplog.at_level(logging.ERROR):
        bench.shadow.refresh()
        for _ in range(3):
            bench.offer(bench.rows(10))
            bench.settled()
    assert bench.dropped[MODEL] == 30
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("The challenger of `breast_cancer` does not score. ")


def test_rows_that_the_challenger_cannot_answer_are_stored_with_the_reason(
    bench: Bench, database: Database
) -> None:
    made = doubtful(bench.made)
    # Its signature names fewer features than its estimator takes, so that predicting raises.
    few = replace(made.signature, features=made.signature.features[:3])
    challenge(database, bench.store, replace(made, signature=few))
    bench.shadow.refresh()
    logged(database, bench, bench.offer(bench.rows(7)))
    bench.settled()
    assert bench.scored[MODEL] == 7
    found = shadows.pairs(database, MODEL, EVER, 2)
    assert found["shadow_label"].isna().all()
    assert (
        found["error"].str.startswith("It could not answer these values (ValueError: X has 3").all()
    )


def test_a_challenger_of_fewer_features_answers_by_their_names(
    bench: Bench, database: Database, problems: dict[str, Problem]
) -> None:
    few = doubtful(problems[MODEL], keep=4)
    challenge(database, bench.store, few)
    bench.shadow.refresh()
    rows = bench.rows(40)
    keys = bench.offer(rows)
    logged(database, bench, keys)
    bench.settled()
    expected = few.estimator.predict([row[:4] for row in rows])
    found = shadows.pairs(database, MODEL, EVER, 2)
    answers = dict(zip(map(bytes, found["prediction_id"]), found["shadow_label"], strict=True))
    assert [answers[key] for key in keys] == list(expected)


def test_rows_that_the_database_does_not_take_are_dropped_and_later_ones_are_stored(
    bench: Bench, database: Database
) -> None:
    challenge(database, bench.store, bench.made)
    bench.shadow.refresh()
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE shadow_predictions RENAME TO away")
    bench.offer(bench.rows(30))
    bench.settled()
    assert bench.dropped[MODEL] == 30
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO shadow_predictions")
    bench.offer(bench.rows(20))
    bench.settled()
    assert bench.stored() == bench.scored[MODEL] == 20
