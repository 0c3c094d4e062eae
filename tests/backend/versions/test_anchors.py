"""Anchors: what was cut off or computed anew is found by what was signed outside the database."""

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend.errors import Refused, Unavailable
from backend.records import audit, tables
from backend.records.database import Database, connect, migrate
from backend.settings import Settings
from backend.versions import anchors
from backend.versions.anchor_lines import Anchor
from backend.versions.keys import Key

Write = Callable[[], Anchor | None]


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.audit_anchors


@pytest.fixture
def key(settings: Settings) -> Key:
    return Key(settings.key_file)


@pytest.fixture
def write(database: Database, file: Path, key: Key) -> Write:
    """Add an anchor as a person does."""
    return lambda: anchors.write(database, file, key, actor="ada")


def change(database: Database, times: int = 1) -> None:
    for _ in range(times):
        with database.write() as connection:
            audit.append(connection, actor="ada", action="try", subject="m", detail={})


def execute(database: Database, statement: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(statement)


def rewrite(database: Database, start: int) -> None:
    """Edit a row, and compute its hash and those of all after it anew, as an insider would."""
    with database.write() as connection:
        rows = connection.execute(tables.audit.select().order_by(tables.audit.c.id)).all()
        previous = rows[start - 1].previous
        for row in rows[start - 1 :]:
            values = row._asdict() | {"actor": "eve", "previous": previous}
            values["hash"] = previous = audit.digest(previous, values)
            same = tables.audit.c.id == row.id
            connection.execute(tables.audit.update().where(same).values(**values))


def verified(database: Database, file: Path, key: Key) -> tuple[bool, int | None]:
    found = anchors.verify(database, file, key)
    return found.ok, found.first_bad


def test_an_empty_log_needs_no_anchor_and_none_is_made(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    assert write() is None
    assert not file.exists()
    assert verified(database, file, key) == (True, None)


def test_the_first_anchor_is_a_row_of_the_log_itself(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    change(database)
    made = write()
    row = audit.rows_of(database)[0]
    assert (row.action, row.actor, row.detail) == (
        "anchor",
        "ada",
        {"file": str(file), "anew": False},
    )
    assert made is not None
    assert (made.rows, made.head) == (2, row.hash)
    assert file.stat().st_mode & 0o777 == 0o600
    found = anchors.verify(database, file, key)
    assert (found.ok, found.rows, found.anchors, found.anchored) == (True, 2, 1, 2)


def test_an_anchor_is_added_only_when_the_log_has_grown(
    database: Database, file: Path, write: Write
) -> None:
    change(database)
    write()
    assert write() is None
    change(database)
    made = write()
    assert made is not None
    assert made.rows == 3
    assert len(file.read_text().splitlines()) == 2


def test_what_is_cut_off_before_an_anchor_is_found_and_after_it_is_not(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    change(database, 4)
    write()
    change(database, 2)
    execute(database, "DELETE FROM audit WHERE id > 6")
    assert verified(database, file, key) == (True, None)
    execute(database, "DELETE FROM audit WHERE id > 5")
    assert verified(database, file, key) == (True, None)
    execute(database, "DELETE FROM audit WHERE id > 3")
    assert verified(database, file, key) == (False, 4)


def test_rows_that_were_computed_anew_are_found_after_the_last_anchor_that_agrees(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    change(database, 2)
    write()
    change(database, 3)
    write()
    rewrite(database, 5)
    found = anchors.verify(database, file, key)
    assert (found.ok, found.first_bad) == (False, 4)
    assert "row 6 is not the one that was anchored" in found.why


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    # A database of its own for each example: what is signed depends on all before it.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.data())
def test_the_first_row_that_was_cut_off_or_rewritten_is_named_whatever_the_anchors(
    tmp_path_factory: pytest.TempPathFactory, key: Key, grown: list[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("anchored")
    url = f"sqlite:///{folder / 'watchdesk.db'}"
    migrate(url)
    database = connect(url)
    key.make()
    marks = []
    for times in grown:
        change(database, times)
        made = anchors.write(database, folder / "marks", key, actor="ada")
        assert made is not None
        marks.append(made.rows)
    change(database)
    row_id = data.draw(st.integers(1, marks[-1] + 1))
    if data.draw(st.booleans()):
        execute(database, f"DELETE FROM audit WHERE id >= {row_id:d}")  # noqa: S608  # a number
        expected = row_id if row_id <= marks[-1] else None
    else:
        rewrite(database, row_id)
        agreed = max((mark for mark in marks if mark < row_id), default=0)
        expected = agreed + 1 if row_id <= marks[-1] else None
    assert verified(database, folder / "marks", key) == (expected is None, expected)
    database.dispose()


def test_no_anchor_vouches_for_a_log_that_is_not_what_was_anchored(
    database: Database,
    file: Path,
    settings: Settings,
    write: Write,
    caplog: pytest.LogCaptureFixture,
) -> None:
    change(database, 3)
    write()
    before = file.read_bytes()
    execute(database, "DELETE FROM audit WHERE id > 2")
    change(database, 5)
    execute(database, "DELETE FROM audit WHERE id > 6")
    with pytest.raises(Refused) as refused:
        write()
    assert refused.value.detail == (
        "The audit log is not what was anchored last, so no anchor was added. Find out where it"
        " was altered: `python -m console audit verify`."
    )
    anchors.keep(database, settings)
    assert "the audit log is not anchored: The audit log is not what" in caplog.text
    assert file.read_bytes() == before


def test_a_file_that_is_gone_is_a_fault_until_somebody_begins_anew(
    database: Database, file: Path, key: Key, settings: Settings, write: Write
) -> None:
    change(database)
    write()
    file.unlink()
    found = anchors.verify(database, file, key)
    assert (found.ok, found.first_bad) == (False, None)
    assert found.why.startswith(
        f"`{file}` has no anchors, though row 2 of the audit log says that they are kept:"
    )
    # A program does not begin anew by itself: nobody would notice.
    anchors.keep(database, settings)
    assert not anchors.verify(database, file, key).ok
    write()
    assert audit.rows_of(database)[0].detail == {"file": str(file), "anew": True}
    assert verified(database, file, key) == (True, None)


def forged(line: str, **values: object) -> str:
    return audit.canonical(json.loads(line) | values)


Lines = list[str]
FORGED: tuple[tuple[Callable[[Lines], Lines], str], ...] = (
    (lambda ls: [ls[0], forged(ls[1], rows=9), ls[2]], "Line 2 was altered"),
    (lambda ls: [ls[0], forged(ls[1], head="0" * 64), ls[2]], "Line 2 was altered"),
    (lambda ls: [ls[0], forged(ls[1], hmac="ü"), ls[2]], "Line 2 was altered"),
    (lambda ls: [ls[0], ls[2]], "Line 2 does not follow the line before it"),
    (lambda ls: [ls[1], ls[2]], "Line 1 does not follow the line before it"),
    (lambda ls: [ls[0], ls[2], ls[1]], "Line 2 does not follow the line before it"),
    (lambda ls: [ls[0], *ls], "Line 2 does not follow the line before it"),
    (lambda ls: [ls[0], "", ls[1], ls[2]], "Line 2 is no anchor"),
    (lambda ls: [ls[0], "[" * 100_000, ls[2]], "Line 2 is no anchor"),
    (lambda ls: [ls[0], forged(ls[1], rows="3"), ls[2]], "Line 2 is no anchor"),
    (lambda ls: [forged(ls[0], key="0" * 16), ls[1]], "Line 1 was signed with another key"),
)


@pytest.mark.parametrize(("forge", "why"), FORGED)
def test_a_forged_line_is_named_and_no_anchor_follows_it(
    database: Database,
    file: Path,
    key: Key,
    write: Write,
    forge: Callable[[Lines], Lines],
    why: str,
) -> None:
    for _ in range(3):
        change(database)
        write()
    file.write_text("".join(f"{line}\n" for line in forge(file.read_text().splitlines())))
    found = anchors.verify(database, file, key)
    assert (found.ok, found.rows, found.first_bad) == (False, 4, None)
    assert found.why.replace(f" of the anchors in `{file}`", "").startswith(why)
    change(database)
    with pytest.raises(Refused):
        write()


def test_both_faults_are_said_where_rows_and_file_were_altered(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    change(database, 3)
    write()
    file.write_text("nonsense\n")
    execute(database, "UPDATE audit SET actor = 'eve' WHERE id = 2")
    found = anchors.verify(database, file, key)
    assert found.first_bad == 2
    assert "Row 2 is not what was recorded" in found.why
    assert "Line 1 of the anchors" in found.why


def test_another_key_or_none_cannot_vouch(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    change(database)
    write()
    key.path.unlink()
    found = anchors.verify(database, file, key)
    assert not found.ok
    assert found.why.startswith(f"The anchors in `{file}` cannot be checked: There is no key file")
    key.make()
    assert "was signed with another key" in anchors.verify(database, file, key).why


def test_the_file_of_another_database_is_told_apart(
    database: Database, file: Path, key: Key, write: Write, tmp_path: Path
) -> None:
    change(database)
    write()
    url = f"sqlite:///{tmp_path / 'other.db'}"
    migrate(url)
    other = connect(url)
    found = anchors.verify(other, file, key)
    assert not found.ok
    assert "Line 1 of the anchors" in found.why
    assert "is of another database." in found.why
    other.dispose()


def test_a_line_that_a_crash_cut_short_is_no_fault_and_is_written_over(
    database: Database, file: Path, key: Key, write: Write
) -> None:
    for _ in range(2):
        change(database)
        write()
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{second[:50]}")
    assert verified(database, file, key) == (True, None)
    write()
    assert [json.loads(line)["rows"] for line in file.read_text().splitlines()] == [2, 3]
    assert anchors.verify(database, file, key).anchored == 3


def test_a_place_that_cannot_be_written_is_said_and_stops_no_promotion(
    database: Database, key: Key, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    change(database)
    settings.audit_anchors.mkdir()
    with pytest.raises(Unavailable, match="cannot be written"):
        anchors.write(database, settings.audit_anchors, key, actor="ada")
    anchors.keep(database, settings)
    assert "the audit log is not anchored" in caplog.text


def _anchor_often(url: str, file: Path, key: Key) -> None:
    database = connect(url)
    for _ in range(15):
        change(database)
        anchors.write(database, file, key, actor="ada")


def test_several_processes_that_anchor_at_once_leave_one_file_in_order(
    settings: Settings, database: Database, file: Path, key: Key
) -> None:
    spawn = multiprocessing.get_context("spawn")
    arguments = (settings.database_url, file, key)
    processes = [spawn.Process(target=_anchor_often, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    found = anchors.verify(database, file, key)
    # One row says that anchors are kept.
    assert (found.ok, found.rows, found.anchored) == (True, 46, 46)
