"""Whatever is done to the rows of the audit log is found, and so is where it was done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.records import audit, chain, tables
from backend.records.audit import Check
from backend.records.database import Database, connect, migrate

N = 9
FIELDS = ("at", "actor", "action", "subject", "detail", "previous", "hash")
Row = dict[str, Any]
tampered = settings(max_examples=60, deadline=None)
row_ids = st.integers(1, N)


@dataclass
class Log:
    """A log of `N` rows as they were recorded, and a database to tamper with."""

    database: Database
    rows: list[Row]

    @property
    def marks(self) -> dict[int, str]:
        """The hash of each row."""
        return {row["id"]: row["hash"] for row in self.rows}

    def copies(self) -> list[Row]:
        return [dict(row) for row in self.rows]

    def check(self, rows: list[Row], marks: dict[int, str] | None = None) -> Check:
        """What is found when the table has these rows."""
        with self.database.write() as connection:
            connection.execute(tables.audit.delete())
            if rows:
                connection.execute(tables.audit.insert(), rows)
        return chain.check(self.database, marks or {})


def recorded(database: Database) -> Log:
    """A log of `N` rows in an empty database."""
    for n in range(1, N + 1):
        with database.write() as connection:
            audit.append(
                connection, actor=f"a{n % 3}", action="try", subject=f"m{n % 2}", detail={"n": n}
            )
    with database.read() as connection:
        found = connection.execute(tables.audit.select().order_by(tables.audit.c.id))
        return Log(database, [row._asdict() for row in found])


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """One for all tests of this file: each look writes all of the table anew."""
    url = f"sqlite:///{tmp_path_factory.mktemp('chain') / 'watchdesk.db'}"
    migrate(url)
    found = connect(url)
    yield recorded(found)
    found.dispose()


def linked(rows: list[Row], start: int = 0) -> list[Row]:
    """Rows whose hashes fit from a place on, as somebody would compute them who knows how."""
    for place in range(start, len(rows)):
        previous = rows[place - 1]["hash"] if place else audit.FIRST
        rows[place]["previous"] = previous
        rows[place]["hash"] = audit.digest(previous, rows[place])
    return rows


def changed(field: str, value: Any, text: str) -> Any:
    """Another value for a field, as its column takes it."""
    if field == "at":
        return value + 1 + len(text)
    if field in {"previous", "hash"}:
        flipped = f"{(int(value[0], 16) + 1 + len(text) % 15) % 16:x}"
        return flipped + value[1:]
    return f"{value}{text or ' '}" if len(text) % 2 else f"{text or ' '}{value}"


@tampered
@given(row_ids, st.sampled_from(FIELDS), st.text(st.characters(codec="ascii", min_codepoint=32)))
def test_an_edit_of_any_field_of_any_row_is_found_there(
    log: Log, row_id: int, field: str, text: str
) -> None:
    rows, text = log.copies(), text[:30]
    rows[row_id - 1][field] = changed(field, rows[row_id - 1][field], text)
    found = log.check(rows)
    assert (found.ok, found.rows, found.first_bad) == (False, N, row_id)


@tampered
@given(row_ids, st.sampled_from([-3, 0, N + 1, N + 40]))
def test_a_row_that_got_another_number_is_found(log: Log, row_id: int, number: int) -> None:
    rows = log.copies()
    rows[row_id - 1]["id"] = number
    found = log.check(rows, log.marks)
    # The number that is not to be, or else the first that is not there.
    assert (found.ok, found.first_bad) == (False, number if number < 1 else row_id)


@tampered
@given(st.sets(row_ids, min_size=1))
def test_rows_that_are_gone_are_found_in_the_middle_and_with_an_anchor_at_the_end(
    log: Log, gone: set[int]
) -> None:
    rows = [row for row in log.rows if row["id"] not in gone]
    found = log.check(rows, {N: log.marks[N]})
    assert (found.ok, found.first_bad) == (False, min(gone))
    cut_off = all(row["id"] < min(gone) for row in rows)
    assert log.check(rows).ok == cut_off


@tampered
@given(row_ids, row_ids, st.booleans())
def test_rows_that_changed_places_are_found_at_the_first(
    log: Log, one: int, other: int, with_hashes: bool
) -> None:
    rows = log.copies()
    a, b = rows[one - 1], rows[other - 1]
    swapped = FIELDS if with_hashes else FIELDS[:5]
    for field in swapped:
        a[field], b[field] = b[field], a[field]
    found = log.check(rows)
    assert (found.ok, found.first_bad) == (
        (True, None) if one == other else (False, min(one, other))
    )


@tampered
@given(st.integers(1, N), st.booleans())
def test_a_row_that_was_put_in_is_found_there_or_right_after(
    log: Log, place: int, fits: bool
) -> None:
    rows = log.copies()
    forged = rows[place - 1] | {"actor": "eve"}
    if fits:
        forged["hash"] = audit.digest(forged["previous"], forged)
    for row in rows[place - 1 :]:
        row["id"] += 1
    rows.insert(place - 1, forged)
    found = log.check(rows)
    assert (found.ok, found.first_bad) == (False, place + 1 if fits else place)


@tampered
@given(row_ids, st.sampled_from(FIELDS[:5]))
def test_an_edit_with_a_fitting_hash_is_found_where_the_next_row_does_not_follow(
    log: Log, row_id: int, field: str
) -> None:
    rows = log.copies()
    rows[row_id - 1][field] = changed(field, rows[row_id - 1][field], "x")
    rows[row_id - 1]["hash"] = audit.digest(rows[row_id - 1]["previous"], rows[row_id - 1])
    found = log.check(rows)
    # Nobody can tell the last row from one that was recorded so.
    assert (found.ok, found.first_bad) == ((True, None) if row_id == N else (False, row_id + 1))
    assert log.check(rows, log.marks).first_bad == row_id


@tampered
@given(row_ids, st.sampled_from(FIELDS[:5]), st.sets(row_ids))
def test_rows_computed_anew_are_found_between_two_anchors(
    log: Log, row_id: int, field: str, anchored: set[int]
) -> None:
    rows = log.copies()
    rows[row_id - 1][field] = changed(field, rows[row_id - 1][field], "x")
    found = log.check(linked(rows, row_id - 1), {n: log.marks[n] for n in anchored})
    before = max((n for n in anchored if n < row_id), default=0)
    if any(n >= row_id for n in anchored):
        assert (found.ok, found.first_bad) == (False, before + 1)
    else:
        assert (found.ok, found.first_bad) == (True, None)


@tampered
@given(st.integers(0, N), st.sets(row_ids))
def test_an_honest_log_is_in_order_at_every_length(
    log: Log, length: int, anchored: set[int]
) -> None:
    marks = {n: log.marks[n] for n in anchored if n <= length}
    found = log.check(log.rows[:length], marks)
    assert (found.ok, found.rows, found.first_bad) == (True, length, None)
    assert (found.anchors, found.anchored) == (len(marks), max(marks, default=0))


DONE: Final = {
    "UPDATE audit SET actor = 'eve' WHERE id = 4": (
        "Row 4 is not what was recorded: its hash is that of another content."
    ),
    "DELETE FROM audit WHERE id IN (4, 5)": "Rows 4 to 5 are missing: row 6 is the next there is.",
    "DELETE FROM audit WHERE id > 7": (
        "Rows 8 to 9 are missing: they were anchored, and have been cut off from the end of the log"
        " since."
    ),
    "DELETE FROM audit": (
        "Rows 1 to 9 are missing: they were anchored, and have been cut off from the end of the log"
        " since."
    ),
    "UPDATE audit SET id = 0 WHERE id = 3": (
        "There is a row `0` where rows are numbered 1, 2, 3, …"
    ),
    "UPDATE audit SET previous = hash WHERE id = 1": (
        "Row 1 does not follow nothing: one of them was altered, moved or put there later."
    ),
}


def test_says_what_was_done_on_both_databases(database: Database) -> None:
    log = recorded(database)
    marks = {N: log.marks[N]}
    for change, why in DONE.items():
        assert log.check(log.copies(), marks).ok
        with database.write() as connection:
            connection.exec_driver_sql(change)
        assert chain.check(database, marks).why == why


def test_says_how_far_it_can_see(log: Log) -> None:
    assert log.check(log.rows).why == (
        "All 9 rows follow from each other; there is no anchor yet, so rows cut off at the end"
        " would not be missed."
    )
    assert chain.check(log.database, {3: log.marks[3], 8: log.marks[8]}).why == (
        "All 9 rows follow from each other, and all 2 anchors agree (the last one at row 8)."
    )
    assert chain.check(log.database, {5: "0" * 64, 2: log.marks[2]}).why == (
        "Some of rows 3 to 5 were rewritten with new hashes: the rows follow from each other, but"
        " row 5 is not the one that was anchored."
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = CAST(x'61ff' AS TEXT) WHERE id = 2",
        "UPDATE audit SET actor = CAST(actor AS BLOB) WHERE id = 2",
        "UPDATE audit SET hash = CAST(hash AS BLOB) WHERE id = 2",
        "UPDATE audit SET at = 'noon' WHERE id = 2",
        "UPDATE audit SET at = at + 0.5 WHERE id = 2",
        "UPDATE audit SET detail = detail || char(0) WHERE id = 2",
        "UPDATE audit SET id = 'two' WHERE id = 2",
    ],
)
def test_values_that_only_sqlite_would_keep_are_found_too(log: Log, change: str) -> None:
    assert log.check(log.rows).ok
    with log.database.write() as connection:
        connection.exec_driver_sql(change)
    found = chain.check(log.database, {})
    assert (found.ok, found.first_bad) == (False, 2)
    # And text is read as ever afterwards.
    with log.database.read() as connection:
        assert connection.exec_driver_sql("SELECT actor FROM audit LIMIT 1").scalar() == "a1"
