"""The same figures for answers that a challenger stored: as if the version answered again."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.errors import NotFound
from backend.records import aliases, predictions, shadows
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.shadows import ShadowRow
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console.rescoring import from_json, of_shadow, rescore
from tests.conftest import Problem
from tests.console.log_rows import NOON
from tests.console.rescoring.logs import EVER, SECOND, Logged, log, other, tell

Registered = Callable[..., Version]
Problems = dict[str, Problem]


def beside(
    database: Database,
    store: Store,
    version: Version,
    logged: Logged,
    errors: dict[int, str] | None = None,
) -> None:
    """Store what a version answers to logged rows; some end in an error."""
    scored = artefacts.load(database, version, store).score_frame(logged.frame)
    n = len(logged.frame)
    labels: list[Any] = [None] * n if scored.labels is None else [*map(str, scored.labels)]
    values = [None] * n if scored.values is None else scored.values.tolist()
    scores = [None] * n if scored.scores is None else scored.scores.tolist()
    rows = []
    for place, key in enumerate(logged.ids):
        error = (errors or {}).get(place)
        answered = error is None
        rows.append(
            ShadowRow(
                prediction_id=predictions.key_of(key),
                at=NOON + place * SECOND,
                model=version.model,
                version=version.number or 0,
                label=labels[place] if answered else None,
                value=values[place] if answered else None,
                score=scores[place] if answered else None,
                latency_ms=0.5 if answered else None,
                error=error,
            )
        )
    for start in range(0, n, shadows.ROWS_PER_TRANSACTION):
        shadows.append(database, rows[start : start + shadows.ROWS_PER_TRANSACTION])


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "diabetes"])
def test_stored_answers_give_the_figures_of_answering_again(
    name: str, database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    problem = problems[name]
    logged = log(database, store, registered(name), problem.frame)
    tell(database, logged, problem.truth.head(100))
    version = other(database, store, problem)
    beside(database, store, version, logged)
    again = rescore(database, version, EVER, store)
    found = of_shadow(
        database, name, EVER, version=2, store=store, tolerance=again.tolerance or None
    )
    assert found is not None
    assert (found.origin, found.against, found.rows) == ("shadow", (1,), len(problem.frame))
    assert 0 < found.flips["n"].sum() < found.rows
    for key in ("agreement", "truth", "tolerance", "found", "n_skipped", "segment_rows", "task"):
        assert getattr(found, key) == getattr(again, key), key
    for key in ("flips", "by_version", "segments"):
        assert getattr(found, key).to_dict("records") == getattr(again, key).to_dict("records"), key
    assert set(found.rows_sample["prediction_id"]) <= set(logged.ids)
    assert found.shift is not None
    if problem.signature.task == "multiclass":
        # Of the label that was answered then the shadow keeps no score where it answers another.
        assert again.agreement is not None
        assert found.shift.n == again.agreement.n
    else:
        assert found.shift == again.shift
    assert found.latency.rows_per_second is None
    assert found.latency.us_per_row == pytest.approx(500)
    assert from_json(found.to_json()).message == found.message


def test_what_the_challenger_could_not_answer_is_skipped_with_its_reason(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    logged = log(database, store, registered("iris"), problems["iris"].frame)
    version = other(database, store, problems["iris"])
    beside(database, store, version, logged, {3: "It broke.", 4: "It broke.", 9: "Too late."})
    found = of_shadow(database, "iris", EVER, version=2)
    assert found is not None
    assert (found.found, found.rows, found.n_skipped) == (150, 147, 3)
    assert found.skipped.to_numpy().tolist() == [["It broke.", 2], ["Too late.", 1]]
    assert found.message.endswith("3 rows are not compared. 2 of them: It broke.")


def test_of_many_answers_the_newest_are_compared_and_that_is_said(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    logged = log(database, store, registered("iris"), problems["iris"].frame)
    version = other(database, store, problems["iris"])
    beside(database, store, version, logged)
    found = of_shadow(database, "iris", EVER, version=2, most=60)
    assert found is not None
    assert (found.rows, found.sampled) == (60, True)
    assert " of the newest 60 rows that version 1 answered" in found.message
    assert found.rows_sample["at"].min().value // 1_000 >= NOON + 90 * SECOND
    half = of_shadow(database, "iris", Window(NOON, NOON + 75 * SECOND), version=2)
    assert half is not None
    assert (half.rows, half.sampled) == (75, False)


def test_without_a_number_it_is_the_challenger_and_without_answers_nothing(
    database: Database, store: Store, registered: Registered, problems: Problems
) -> None:
    logged = log(database, store, registered("iris"), problems["iris"].frame)
    assert of_shadow(database, "iris", EVER) is None
    version = other(database, store, problems["iris"])
    beside(database, store, version, logged)
    newest = of_shadow(database, "iris", EVER)
    aliases.set_challenger(database, "iris", 2, actor="tester", reason="test")
    challenger = of_shadow(database, "iris", EVER)
    assert newest is not None
    assert challenger is not None
    assert (newest.version, challenger.version) == (2, 2)
    assert of_shadow(database, "iris", EVER, version=1) is None
    assert of_shadow(database, "iris", Window(0, NOON)) is None
    with pytest.raises(NotFound):
        of_shadow(database, "nothing", EVER)
