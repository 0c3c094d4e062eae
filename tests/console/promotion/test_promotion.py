"""The champion moves as the person saw it, and the history tells it."""

from typing import Any

import pytest

from backend.errors import ChampionMoved, NotFound, Unusable
from backend.records import drafts
from backend.records.database import Database
from console import promotion

SIGNATURE: dict[str, Any] = {
    "features": [],
    "target": "answer",
    "task": "regression",
    "labels": [],
    "positive": None,
    "serves_unseen": True,
}


def add_version(database: Database, algorithm: str = "random_forest", model: str = "m") -> int:
    new = drafts.NewVersion(
        model=model,
        algorithm=algorithm,
        task="regression",
        target="answer",
        parameters={},
        metrics={},
        evaluation={},
        signature=SIGNATURE,
        data={},
        environment={},
        trained_seconds=0.1,
        note="",
        created_by="ada",
        files={"note.txt": b"kept"},
    )
    # Nothing is loaded here, so nothing is signed.
    number = drafts.register(database, drafts.add(database, new), lambda _, __: {}).number
    assert number is not None
    return number


def promote(database: Database, number: int, seen: int | None, reason: str = "better") -> None:
    promotion.promote(database, "m", number, actor="ada", reason=reason, seen=seen)


def test_a_model_without_champion_offers_every_version(database: Database) -> None:
    add_version(database)
    add_version(database)
    standing = promotion.standing(database, "m")
    assert standing.champion is None
    assert standing.since is None
    assert standing.earlier is None
    assert standing.candidates == (2, 1)


def test_an_unknown_model_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        promotion.standing(database, "m")


def test_the_challenger_is_the_first_candidate_and_the_champion_is_none(
    database: Database,
) -> None:
    for _ in range(3):
        add_version(database)
    promote(database, 3, None)
    promotion.set_challenger(database, "m", 1, actor="ada", reason="cheaper")
    standing = promotion.standing(database, "m")
    assert standing.candidates == (1, 2)
    assert standing.challenger == standing.version(1)


def test_the_confirmation_names_from_and_to(database: Database) -> None:
    add_version(database, "logistic_regression")
    add_version(database, "random_forest")
    standing = promotion.standing(database, "m")
    assert promotion.confirmation(standing, "promote", 1) == (
        "Nothing answers for `m` yet. From now on version 1 (logistic regression) will answer its"
        " requests."
    )
    promote(database, 1, None)
    standing = promotion.standing(database, "m")
    assert promotion.confirmation(standing, "promote", 2) == (
        "Requests for `m` are answered by version 1 (logistic regression). From now on version 2"
        " (random forest) will answer them instead."
    )
    assert promotion.confirmation(standing, "assign", 2) == (
        "From now on version 2 (random forest) is compared with the champion of `m` as its"
        " challenger."
    )
    assert promotion.confirmation(standing, "withdraw", 2) == (
        "Version 2 (random forest) will no longer be the challenger of `m`."
    )


def test_a_promotion_is_refused_when_the_champion_is_not_the_one_seen(
    database: Database,
) -> None:
    add_version(database)
    add_version(database)
    promote(database, 1, None)
    with pytest.raises(ChampionMoved, match=r"is version 1, not none as you saw"):
        promote(database, 2, None)
    assert promotion.standing(database, "m").model.champion == 1


def test_a_move_without_a_reason_is_refused(database: Database) -> None:
    add_version(database)
    with pytest.raises(Unusable, match="The reason is empty"):
        promote(database, 1, None, reason="  ")


def test_a_roll_back_goes_to_the_champion_before(database: Database) -> None:
    for _ in range(3):
        add_version(database)
    for number, seen in ((1, None), (3, 1)):
        promote(database, number, seen)
    assert promotion.standing(database, "m").earlier == 1
    move = promotion.roll_back(database, "m", 1, actor="ada", reason="slow", seen=3)
    assert promotion.done(move) == ("The champion of `m` rolled back from version 3 to version 1.")
    standing = promotion.standing(database, "m")
    assert standing.model.champion == 1
    assert standing.since == move
    assert standing.earlier is None


def test_the_history_tells_who_moved_what_from_where_and_why(database: Database) -> None:
    add_version(database)
    add_version(database)
    promote(database, 1, None, "first")
    promotion.set_challenger(database, "m", 2, actor="grace", reason="worth a look")
    promotion.set_challenger(database, "m", None, actor="grace", reason="it was slow")
    frame = promotion.history(database, "m")
    assert frame["move"].tolist() == ["withdrew challenger", "named challenger", "promoted"]
    assert frame["actor"].tolist() == ["grace", "grace", "ada"]
    assert frame["reason"].tolist() == ["it was slow", "worth a look", "first"]
    assert frame["from_number"].isna().tolist() == [False, True, True]
    assert frame["to_number"].tolist()[1:] == [2, 1]
    assert str(frame["at"].dt.tz) == "UTC"


def test_the_history_of_nothing_is_an_empty_frame_with_its_columns(database: Database) -> None:
    assert list(promotion.history(database).columns) == [
        "at",
        "actor",
        "model",
        "move",
        "from_number",
        "to_number",
        "reason",
    ]


def test_every_kind_of_move_has_its_sentence(database: Database) -> None:
    add_version(database)
    first = promotion.promote(database, "m", 1, actor="ada", reason="go", seen=None)
    assert promotion.done(first) == "The champion of `m` is now version 1; it is its first."
    named = promotion.set_challenger(database, "m", 1, actor="ada", reason="look")
    assert promotion.done(named) == "The challenger of `m` is now version 1."
    gone = promotion.set_challenger(database, "m", None, actor="ada", reason="seen")
    assert promotion.done(gone) == "Version 1 of `m` is no longer the challenger."
