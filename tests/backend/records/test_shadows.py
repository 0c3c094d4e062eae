"""Shadow answers: switched by model, appended beside the log, read with the champion's rows."""

from collections.abc import Callable

import pytest

from backend.errors import NotFound
from backend.records import aliases, predictions, registry, shadows
from backend.records.database import Database
from backend.records.predictions import Row, Truth, Window
from backend.records.registry import Version
from backend.records.shadows import ShadowRow
from tests.backend.records.test_log import EVER, HOUR, row


def answered(of: Row, version: int = 2, **changes: object) -> ShadowRow:
    base = ShadowRow(
        prediction_id=of.prediction_id,
        at=of.at,
        model=of.model,
        version=version,
        label="no",
        value=None,
        score=0.25,
        latency_ms=0.1,
        error=None,
    )
    return base._replace(**changes)  # type: ignore[arg-type]  # columns of the test's choice


def challenge(database: Database, name: str, number: int | None) -> None:
    aliases.set_challenger(database, name, number, actor="ana", reason="why")


def test_only_a_challenger_that_is_not_the_champion_scores_and_only_when_switched_on(
    database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    second = registered("iris", promoted=False)
    registered("diabetes")
    assert not registry.model(database, "iris").shadow
    challenge(database, "iris", 2)
    assert shadows.challengers(database) == {}
    assert shadows.switch(database, "iris", True).shadow
    assert shadows.switch(database, "diabetes", True).challenger is None
    assert shadows.challengers(database) == {"iris": (2, second.id)}
    aliases.promote(database, "iris", 2, actor="ana", reason="why")
    assert shadows.challengers(database) == {}
    challenge(database, "iris", 1)
    assert set(shadows.challengers(database)) == {"iris"}
    assert not shadows.switch(database, "iris", False).shadow
    assert shadows.challengers(database) == {}


def test_a_model_without_a_champion_answers_nothing_that_could_be_shadowed(
    database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris", promoted=False)
    challenge(database, "iris", 1)
    shadows.switch(database, "iris", True)
    assert shadows.challengers(database) == {}


def test_switching_an_unknown_model_names_it(database: Database) -> None:
    with pytest.raises(NotFound, match="There is no model `nope`"):
        shadows.switch(database, "nope", True)


def test_shadow_answers_stand_beside_the_champions_with_the_truth(database: Database) -> None:
    rows = [row(i * HOUR) for i in range(1, 5)]
    predictions.append(database, [*rows, row(HOUR, "other")])
    shadows.append(database, [answered(r) for r in rows[:3]])
    shadows.append(database, [answered(rows[3], 3, label=None, score=None, error="No.")])
    truth = Truth(predictions.text_of(rows[1].prediction_id), "no", None)
    predictions.append_feedback(database, "m", [truth])
    found = shadows.pairs(database, "m", EVER, 2)
    assert found["at"].tolist() == [3 * HOUR, 2 * HOUR, HOUR]
    assert found[["champion", "label", "score"]].to_numpy().tolist() == [[1, "yes", 0.75]] * 3
    assert found[["shadow_label", "shadow_score"]].to_numpy().tolist() == [["no", 0.25]] * 3
    assert found["truth"].tolist() == [None, "no", None]
    assert [bytes(key) for key in found["prediction_id"]] == [
        r.prediction_id for r in reversed(rows[:3])
    ]
    assert shadows.pairs(database, "m", EVER, 3)["error"].tolist() == ["No."]


def test_windows_versions_and_limits_bound_what_is_read(database: Database) -> None:
    rows = [row(i * HOUR) for i in range(1, 11)]
    predictions.append(database, rows)
    shadows.append(database, [answered(r, 2 if r.at < 8 * HOUR else 3) for r in rows])
    window = Window(3 * HOUR, 9 * HOUR)
    assert shadows.count(database, "m", window, 2) == 5
    assert shadows.count(database, "m", window, 3) == 1
    assert shadows.newest_version(database, "m", window) == 3
    assert shadows.newest_version(database, "m", Window(0, 8 * HOUR)) == 2
    assert shadows.newest_version(database, "m", Window(0, HOUR)) is None
    newest = shadows.pairs(database, "m", window, 2, most=2)
    assert newest["at"].tolist() == [7 * HOUR, 6 * HOUR]
    assert shadows.pairs(database, "none", EVER, 2).empty


def test_removing_a_model_takes_its_shadow_answers_and_no_others(
    database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    mine, other = [row(i, "iris") for i in range(1_100)], row(1, "other")
    predictions.append(database, [*mine, other])
    for start in range(0, len(mine), shadows.ROWS_PER_TRANSACTION):
        part = mine[start : start + shadows.ROWS_PER_TRANSACTION]
        shadows.append(database, [answered(r) for r in part])
    shadows.append(database, [answered(other)])
    assert shadows.count(database, "iris", EVER, 2) == 1_100
    registry.remove_model(database, "iris", with_protected=True)
    assert shadows.count(database, "iris", EVER, 2) == 0
    assert predictions.newest(database, "iris") is not None  # its log stays
    assert shadows.count(database, "other", EVER, 2) == 1


def test_removing_a_log_takes_the_shadow_answers_beside_it(database: Database) -> None:
    rows = [row(1), row(2)]
    predictions.append(database, rows)
    shadows.append(database, [answered(r) for r in rows])
    assert predictions.remove(database, "m") == 2
    assert shadows.count(database, "m", EVER, 2) == 0
