"""Anchors: signed marks of the audit log, in a file outside the database.

A hash chain does not see that its newest rows were cut off, or that all of it was computed anew. A
line here says how many rows there were and what the newest one's hash was; an HMAC with the
installation's key keeps those who do not have it from writing lines, and each line covers the one
before it. Lines are only added, one writer at a time.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from backend.errors import Refused, Unavailable, WatchdeskError
from backend.records import audit, chain
from backend.records.audit import Check
from backend.records.database import Database, now
from backend.records.tables import audit as log
from backend.settings import Settings
from backend.versions import anchor_lines
from backend.versions.anchor_lines import Anchor, Lines
from backend.versions.keys import Key

BEGIN: Final = "anchor"
"""The action of the row that says that anchors are kept from now on, and in which file."""
SUBJECT: Final = "audit log"
BY_ITSELF: Final = "watchdesk"
"""The actor where no person asked for it."""
logger = logging.getLogger("watchdesk.audit")


def verify(database: Database, anchors: Path, key: Key) -> Check:
    """Hold the audit log against its own chain of hashes and the anchors in a file.

    A file that is missing though the log says that anchors are kept, or has a line that our key
    did not sign, is a fault too: `first_bad` is None then, if the rows are in order.

    Raises:
        Unavailable: the database cannot be read.
    """
    # In this order, as somebody may write meanwhile: who says that anchors are kept holds the file
    # until the first is in it, and each anchor's row is in the log before the anchor is.
    missing = _missing(database, anchors)
    lines = anchor_lines.read(database, anchors, key)
    fault = lines.fault or (None if lines.anchors else missing)
    found = chain.check(database, lines.marks)
    if fault is None:
        return found
    return replace(found, ok=False, why=fault if found.ok else f"{found.why} {fault}")


def write(
    database: Database, anchors: Path, key: Key, *, actor: str, anew: bool = True
) -> Anchor | None:
    """Add an anchor of the log as it is; None if there are no rows, or none since the last one.

    Args:
        database: whose log it is.
        anchors: the file; made with mode 600, as the key is if there is none. The log gets a row
            that says so.
        key: what the line is signed with.
        actor: who asked for it.
        anew: begin again where the log says that anchors were kept and the file has none.

    Raises:
        Refused: the log is not what the last anchor says, or the file is not what was written.
        Unavailable: the database, the key or the file cannot be used.
    """
    with database.read() as connection:
        if audit.head(connection)[0] == 0 and not anchors.exists():
            return None
    if not anchors.exists():
        key.make()
    with _opened(anchors) as handle:
        lines = anchor_lines.read(database, anchors, key, held=True)
        if lines.fault:
            raise Refused(lines.fault)
        if not lines.anchors:
            _begin(database, anchors, actor, anew)
        with database.read() as connection:
            rows, head = audit.head(connection)
        if not _continues(database, lines, rows):
            raise Refused(
                "The audit log is not what was anchored last, so no anchor was added. Find out"
                " where it was altered: `python -m console audit verify`."
            )
        if not rows or (lines.anchors and lines.anchors[-1].rows == rows):
            return None
        made = Anchor(rows, head, now())
        anchor_lines.add(handle, lines, made, database.installation_id(), key)
    return made


def keep(database: Database, settings: Settings) -> None:
    """Add an anchor where nobody asked for one: what is in the way is logged, and no error.

    Whether rows can be cut off unseen must not decide whether a version may answer.
    """
    key = Key(settings.key_file)
    try:
        write(database, settings.audit_anchors, key, actor=BY_ITSELF, anew=False)
    except WatchdeskError as error:
        logger.warning("the audit log is not anchored: %s", error.detail)


def _missing(database: Database, anchors: Path) -> str | None:
    """The sentence for a file without anchors, where the log says that there are some."""
    newest = sa.select(sa.func.max(log.c.id)).where(log.c.action == BEGIN)
    with database.read() as connection:
        begun = connection.scalar(newest)
    if begun is None:
        return None
    return (
        f"`{anchors}` has no anchors, though row {begun} of the audit log says that they are kept:"
        " rows cut off at the end would not be missed. Restore the file, or name its place in"
        " `WATCHDESK_AUDIT_ANCHORS`; to begin anew, run `python -m console audit anchor`."
    )


def _begin(database: Database, anchors: Path, actor: str, anew: bool) -> None:
    missing = _missing(database, anchors)
    if missing is not None and not anew:
        raise Refused(missing)
    with database.write() as connection:
        detail = {"file": str(anchors), "anew": missing is not None}
        audit.append(connection, actor=actor, action=BEGIN, subject=SUBJECT, detail=detail)


def _continues(database: Database, lines: Lines, rows: int) -> bool:
    """Whether the row of the last anchor is still there as it was."""
    if not lines.anchors:
        return True
    last = lines.anchors[-1]
    query = sa.select(log.c.hash).where(log.c.id == last.rows)
    with database.read() as connection:
        return rows >= last.rows and connection.scalar(query) == last.head


@contextmanager
def _opened(anchors: Path) -> Iterator[int]:
    """The file, for one writer at a time.

    Raises:
        Unavailable: it cannot be opened or made.
    """
    handle = None
    try:
        try:
            anchors.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(anchors, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise Unavailable(
                f"The anchors in `{anchors}` cannot be written ({error.strerror}). Make the file"
                " writable, or name another in `WATCHDESK_AUDIT_ANCHORS`."
            ) from error
        yield handle
    finally:
        if handle is not None:
            os.close(handle)
