"""Scenarios are kept, listed, removed and recorded; a name is given once, whoever is quicker."""

import json
import threading

import pytest
import sqlalchemy as sa

from backend.errors import NotFound, Refused
from backend.records import drafts, registry, scenarios
from backend.records.database import Database
from backend.records.tables import audit

NEW = drafts.NewVersion(
    model="m",
    algorithm="linear_regression",
    task="regression",
    target="answer",
    parameters={},
    metrics={},
    evaluation={},
    signature={},
    data={},
    environment={},
    trained_seconds=0.1,
    note="",
    created_by="ada",
    files={"note.txt": b"kept"},
)
ROW = {"x": 1.5, "region": "nörth", "y": None}
RANGE = {"low": 1.0, "high": None}


@pytest.fixture(autouse=True)
def _model(database: Database) -> None:
    drafts.add(database, NEW)


def recorded(database: Database) -> list[tuple[str, str, str, dict[str, object]]]:
    query = sa.select(audit).where(audit.c.action.startswith("scenario.")).order_by(audit.c.id)
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [(row.actor, row.action, row.subject, json.loads(row.detail)) for row in rows]


def test_what_is_kept_is_listed_oldest_first_as_it_was_given(database: Database) -> None:
    first = scenarios.add(database, "m", "one", ROW, RANGE, actor="ada")
    second = scenarios.add(database, "m", "two", {}, {"label": "yes"}, actor="bob")
    assert scenarios.of_model(database, "m") == [first, second]
    assert (first.features, first.expected, first.created_by) == (ROW, RANGE, "ada")
    assert scenarios.of_model(database, "another") == []


def test_a_name_is_given_once(database: Database) -> None:
    scenarios.add(database, "m", "one", ROW, RANGE, actor="ada")
    with pytest.raises(Refused) as refused:
        scenarios.add(database, "m", "one", {}, RANGE, actor="bob")
    assert refused.value.detail == (
        "`m` has a scenario named `one` already. Choose another name, or remove it."
    )
    assert [one.created_by for one in scenarios.of_model(database, "m")] == ["ada"]


def test_of_those_who_keep_the_same_name_at_once_one_does_and_the_others_are_told(
    database: Database,
) -> None:
    barrier, lost = threading.Barrier(4), list[str]()

    def add(actor: str) -> None:
        barrier.wait()
        try:
            scenarios.add(database, "m", "one", ROW, RANGE, actor=actor)
        except Refused:
            lost.append(actor)

    threads = [threading.Thread(target=add, args=(actor,)) for actor in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (kept,) = scenarios.of_model(database, "m")
    assert sorted([kept.created_by, *lost]) == ["a", "b", "c", "d"]
    assert [actor for actor, *_ in recorded(database)] == [kept.created_by]


def test_what_is_removed_is_gone_and_both_are_in_the_audit_log(database: Database) -> None:
    scenarios.add(database, "m", "one", ROW, RANGE, actor="ada")
    scenarios.remove(database, "m", "one", actor="bob")
    assert scenarios.of_model(database, "m") == []
    with pytest.raises(NotFound) as missing:
        scenarios.remove(database, "m", "one", actor="bob")
    assert missing.value.detail == (
        "`m` has no scenario named `one`. `python -m console scenarios` lists them."
    )
    detail = {"name": "one", "features": ROW, "expected": RANGE}
    assert recorded(database) == [
        ("ada", "scenario.add", "m", detail),
        ("bob", "scenario.remove", "m", detail),
    ]


def test_an_unknown_model_keeps_none(database: Database) -> None:
    with pytest.raises(NotFound):
        scenarios.add(database, "nothing", "one", ROW, RANGE, actor="ada")
    assert recorded(database) == []


def test_a_model_is_removed_with_its_scenarios(database: Database) -> None:
    scenarios.add(database, "m", "one", ROW, RANGE, actor="ada")
    registry.remove_model(database, "m", actor="ada")
    assert scenarios.of_model(database, "m") == []
