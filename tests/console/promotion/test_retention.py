"""Retention: what a policy keeps, what it removes and frees, and that a dry run changes nothing."""

import pytest
import sqlalchemy as sa

from backend.errors import NotFound
from backend.records import aliases, audit, blobs, drafts, policies, registry, tables
from backend.records.database import Database, now
from backend.records.policies import Policy
from console.promotion.retention import Planned, apply, done, plan, sentence, size
from console.windows import DAY
from tests.console.promotion.test_promotion import SIGNATURE


def add(
    database: Database, days_old: int, *, registered: bool = True, content: bytes = b"same"
) -> int:
    """A version, or a draft, made some days ago; its row's id."""
    new = drafts.NewVersion(
        model="m",
        algorithm="random_forest",
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
        files={"model.bin": content},
    )
    made = drafts.add(database, new)
    values = {"created_at": now() - days_old * DAY}
    if registered:
        drafts.register(database, made, lambda _, __: {})
        values["registered_at"] = values["created_at"]
    with database.write() as connection:
        mine = tables.versions.c.id == made
        connection.execute(tables.versions.update().where(mine).values(**values))
        connection.execute(tables.blobs.update().values(created_at=now() - 3 * DAY))
    return made


def keep(database: Database, days: int | None, last: int) -> None:
    policy = Policy(keep_days=days, keep_last=last)
    policies.save(database, "m", policy, actor="ada")


def becomes(planned: tuple[Planned, ...]) -> dict[str, tuple[bool, tuple[str, ...]]]:
    return {entry.title: (entry.removed, entry.reasons) for entry in planned}


def test_without_a_number_of_days_everything_is_kept(database: Database) -> None:
    for days in (400, 300, 200):
        add(database, days)
    draft = add(database, 100, registered=False)
    keep(database, None, 1)
    planned = plan(database, "m")
    assert becomes(planned) == {
        f"Draft {draft}": (False, ("may be of any age by the policy",)),
        "Version 3": (False, ("is among the 1 newest", "may be of any age by the policy")),
        "Version 2": (False, ("may be of any age by the policy",)),
        "Version 1": (False, ("may be of any age by the policy",)),
    }
    assert sentence(planned) == "All 3 versions and 1 draft are kept."


def test_old_versions_beyond_the_newest_go_and_the_others_say_why_they_stay(
    database: Database,
) -> None:
    for days in (90, 80, 70, 60, 5):
        add(database, days)
    old, young = (add(database, days, registered=False) for days in (50, 2))
    aliases.promote(database, "m", 1, actor="ada", reason="first")
    keep(database, 30, 2)
    planned = plan(database, "m")
    gone = ("is older than 30 days", "is not among the 2 newest")
    assert becomes(planned) == {
        f"Draft {young}": (False, ("is not older than 30 days",)),
        "Version 5": (False, ("is among the 2 newest", "is not older than 30 days")),
        f"Draft {old}": (True, ("is older than 30 days",)),
        "Version 4": (False, ("is among the 2 newest",)),
        "Version 3": (True, gone),
        "Version 2": (True, gone),
        "Version 1": (False, ("is the champion",)),
    }
    assert sentence(planned) == ("2 versions and 1 draft would go and free 0 bytes; 4 would stay.")


def test_a_dry_run_changes_nothing(database: Database) -> None:
    for days in (90, 80):
        add(database, days)
    keep(database, 30, 1)
    before = audit.rows_of(database)
    assert [entry.removed for entry in plan(database, "m")] == [False, True]
    assert audit.rows_of(database) == before
    assert len(registry.versions_of(database, "m")) == 2


def test_what_is_freed_is_what_nothing_else_names(database: Database) -> None:
    add(database, 90, content=b"shared with the newest")
    add(database, 80, content=b"twins")
    add(database, 70, content=b"twins")
    add(database, 60, content=b"alone")
    add(database, 1, content=b"shared with the newest")
    keep(database, 30, 1)
    found = {entry.number: (entry.bytes, entry.freed) for entry in plan(database, "m")}
    assert found == {5: (22, 0), 4: (5, 5), 3: (5, 5), 2: (5, 0), 1: (22, 0)}


def test_what_is_applied_is_what_was_planned_and_its_bytes_go(database: Database) -> None:
    for days, content in ((90, b"one"), (80, b"two"), (70, b"three"), (1, b"four")):
        add(database, days, content=content)
    draft = add(database, 60, registered=False, content=b"draft")
    keep(database, 30, 1)
    aliases.promote(database, "m", 2, actor="ada", reason="first")
    applied = apply(database, "m", actor="bob")
    assert [entry.title for entry in applied.removed] == [
        f"Draft {draft}",
        "Version 3",
        "Version 1",
    ]
    assert (applied.stayed, applied.blobs) == ((), 3)
    assert [v.number for v in registry.versions_of(database, "m")] == [4, 2]
    assert drafts.waiting(database, "m") == []
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.sum(tables.blobs.c.size))) == 7
    for version in registry.versions_of(database, "m"):
        assert blobs.fetch(database, version.files["model.bin"])
    recorded = [one for one in audit.rows_of(database) if one.action == "remove_version"]
    assert [(one.actor, one.detail["version"], one.detail["draft"]) for one in recorded[::-1]] == [
        ("bob", None, draft),
        ("bob", 3, recorded[1].detail["draft"]),
        ("bob", 1, recorded[0].detail["draft"]),
    ]
    assert recorded[0].detail["why"] == ["is older than 30 days", "is not among the 1 newest"]
    assert done(applied) == (
        "2 versions and 1 draft were removed, of 13 bytes. What was stored in the last hour is"
        " swept later."
    )
    assert done(apply(database, "m", actor="bob")) == "There was nothing to remove."


def test_what_was_promoted_since_the_plan_stays_and_the_others_go(database: Database) -> None:
    for days in (90, 80, 70, 1):
        add(database, days)
    keep(database, 30, 1)
    seen = plan(database, "m")
    aliases.promote(database, "m", 2, actor="ada", reason="first")
    applied = apply(database, "m", actor="bob", planned=seen)
    assert [entry.number for entry in applied.removed] == [3, 1]
    assert [(entry.number, entry.reasons) for entry in applied.stayed] == [
        (2, ("Version 2 of `m` is not removed: it is the champion.",))
    ]
    assert done(applied).endswith("Version 2 of `m` is not removed: it is the champion.")
    assert apply(database, "m", actor="bob", planned=seen).removed == ()


def test_a_champion_of_long_ago_may_go_and_one_of_lately_not(database: Database) -> None:
    for days in (90, 80, 70, 60, 1):
        add(database, days)
    for number in (1, 2, 3, 5):
        aliases.promote(database, "m", number, actor="ada", reason="better")
    moves = aliases.history(database, "m", None)[::-1]
    for move, days in zip(moves, (85, 75, 40, 20), strict=True):
        with database.write() as connection:
            mine = tables.promotions.c.id == move.id
            change = tables.promotions.update().where(mine).values(at=now() - days * DAY)
            connection.execute(change)
    keep(database, 30, 1)
    found = {entry.number: entry.removed for entry in plan(database, "m")}
    assert found == {1: True, 2: True, 3: False, 4: True, 5: False}


def test_an_unknown_model_is_not_found(database: Database) -> None:
    for ask in (plan, lambda d, m: apply(d, m, actor="ada")):
        with pytest.raises(NotFound):
            ask(database, "nothing")


def test_sizes_are_told_in_few_characters() -> None:
    told = [size(n) for n in (0, 999, 1_000, 2_500_000, 7_000_000_000)]
    assert told == ["0 bytes", "999 bytes", "1.0 KB", "2.5 MB", "7.0 GB"]


def test_a_plan_is_told_as_a_document(database: Database) -> None:
    add(database, 90, content=b"alone")
    add(database, 1)
    keep(database, 30, 1)
    document = plan(database, "m")[1].to_json()
    assert document | {"created_at": "then"} == {
        "kind": "version",
        "version": 1,
        "draft": None,
        "algorithm": "random_forest",
        "created_at": "then",
        "action": "remove",
        "reasons": ["is older than 30 days", "is not among the 1 newest"],
        "bytes": 5,
        "freed": 5,
    }
