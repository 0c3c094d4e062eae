"""The audit log: one chain whoever writes, and a row for every change there is."""

import hashlib
import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.errors import ChampionMoved, Refused, WatchdeskError
from backend.records import (
    alerts,
    aliases,
    audit,
    chain,
    channels,
    drafts,
    monitors,
    predictions,
    registry,
    review_rules,
    reviews,
    shadows,
    tables,
)
from backend.records.audit import Recorded
from backend.records.database import Database, now
from backend.records.predictions import Row, Truth, Window
from backend.records.registry import Version
from backend.settings import ROOT
from backend.versions import registration
from backend.versions.artefacts import Store
from tests.backend.records import auditors
from tests.conftest import Problem, new_version

Register = Callable[..., Version]


def all_rows(database: Database) -> list[Recorded]:
    """Oldest first."""
    return audit.rows_of(database, limit=100_000)[::-1]


def recorded(database: Database, since: int = 0) -> list[tuple[str, str, str]]:
    """What was recorded after a row: action, actor and subject."""
    return [(r.action, r.actor, r.subject) for r in all_rows(database) if r.id > since]


def newest(database: Database) -> Recorded:
    return audit.rows_of(database, limit=1)[0]


def append(database: Database, **detail: object) -> None:
    with database.write() as connection:
        audit.append(connection, actor="ada", action="try", subject="m", detail=detail)


def test_the_chain_can_be_computed_from_what_the_documentation_says(database: Database) -> None:
    append(database, of="ünï", to=1.5, deep={"b": [1, None], "a": True})
    append(database, again='"\\\n')
    previous = "0" * 64
    with database.read() as connection:
        rows = connection.execute(sa.select(tables.audit).order_by(tables.audit.c.id)).all()
    for number, row in enumerate(rows, 1):
        content = {"id": number, "at": row.at, "actor": "ada", "action": "try", "subject": "m"}
        text = json.dumps(content | {"detail": row.detail}, sort_keys=True, separators=(",", ":"))
        assert row.previous == previous
        previous = hashlib.sha256((previous + text).encode("ascii")).hexdigest()
        assert row.hash == previous
    assert rows[0].detail == r'{"deep":{"a":true,"b":[1,null]},"of":"\u00fcn\u00ef","to":1.5}'
    assert len(rows) == 2


def test_what_is_taken_back_leaves_no_row_and_no_gap(database: Database) -> None:
    append(database, n=1)
    with pytest.raises(auditors.Abandoned):
        auditors.abandon(database, ["x"])
    append(database, n=2)
    assert [(row.id, row.detail) for row in all_rows(database)] == [(1, {"n": 1}), (2, {"n": 2})]
    assert chain.check(database, {}).ok


def test_processes_that_write_at_once_make_one_chain_without_a_gap_or_a_loss(
    database: Database,
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    url = url.replace("postgresql+psycopg", "postgresql")
    subprocess.run(
        [sys.executable, "-m", "tests.backend.records.auditors", url],
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    made = [auditors.drawn(writer) for writer in range(auditors.WRITERS)]
    kept = [n for each in made for names, abandoned in each if not abandoned for n in names]
    rows = all_rows(database)
    assert sorted(row.detail["name"] for row in rows) == sorted(kept)
    assert [row.id for row in rows] == list(range(1, len(kept) + 1))
    found = chain.check(database, {})
    assert (found.ok, found.rows) == (True, len(kept))


def test_promoters_at_once_leave_one_row_for_the_one_who_won(
    database: Database, registered: Register
) -> None:
    for _ in range(3):
        registered("iris", promoted=False)
    before = newest(database).id
    lost: list[WatchdeskError] = []
    barrier = threading.Barrier(3)

    def promote(number: int) -> None:
        barrier.wait()
        try:
            aliases.promote(
                database, "iris", number, actor=f"p{number}", reason="x", expected_champion=None
            )
        except ChampionMoved as error:
            lost.append(error)

    threads = [threading.Thread(target=promote, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    champion = aliases.champion(database, "iris").number
    assert len(lost) == 2
    assert recorded(database, before) == [("promote", f"p{champion}", "iris")]
    assert chain.check(database, {}).ok


def test_a_walk_goes_on_beyond_the_rows_that_are_read_at_a_time(database: Database) -> None:
    changes = [audit.Change("ada", "try", "m", {"n": n}) for n in range(chain.BATCH)]
    for _ in range(2):
        with database.write() as connection:
            audit.append_all(connection, changes)
    append(database)
    assert chain.check(database, {}).rows == 2 * chain.BATCH + 1
    c = tables.audit.c
    for number in (2 * chain.BATCH + 1, chain.BATCH + 1, chain.BATCH):
        with database.write() as connection:
            connection.execute(tables.audit.update().where(c.id == number).values(actor="eve"))
        assert chain.check(database, {}).first_bad == number


def test_names_that_are_too_long_are_cut_and_do_not_stop_a_change(database: Database) -> None:
    with database.write() as connection:
        audit.append(connection, actor="a" * 300, action="try", subject="s" * 300, detail={})
    assert (newest(database).actor, newest(database).subject) == ("a" * 200, "s" * 200)
    assert chain.check(database, {}).ok


def test_training_and_every_move_are_recorded_with_who_and_what(
    database: Database, store: Store, problems: dict[str, Problem]
) -> None:
    one, other = (registration.add(database, new_version(problems["iris"]), store) for _ in "12")
    files = drafts.one(database, one).files
    registration.register(database, one, store, actor="ada")
    registration.register(database, one, store, actor="again")
    drafts.discard(database, other, actor="bob")
    two = registration.add(database, new_version(problems["iris"]), store)
    registration.register(database, two, store)
    aliases.promote(database, "iris", 1, actor="cy", reason="first")
    aliases.set_challenger(database, "iris", 2, actor="di", reason="try it")
    shadows.switch(database, "iris", True, actor="ed")
    shadows.switch(database, "iris", True, actor="again")
    aliases.promote(database, "iris", 2, actor="flo", reason="better")
    aliases.rollback(database, "iris", actor="gus", reason="worse")
    aliases.set_challenger(database, "iris", None, actor="hal", reason="enough")
    registration.vouch(database, registry.version(database, "iris", 2), store, actor="ida")
    registry.remove_model(database, "iris", actor="jo", with_protected=True)
    rows = all_rows(database)
    assert {row.subject for row in rows} == {"iris"}
    assert [(row.action, row.actor) for row in rows] == [
        ("train", "tester"),
        ("train", "tester"),
        ("register", "ada"),
        ("discard", "bob"),
        ("train", "tester"),
        ("register", "tester"),
        ("promote", "cy"),
        ("assign", "di"),
        ("shadow", "ed"),
        ("promote", "flo"),
        ("rollback", "gus"),
        ("withdraw", "hal"),
        ("sign", "ida"),
        ("remove_model", "jo"),
    ]
    assert rows[0].detail == {"draft": one, "algorithm": "logistic_regression", "files": files}
    assert rows[2].detail == {"draft": one, "version": 1}
    assert rows[9].detail == {
        "promotion": 3,
        "alias": "champion",
        "from": 1,
        "to": 2,
        "reason": "better",
    }
    assert rows[12].detail == {"draft": two, "version": 2, "key": store.key.name()}
    assert rows[13].detail == {"versions": 2}
    assert chain.check(database, {}).ok


def test_a_change_that_is_refused_is_not_recorded(database: Database, registered: Register) -> None:
    registered("iris")
    before = newest(database).id
    with pytest.raises(Refused):
        aliases.promote(database, "iris", 1, actor="ada", reason="again")
    with pytest.raises(ChampionMoved):
        aliases.promote(database, "iris", 1, actor="ada", reason="x", expected_champion=None)
    assert newest(database).id == before


def test_corrections_are_recorded_each_and_first_truths_are_not(database: Database) -> None:
    keys = [uuid.uuid4() for _ in range(3)]
    rest = ("m", 1, "live", "answered", "[]", "yes", None, 0.5, 1.0, None)
    predictions.append(database, [Row(key.bytes, key.bytes, 1, *rest) for key in keys])
    first = [Truth(str(key), "yes", None) for key in keys]
    predictions.append_feedback(database, "m", first)
    predictions.append_feedback(database, "m", first, correct=True, actor="ada")
    assert all_rows(database) == []
    changed = [Truth(str(key), "no", None) for key in keys[:2]]
    assert predictions.append_feedback(database, "m", changed) == ["yes", "yes"]
    assert all_rows(database) == []
    both = [*changed, Truth(str(uuid.uuid4()), "yes", None)]
    assert predictions.append_feedback(database, "m", both, correct=True, actor="ada") == [None] * 3
    rows = all_rows(database)
    assert [(row.action, row.actor, row.subject) for row in rows] == [("correct", "ada", "m")] * 2
    assert [row.detail for row in rows] == [
        {"prediction": str(key), "was": "yes", "is": "no"} for key in keys[:2]
    ]
    assert chain.check(database, {}).ok


def test_what_is_said_on_a_review_is_recorded_as_it_was_said(
    database: Database, registered: Register
) -> None:
    registered("iris")
    before = newest(database).id
    document = json.dumps({"findings": [{"key": "feature:age"}]}).encode()
    review = reviews.add(database, "iris", 1, Window(1, 2), "drifted", document, {}, actor="ada")
    reviews.comment(database, review.id, "", "Hm.", actor="bob")
    due = (review_rules.earliest_today() + timedelta(days=30)).isoformat()
    decision = reviews.decide(
        database,
        review.id,
        "feature:age",
        "retrain",
        owner="Grace",
        due_on=due,
        text="older",
        actor="cy",
        seen=None,
    )
    reviews.progress(database, decision.id, "done", "", actor="di")
    reviews.close(database, review.id, actor="ed")
    assert recorded(database, before) == [
        ("review.freeze", "ada", "iris"),
        ("review.comment", "bob", "iris"),
        ("review.decide", "cy", "iris"),
        ("review.progress", "di", "iris"),
        ("review.close", "ed", "iris"),
    ]
    decided = all_rows(database)[-3].detail
    assert decided == {
        "review": review.id,
        "entry": decision.id,
        "finding": "feature:age",
        "decision": "retrain",
        "owner": "Grace",
        "due_on": due,
        "text": "older",
    }


def test_what_is_watched_and_who_is_told_is_recorded_without_a_secret(
    database: Database, registered: Register
) -> None:
    registered("iris")
    before = newest(database).id
    hook = "https://hooks.example.com/services/secret"
    channels.add(database, "team", "webhook", hook, actor="ada")
    rule = {"window": "day", "limit": 0.1}
    made = monitors.add(database, "iris", "Drift", "drift", rule, actor="bob", channels=["team"])
    assert newest(database).detail["rule"] == rule
    monitors.change(database, made.id, actor="cy", rule={"window": "day", "limit": 0.2})
    assert newest(database).detail == {
        "monitor": made.id,
        "name": "Drift",
        "changed": {"rule": [rule, {"window": "day", "limit": 0.2}]},
    }
    channels.remove(database, "team", actor="di")
    assert newest(database).detail == {"monitors": [made.id]}
    monitors.remove(database, made.id, actor="ed")
    assert recorded(database, before) == [
        ("channel.add", "ada", "team"),
        ("monitor.add", "bob", "iris"),
        ("monitor.change", "cy", "iris"),
        ("channel.remove", "di", "team"),
        ("monitor.remove", "ed", "iris"),
    ]
    with database.read() as connection:
        details = connection.scalars(sa.select(tables.audit.c.detail)).all()
    assert not any("secret" in detail for detail in details)


def test_what_people_do_about_alerts_is_recorded_and_outlives_them(
    database: Database, registered: Register
) -> None:
    registered("iris")
    made = monitors.add(database, "iris", "Drift", "drift", {}, actor="ada")
    before = newest(database).id
    with database.write() as connection:
        values = {"opened_at": 5, "start": 1, "end": 5, "message": "Moved.", "seen_at": 5}
        row = tables.alerts.insert().values(monitor_id=made.id, model="iris", **values)
        alert = connection.execute(row.returning(tables.alerts.c.id)).scalar_one()
    alerts.acknowledge(database, alert, actor="ada", text="On it.")
    until = now() + 60_000_000
    alerts.snooze(database, alert, until, actor="bob")
    alerts.assign(database, alert, "Grace", actor="cy")
    alerts.comment(database, alert, "A release.", actor="di")
    alerts.resolve(database, alert, actor="ed")
    with pytest.raises(Refused):
        alerts.resolve(database, alert, actor="again")
    monitors.remove(database, made.id, actor="flo")
    assert recorded(database, before) == [
        ("alert.acknowledge", "ada", "iris"),
        ("alert.snooze", "bob", "iris"),
        ("alert.assign", "cy", "iris"),
        ("alert.comment", "di", "iris"),
        ("alert.resolve", "ed", "iris"),
        ("monitor.remove", "flo", "iris"),
    ]
    texts = [row.detail["text"] for row in all_rows(database)[-6:-1]]
    assert texts == ["On it.", str(until), "Grace", "A release.", ""]
    assert all_rows(database)[-6].detail == {"alert": alert, "monitor": "Drift", "text": "On it."}


def test_removing_a_log_is_recorded_with_how_much_it_was(database: Database) -> None:
    rest = ("m", 1, "live", "answered", "[]", "yes", None, 0.5, 1.0, None)
    ids = [uuid.uuid4().bytes for _ in range(3)]
    predictions.append(database, [Row(one, one, 1, *rest) for one in ids])
    predictions.remove(database, "m", actor="ada")
    row = newest(database)
    assert (row.action, row.actor, row.subject) == ("remove_log", "ada", "m")
    assert row.detail == {"predictions": 3}


def test_rows_are_listed_newest_first_by_model_and_time(database: Database) -> None:
    for subject in ("a", "b", "a"):
        with database.write() as connection:
            audit.append(connection, actor="ada", action="try", subject=subject, detail={})
    assert [row.id for row in audit.rows_of(database)] == [3, 2, 1]
    assert [row.id for row in audit.rows_of(database, subject="a")] == [3, 1]
    assert [row.id for row in audit.rows_of(database, limit=2)] == [3, 2]
    third = audit.rows_of(database)[0]
    assert third in audit.rows_of(database, since=third.at)
    assert audit.rows_of(database, since=third.at + 1) == []
