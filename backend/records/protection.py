"""Which versions must not be removed, and why: what serves, what can be gone back to, what is named.

Tables alone, so that whatever removes something can ask inside its own transaction.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import Refused
from backend.records.database import Database

Reasons = dict[int, tuple[str, ...]]
"""By the version's number: why it is kept, as phrases that follow `it`: `is the champion`."""


def protected(connection: Connection, model: str, *, since: int | None = None) -> Reasons:
    """The versions of a model that must not be removed.

    These are the champion, the challenger, the version that a roll-back goes to, versions that
    were champion at `since` or later, those that the dossier of a promotion request or a review
    names, and those whose answers the log holds: its rows are read by the version's signature.

    Args:
        connection: of the transaction that removes, or of one that reads.
        model: its name; of one that does not exist nothing is protected.
        since: UTC µs; None: whatever was champion at any time is protected.
    """
    raise NotImplementedError


def of(database: Database, model: str, *, since: int | None = None) -> Reasons:
    """As `protected`, read now."""
    with database.read() as connection:
        return protected(connection, model, since=since)


def check(connection: Connection, model: str, number: int, *, since: int | None = None) -> None:
    """Let a version be removed, or say why not.

    Raises:
        Refused: it is protected; the sentence names all reasons.
    """
    reasons = protected(connection, model, since=since).get(number)
    if reasons:
        raise Refused(f"Version {number} of `{model}` cannot be removed: it {_joined(reasons)}.")


def _joined(reasons: Sequence[str]) -> str:
    *first, last = reasons
    return f"{', '.join(first)} and {last}" if first else last
