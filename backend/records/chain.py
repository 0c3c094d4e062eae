"""Verifying the audit log: walk its chain of hashes, and hold it against what is known of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.records import unlogged
from backend.records.audit import FIRST, Check, digest
from backend.records.database import Database
from backend.records.tables import audit

BATCH: Final = 1_000
"""Rows read at a time."""


class _Fault(Exception):
    """What is wrong, and the first row that it is wrong with."""

    def __init__(self, row_id: int, why: str) -> None:
        super().__init__(why)
        self.row_id, self.why = row_id, why


def check(database: Database, marks: Mapping[int, str]) -> Check:
    """Walk the whole log as it is at one moment.

    Args:
        marks: row id -> the hash that the row is known to have had.

    Raises:
        Unavailable: the database cannot be read.
    """
    anchored = max(marks, default=0)
    with database.snapshot() as connection, _any_text(connection):
        rows = int(connection.scalar(sa.select(sa.func.count()).select_from(audit)) or 0)
        try:
            _walk(connection, marks)
        except _Fault as fault:
            return Check(False, rows, fault.row_id, fault.why, len(marks), anchored)
        lacking = unlogged.fault(connection)
    if lacking is not None:
        return Check(False, rows, None, lacking, len(marks), anchored)
    follow = f"All {rows:,} rows follow from each other" if rows else "The log has no rows yet"
    return Check(True, rows, None, f"{follow}{_marked(marks)}.", len(marks), anchored)


def _marked(marks: Mapping[int, str]) -> str:
    if not marks:
        return "; there is no anchor yet, so rows cut off at the end would not be missed"
    agree = "the anchor agrees" if len(marks) == 1 else f"all {len(marks):,} anchors agree"
    return f", and {agree} (the last one at row {max(marks):,})"


def _walk(connection: Connection, marks: Mapping[int, str]) -> None:
    last, previous, vouched = 0, FIRST, 0
    for row in _rows(connection):
        _check_place(row, last + 1)
        _check_row(row, previous)
        last, previous = row.id, row.hash
        if last in marks:
            if marks[last] != previous:
                raise _rewritten(vouched + 1, last)
            vouched = last
    anchored = max(marks, default=0)
    if anchored > last:
        raise _Fault(
            last + 1,
            f"{_span(last + 1, anchored)} missing: they were anchored, and have been cut off from"
            " the end of the log since.",
        )


def _check_place(row: Row[Any], expected: int) -> None:
    # SQLite keeps what it is given, a number's place included.
    if not isinstance(row.id, int) or row.id < expected:
        bad = row.id if isinstance(row.id, int) else expected
        raise _Fault(bad, f"There is a row `{row.id!s:.20}` where rows are numbered 1, 2, 3, …")
    if row.id > expected:
        raise _Fault(
            expected, f"{_span(expected, row.id - 1)} missing: row {row.id} is the next there is."
        )


def _check_row(row: Row[Any], previous: str) -> None:
    if row.previous != previous:
        before = f"row {row.id - 1}" if row.id > 1 else "nothing"
        raise _Fault(
            row.id,
            f"Row {row.id} does not follow {before}: one of them was altered, moved or put there"
            " later.",
        )
    if row.hash != _digest(previous, row):
        raise _Fault(
            row.id, f"Row {row.id} is not what was recorded: its hash is that of another content."
        )


def _digest(previous: str, row: Row[Any]) -> str | None:
    try:
        return digest(previous, row._asdict())
    except TypeError:  # bytes in place of text: SQLite keeps what it is given
        return None


def _rewritten(first: int, last: int) -> _Fault:
    which = f"Row {last} was" if first == last else f"Some of rows {first} to {last} were"
    return _Fault(
        first,
        f"{which} rewritten with new hashes: the rows follow from each other, but row {last} is"
        " not the one that was anchored.",
    )


def _span(first: int, last: int) -> str:
    return f"Row {first} is" if first == last else f"Rows {first} to {last} are"


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    query = sa.select(audit).order_by(audit.c.id).limit(BATCH)
    part = connection.execute(query).all()
    while part:
        yield from part
        if len(part) < BATCH:
            return
        part = connection.execute(query.where(audit.c.id > part[-1].id)).all()


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """Let SQLite hand over text that is no UTF-8, as somebody may have put it there."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    before, raw.text_factory = raw.text_factory, _decoded
    try:
        yield
    finally:
        raw.text_factory = before


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
