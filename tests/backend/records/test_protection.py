"""What serves, served or is named stays; the rest can be removed, and takes nothing else along."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from backend.errors import NotFound, Refused, WatchdeskError
from backend.records import (
    aliases,
    audit,
    blobs,
    drafts,
    predictions,
    protection,
    registry,
    retiring,
    reviews,
    tables,
)
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.succession import Step, ends, way_back

DAY = 86_400_000_000


def draft(database: Database, content: bytes = b"shared", model: str = "m") -> int:
    new = drafts.NewVersion(
        model=model,
        algorithm="random_forest",
        task="regression",
        target="answer",
        parameters={},
        metrics={},
        evaluation={},
        signature={"features": [], "target": "answer", "task": "regression"},
        data={},
        environment={},
        trained_seconds=0.1,
        note="",
        created_by="ada",
        files={"model.bin": content},
    )
    return drafts.add(database, new)


def version(database: Database, content: bytes = b"shared", model: str = "m") -> int:
    number = drafts.register(database, draft(database, content, model), lambda _, __: {}).number
    assert number is not None
    return number


def promote(database: Database, number: int) -> aliases.Promotion:
    return aliases.promote(database, "m", number, actor="ada", reason="better")


def remove(database: Database, number: int, **more: Any) -> None:
    found = registry.version(database, "m", number)
    retiring.remove(database, found, actor="ada", why=["is old"], **more)


def logged(database: Database, number: int, outcome: str = "answered") -> None:
    row = predictions.Row(
        prediction_id=bytes(15) + bytes([number]),
        request_id=bytes(16),
        at=5 * DAY,
        model="m",
        version=number,
        source="live",
        outcome=outcome,
        features="[]",
        label=None,
        value=1.0,
        score=None,
        latency_ms=1.0,
        error=None,
    )
    with database.write() as connection:
        predictions.insert(connection, database.is_sqlite, [row])


def asked(database: Database, number: int, seen: int | None) -> None:
    sha256 = blobs.store(database, f"dossier of {number}".encode())
    with database.write() as connection:
        connection.execute(
            tables.promotion_requests.insert().values(
                model="m",
                number=number,
                from_number=seen,
                requested_at=1,
                requested_by="ada",
                reason="better",
                sha256=sha256,
                passed=True,
                waivers=[],
                state="withdrawn",
            )
        )


def test_champion_challenger_and_the_way_back_are_protected(database: Database) -> None:
    for _ in range(5):
        version(database)
    promote(database, 1)
    promote(database, 2)
    promote(database, 3)
    aliases.set_challenger(database, "m", 4, actor="ada", reason="try")
    later = audit.rows_of(database)[0].at + DAY
    assert protection.of(database, "m", since=later) == {
        2: ("is what a roll-back goes to",),
        3: ("is the champion",),
        4: ("is the challenger",),
    }
    with pytest.raises(Refused) as refusal:
        remove(database, 3)
    assert refusal.value.detail == "Version 3 of `m` is not removed: it is the champion."
    remove(database, 5)
    assert [v.number for v in registry.versions_of(database, "m")] == [4, 3, 2, 1]


def test_a_champion_of_before_is_protected_for_as_long_as_is_asked(database: Database) -> None:
    for _ in range(3):
        version(database)
    promote(database, 1)
    promote(database, 2)
    end = promote(database, 3).at
    handover = aliases.history(database, "m")[1].at
    assert protection.of(database, "m", since=handover)[1][0].startswith("was champion until 20")
    assert 1 not in protection.of(database, "m", since=handover + 1)
    assert 1 in protection.of(database, "m", since=None)
    assert "is what a roll-back goes to" in protection.of(database, "m", since=end + DAY)[2]


def test_what_a_dossier_or_a_review_names_is_protected(database: Database) -> None:
    for _ in range(5):
        version(database)
    asked(database, 2, seen=1)
    asked(database, 2, seen=None)
    document = b'{"findings": []}'
    for _ in range(4):
        reviews.add(database, "m", 3, Window(1, 2), "drifted", document, {}, actor="ada")
    found = protection.of(database, "m")
    assert set(found) == {1, 2, 3}
    assert found[1][0].startswith("is named in the dossier of promotion request ")
    assert found[2][0].startswith("is named in the dossier of promotion requests ")
    assert found[3] == ("is named in 4 reviews",)
    for number in (1, 2, 3):
        with pytest.raises(Refused, match=f"Version {number} of `m` is not removed: it is named"):
            remove(database, number)


def test_what_answered_rows_of_the_log_is_protected_whether_they_are_summarised_or_not(
    database: Database,
) -> None:
    for _ in range(4):
        version(database)
    logged(database, 1)
    logged(database, 2, outcome="refused")
    hour = (0, 3, "live", 7, 0, 0, None, 1, 1)
    names = [column.name for column in tables.summaries.columns]
    with database.write() as connection:
        values = dict(zip(names, ("m", *hour), strict=True))
        connection.execute(tables.summaries.insert().values(**values))
    assert protection.of(database, "m") == {
        1: ("answered rows of the log",),
        3: ("answered rows of the log",),
    }


def test_of_another_model_nothing_is_protected(database: Database) -> None:
    version(database)
    version(database, model="other")
    promote(database, 1)
    assert protection.of(database, "other") == {}
    assert protection.of(database, "nothing") == {}


def test_removing_a_version_leaves_the_others_whole_and_is_recorded(database: Database) -> None:
    version(database, b"shared")
    kept = version(database, b"shared")
    gone = registry.version(database, "m", version(database, b"its own"))
    remove(database, 1)
    remove(database, 3)
    assert blobs.sweep(database, older_than_seconds=-1) == 1
    left = registry.version(database, "m", kept)
    assert blobs.fetch(database, left.files["model.bin"]) == b"shared"
    newest = audit.rows_of(database, subject="m")[0]
    assert (newest.action, newest.actor) == ("remove_version", "ada")
    assert newest.detail == {
        "version": 3,
        "draft": gone.id,
        "algorithm": "random_forest",
        "files": gone.files,
        "why": ["is old"],
    }
    with pytest.raises(NotFound) as error:
        retiring.remove(database, gone, actor="ada")
    assert error.value.detail == "Version 3 of `m` is gone already."
    assert version(database) == 4


def test_a_draft_that_was_registered_meanwhile_stays(database: Database) -> None:
    seen = drafts.one(database, draft(database))
    drafts.register(database, seen.id, lambda _, __: {})
    with pytest.raises(Refused) as refusal:
        retiring.remove(database, seen, actor="ada")
    assert refusal.value.detail == f"Draft {seen.id} was registered meanwhile, as version 1."
    assert registry.version(database, "m", 1).files


def test_of_removing_and_promoting_at_once_one_happens(database: Database) -> None:
    version(database)
    promote(database, 1)
    for _ in range(6):
        number = version(database)
        found = registry.version(database, "m", number)
        start = threading.Barrier(2)
        outcomes: list[str] = []

        def race(
            work: Any, start: threading.Barrier = start, outcomes: list[str] = outcomes
        ) -> None:
            start.wait()
            try:
                work()
                outcomes.append("done")
            except WatchdeskError as error:
                outcomes.append(type(error).__name__)

        works = (
            lambda number=number: promote(database, number),
            lambda found=found: retiring.remove(database, found, actor="ada"),
        )
        racers = [threading.Thread(target=race, args=(work,)) for work in works]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(outcomes) in (["NotFound", "done"], ["Refused", "done"])
        champion = aliases.champion(database, "m")
        assert champion.files


def test_a_roll_back_goes_to_any_earlier_champion_and_passes_over_removed_ones(
    database: Database,
) -> None:
    for _ in range(4):
        version(database)
    for number in (1, 2, 3):
        promote(database, number)
    later = audit.rows_of(database)[0].at + DAY
    remove(database, 1, since=later)
    with pytest.raises(NotFound, match="Model `m` has no version 1"):
        aliases.rollback(database, "m", actor="ada", reason="bad", to=1)
    with pytest.raises(Refused, match="Version 4 of `m` never was champion"):
        aliases.rollback(database, "m", actor="ada", reason="bad", to=4)
    assert aliases.rollback(database, "m", actor="ada", reason="bad").to_number == 2
    with pytest.raises(Refused, match="Version 2 is the first champion of `m`"):
        aliases.rollback(database, "m", actor="ada", reason="bad")
    back = aliases.rollback(database, "m", actor="ada", reason="better again", to=3)
    assert (back.kind, back.from_number, back.to_number) == ("rollback", 2, 3)


def test_a_model_with_what_is_protected_is_removed_only_as_a_whole_demo(
    database: Database,
) -> None:
    version(database)
    version(database)
    promote(database, 1)
    asked(database, 2, seen=1)
    with pytest.raises(Refused) as refusal:
        registry.remove_model(database, "m")
    request = protection.of(database, "m")[2][0].rpartition(" ")[2]
    named = f"is named in the dossier of promotion request {request}"
    assert refusal.value.detail == (
        f"Model `m` is not removed: version 1 is the champion and {named}; version 2 {named}."
    )
    registry.remove_model(database, "m", with_protected=True)
    assert registry.names(database) == ()


def test_a_model_whose_versions_nobody_uses_is_removed(database: Database) -> None:
    version(database)
    registry.remove_model(database, "m")
    assert registry.names(database) == ()


def test_a_sweep_keeps_the_dossier_that_a_promotion_names(database: Database) -> None:
    version(database)
    promote(database, 1)
    sha256, loose = blobs.store(database, b"evidence"), blobs.store(database, b"nobody's")
    with database.write() as connection:
        connection.execute(tables.promotions.update().values(dossier=sha256))
    assert blobs.sweep(database, older_than_seconds=-1) == 1
    assert blobs.fetch(database, sha256) == b"evidence"
    assert retiring.sizes(database, [sha256, loose]) == {sha256: 8}


def test_a_sweep_removes_all_chunks_of_a_large_blob(database: Database) -> None:
    blobs.store(database, bytes(blobs.CHUNK_BYTES * 3 + 1))
    assert blobs.sweep(database, older_than_seconds=-1) == 1
    with database.read() as connection:
        left = connection.scalar(sa.select(sa.func.count()).select_from(tables.blob_chunks))
    assert left == 0


def test_the_way_back_takes_promotions_off_the_history() -> None:
    moves = [Step(1, "promote", 1), Step(2, "promote", 2), Step(3, "promote", 3)]
    assert way_back(moves, 3, {1, 2, 3}) == 2
    back = [*moves, Step(4, "rollback", 2)]
    assert way_back(back, 2, {1, 2, 3}) == 1
    assert way_back(back, 2, {2, 3}) is None
    assert way_back([*back, Step(5, "rollback", 3)], 3, {1, 2, 3}) == 2
    assert way_back([], 1, {1}) is None


def test_the_end_of_a_reign_is_the_last_one() -> None:
    moves = [Step(1, "promote", 1), Step(2, "promote", 2), Step(3, "rollback", 1)]
    assert ends(moves) == {1: None, 2: 3}
    assert ends([*moves, Step(9, "promote", 2)]) == {1: 9, 2: None}
    assert ends([]) == {}


def test_what_something_else_names_is_held(database: Database) -> None:
    first, second = draft(database, b"shared"), draft(database, b"shared")
    third = draft(database, b"its own")
    promote(database, version(database, b"promoted"))
    hashes = [blobs.store(database, content) for content in (b"shared", b"its own", b"evidence")]
    with database.write() as connection:
        connection.execute(tables.promotions.update().values(dossier=hashes[2]))
    assert retiring.held(database, hashes, []) == set(hashes)
    assert retiring.held(database, hashes, [first, third]) == {hashes[0], hashes[2]}
    assert retiring.held(database, hashes, [first, second, third]) == {hashes[2]}
    assert retiring.held(database, [], []) == set()
    assert retiring.sizes(database, []) == {}


def test_rows_that_were_looked_at_are_not_looked_at_again(database: Database) -> None:
    version(database)
    version(database)
    logged(database, 1)
    with database.read() as connection:
        newest = protection.newest_row(connection)
        assert protection.protected(connection, "m", after=newest) == {}
        assert protection.protected(connection, "m", after=newest - 1) == {
            1: ("answered rows of the log",)
        }
    logged(database, 2)
    with database.read() as connection:
        assert set(protection.protected(connection, "m", after=newest)) == {2}
    with pytest.raises(Refused, match="Version 2 of `m` is not removed: it answered rows"):
        remove(database, 2)
