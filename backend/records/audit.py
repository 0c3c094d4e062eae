"""The audit log: what was changed, by whom, in a chain of hashes.

Each row's hash is SHA-256 over the hash of the row before it and the row itself, so an edited,
removed, added or moved row no longer fits those after it (Haber and Stornetta, How to time-stamp a
digital document, Journal of Cryptology 3, 1991, section 5.1: linking). `chain.py` walks it. A chain
does not see that its end was cut off: `versions/anchors.py` keeps marks of it outside the database.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from backend.records.database import Database, now
from backend.records.tables import audit

FIRST: Final = "0" * 64
"""What the first row has as the hash of the row before it."""
UNKNOWN: Final = "unknown"
"""The actor where nobody said who it is."""
LOCK: Final = 7_301_945_529
"""One number for all who append on PostgreSQL; SQLite's own write lock serves there."""
MOST_NAME: Final = 200
_HASHED: Final = ("id", "at", "actor", "action", "subject", "detail")


@dataclass(frozen=True)
class Change:
    """What is to be recorded.

    Attributes:
        actor: who did it, at most 200 characters; what is longer is cut.
        action: a word for it, at most 40 characters (docs/audit.md lists them).
        subject: what was changed: a model's name, or what else; at most 200 characters.
        detail: what JSON can hold.
    """

    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A row of the audit log. `at` is UTC µs; the hashes are 64 hexadecimal digits."""

    id: int
    at: int
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True)
class Check:
    """What a verification found.

    Attributes:
        ok: nothing was found that should not be.
        rows: rows in the log.
        first_bad: the first row that is missing or not as it was recorded; where rows were
            rewritten with fitting hashes, the first after the last anchor that agrees. None
            where all rows are in order: then the fault, if any, is in the anchors, or in what the
            log does not tell of.
        why: what was found, as a sentence.
        anchors: signed marks that were compared.
        anchored: rows up to the last mark: a cut before it is found, one after it is not.
    """

    ok: bool
    rows: int
    first_bad: int | None
    why: str
    anchors: int = 0
    anchored: int = 0


def append(
    connection: Connection, *, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Record a change in the caller's transaction, at its end: see `append_all`."""
    append_all(connection, [Change(actor, action, subject, detail)])


def append_all(connection: Connection, changes: Sequence[Change]) -> None:
    """Record changes in the caller's transaction, which commits or takes them back with the rest.

    Call it last in a transaction: on PostgreSQL it keeps other appenders waiting until the end,
    and who waits for a row that one of those holds would wait for ever.
    """
    if not changes:
        return
    if connection.dialect.name == "postgresql":
        # Before the newest row is read: each statement sees what is committed when it begins.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    last, previous = head(connection)
    at = now()
    rows = []
    for row_id, change in enumerate(changes, last + 1):
        row = {
            "id": row_id,
            "at": at,
            "actor": change.actor[:MOST_NAME],
            "action": change.action,
            "subject": change.subject[:MOST_NAME],
            "detail": canonical(change.detail),
        }
        linked = {"previous": previous, "hash": digest(previous, row)}
        rows.append(row | linked)
        previous = linked["hash"]
    connection.execute(audit.insert(), rows)


def head(connection: Connection) -> tuple[int, str]:
    """The newest row's id and hash; 0 and `FIRST` before the first."""
    newest = sa.select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    found = connection.execute(newest).one_or_none()
    return (0, FIRST) if found is None else (int(found.id), str(found.hash))


def digest(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row: SHA-256 of the hash before it and the row's canonical JSON.

    Args:
        previous: 64 hexadecimal digits.
        row: id, at, actor, action, subject and detail (as its text); others are left out.
    """
    content = canonical({name: row[name] for name in _HASHED})
    return hashlib.sha256((previous + content).encode()).hexdigest()


def canonical(document: Any) -> str:
    """JSON in ASCII with sorted keys and no spaces: one text for one content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def rows_of(
    database: Database, *, subject: str | None = None, since: int | None = None, limit: int = 100
) -> list[Recorded]:
    """The newest rows, newest first.

    Args:
        subject: only of this model, or what else was changed.
        since: UTC µs; only what was recorded then or later.
        limit: at most so many.
    """
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if since is not None:
        query = query.where(audit.c.at >= since)
    with database.read() as connection:
        return [_recorded(row) for row in connection.execute(query)]


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(**row._asdict() | {"detail": json.loads(row.detail)})
