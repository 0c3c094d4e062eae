"""`audit` from a shell: its stable forms, its exit codes, and who anchors without being asked."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from backend.records import audit
from backend.records.database import Database
from backend.records.registry import Version
from backend.settings import Settings
from console import promotion
from tests.console.commands.conftest import Processes, Shell

Register = Callable[..., Version]


def change(database: Database, subject: str = "m", **detail: object) -> None:
    with database.write() as connection:
        audit.append(connection, actor="ada", action="try", subject=subject, detail=detail)


def test_verify_has_a_stable_form_and_ends_with_0_while_all_is_in_order(
    shell: Shell, settings: Settings, database: Database
) -> None:
    empty = shell("audit", "verify", "--json")
    assert empty.code == 0
    assert (empty.document["ok"], empty.document["rows"]) == (True, 0)
    change(database)
    shell("audit", "anchor")
    ran = shell("audit", "verify", "--json")
    assert (ran.code, ran.document) == (
        0,
        {
            "ok": True,
            "rows": 2,
            "first_bad": None,
            "why": (
                "All 2 rows follow from each other, and the anchor agrees (the last one at row 2)."
            ),
            "anchors": 1,
            "anchored": 2,
            "file": str(settings.audit_anchors),
        },
    )
    assert shell("audit", "verify").out.startswith("The audit log is in order. All 2 rows")


def test_verify_names_the_first_bad_row_and_ends_with_1(shell: Shell, database: Database) -> None:
    for n in range(4):
        change(database, n=n)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'eve' WHERE id = 3")
    ran = shell("audit", "verify", "--json")
    assert ran.code == 1
    assert {name: ran.document[name] for name in ("ok", "rows", "first_bad")} == {
        "ok": False,
        "rows": 4,
        "first_bad": 3,
    }
    said = shell("audit", "verify")
    assert said.code == 1
    assert said.out == (
        "The audit log is not in order. Row 3 is not what was recorded: its hash is that of"
        " another content.\n"
    )


def test_rows_that_were_cut_off_since_the_last_anchor_but_one_are_found(
    shell: Shell, database: Database
) -> None:
    change(database)
    assert shell("audit", "anchor", "--json").document["anchored"]["rows"] == 2
    assert shell("audit", "anchor", "--json").document["anchored"] is None
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE id = 2")
    ran = shell("audit", "verify", "--json")
    assert (ran.code, ran.document["rows"], ran.document["first_bad"]) == (1, 1, 2)
    refused = shell("audit", "anchor")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("The audit log is not what was anchored last")


def test_list_shows_the_newest_first_by_model_and_time(shell: Shell, database: Database) -> None:
    for n, subject in enumerate(("a", "b", "a")):
        change(database, subject, n=n)
    rows = shell("audit", "list", "--json").document
    assert [(row["id"], row["subject"], row["detail"]) for row in rows] == [
        (3, "a", {"n": 2}),
        (2, "b", {"n": 1}),
        (1, "a", {"n": 0}),
    ]
    assert set(rows[0]) == {
        "id",
        "at",
        "actor",
        "action",
        "subject",
        "detail",
        "previous",
        "hash",
    }
    assert [row["id"] for row in shell("audit", "list", "--model", "a", "--json").document] == [
        3,
        1,
    ]
    since = shell("audit", "list", "--since", rows[0]["at"], "--json").document
    assert [row["id"] for row in since] == [3]
    assert len(shell("audit", "list", "--limit", "2", "--json").document) == 2
    assert "n=2" in shell("audit", "list").out.splitlines()[1]
    assert shell("audit", "list", "--since", "soon").code == 1


def test_what_somebody_put_into_a_name_does_not_reach_the_terminal(
    shell: Shell, database: Database
) -> None:
    change(database, "m\x1b[2J", text="\x1b[31m")
    out = shell("audit", "list").out
    assert "\x1b" not in out
    assert r"\x1b[2J" in out


def test_a_promotion_and_a_roll_back_are_recorded_by_name_and_anchored(
    shell: Shell, settings: Settings, database: Database, registered: Register
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    assert shell("promote", "iris", 2, "--reason", "better", "--actor", "grace").code == 0
    assert len(settings.audit_anchors.read_text().splitlines()) == 1
    assert shell("rollback", "iris", "--reason", "worse").code == 0
    assert len(settings.audit_anchors.read_text().splitlines()) == 2
    rows = shell("audit", "list", "--model", "iris", "--json").document
    assert [(row["action"], row["actor"]) for row in rows[:2]] == [
        ("rollback", "tester"),
        ("promote", "grace"),
    ]
    found = shell("audit", "verify", "--json").document
    assert (found["ok"], found["anchored"]) == (True, found["rows"])


def test_a_promotion_and_a_roll_back_on_a_page_are_anchored_too(
    settings: Settings, database: Database, registered: Register
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    promotion.promote(
        database, "iris", 2, actor="grace", reason="better", seen=1, settings=settings
    )
    assert len(settings.audit_anchors.read_text().splitlines()) == 1
    promotion.roll_back(
        database, "iris", None, actor="grace", reason="worse", seen=2, settings=settings
    )
    assert len(settings.audit_anchors.read_text().splitlines()) == 2


def test_the_worker_anchors_without_being_asked(
    processes: Processes, settings: Settings, database: Database, tmp_path: Path
) -> None:
    change(database)
    worker = processes.start("work")
    deadline = time.monotonic() + 60
    try:
        while not settings.audit_anchors.exists() or not settings.audit_anchors.read_text():
            assert worker.poll() is None, "the worker ended"
            assert time.monotonic() < deadline, "the worker did not anchor"
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
    assert audit.rows_of(database)[0].actor == "watchdesk"
