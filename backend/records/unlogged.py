"""Promotions, requests and reviews that the audit log should tell of and does not.

A chain of hashes cannot miss what was removed with all that followed it. But what the log tells of
is there too, in tables of its own, and was written in the same transactions.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

from backend.records.tables import audit, promotion_requests, promotions, reviews, watermarks

BEGUN: Final = "audit"
"""The watermark whose epoch says since when (UTC µs) changes are recorded."""
MOST_NAMED: Final = 3


@dataclass(frozen=True)
class _Kind:
    """Rows that have one of the log: whose detail names them by `key`.

    `always`: there are none that are older than the log.
    """

    name: str
    key: str
    actions: tuple[str, ...]
    id: ColumnElement[int]
    at: ColumnElement[int]
    always: bool = False


_KINDS: Final = (
    _Kind(
        "promotion",
        "promotion",
        ("promote", "rollback", "assign", "withdraw"),
        promotions.c.id,
        promotions.c.at,
    ),
    _Kind(
        "promotion request",
        "request",
        ("request.ask",),
        promotion_requests.c.id,
        promotion_requests.c.requested_at,
        always=True,
    ),
    _Kind("review", "review", ("review.freeze",), reviews.c.id, reviews.c.frozen_at),
)


def fault(connection: Connection) -> str | None:
    """What the log lacks, as a sentence; None where it lacks nothing.

    What was made before changes were recorded is not asked for. Call it on a log whose rows are in
    order, in the snapshot that they were read in.
    """
    since = _since(connection)
    asked = [(kind, 0 if kind.always else since) for kind in _KINDS]
    lacking = [_lacking(connection, kind, at) for kind, at in asked if at is not None]
    said = "; ".join(filter(None, lacking))
    if not said:
        return None
    return f"Rows were removed from the log: it does not tell of what is in the database ({said})."


def _since(connection: Connection) -> int | None:
    """When the log began (UTC µs); None: nobody can say."""
    begun = sa.select(watermarks.c.epoch).where(watermarks.c.name == BEGUN)
    found = connection.scalar(begun)
    if found is None:  # made before the mark was: the first row is as good while it is there
        found = connection.scalar(sa.select(audit.c.at).order_by(audit.c.id).limit(1))
    return None if found is None else int(found)


def _lacking(connection: Connection, kind: _Kind, since: int) -> str:
    made = set(connection.scalars(sa.select(kind.id).where(kind.at >= since)))
    missing = sorted(made.difference(_told(connection, kind))) if made else []
    if not missing:
        return ""
    named = ", ".join(map(str, missing[:MOST_NAMED]))
    more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
    return f"{kind.name}{'' if len(missing) == 1 else 's'} {named}{more}"


def _told(connection: Connection, kind: _Kind) -> Iterator[int]:
    """The ids that the log names."""
    query = sa.select(audit.c.detail).where(audit.c.action.in_(kind.actions))
    for detail in connection.scalars(query.execution_options(yield_per=1_000)):
        with suppress(ValueError, AttributeError, TypeError):  # not as we write it
            told: Any = json.loads(detail).get(kind.key)
            if isinstance(told, int):
                yield told
