"""The stretches of time in which one version or another was champion."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.records import aliases, protection, registry
from backend.records.aliases import Promotion
from backend.records.database import Database
from backend.records.registry import CHAMPION


@dataclass(frozen=True)
class Served:
    """A stretch of time in which one version answered for a model.

    Attributes:
        model: whose.
        version: the champion's number.
        since: UTC µs: when it began to answer.
        until: UTC µs: when another took over; None: it still answers.
        move: the promotion or roll-back that began it.
        exists: whether the version is still there; an old one may have been removed.
    """

    model: str
    version: int
    since: int
    until: int | None
    move: Promotion
    exists: bool = True

    def to_json(self) -> dict[str, Any]:
        """It as the command `history` gives it; times in ISO 8601."""
        return {
            "version": self.version,
            "since": exact(self.since),
            "until": None if self.until is None else exact(self.until),
            "exists": self.exists,
            **moved(self.move),
        }


def exact(at: int) -> str:
    """UTC µs as ISO 8601 to the microsecond: asked for this moment, the same champion is found."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def moved(move: Promotion) -> dict[str, Any]:
    """A move of an alias as a document; times in ISO 8601."""
    return {
        "promotion": move.id,
        "alias": move.alias,
        "kind": move.kind,
        "from_version": move.from_number,
        "to_version": move.to_number,
        "at": exact(move.at),
        "actor": move.actor,
        "approved_by": move.approved_by,
        "reason": move.reason,
        "request": move.request_id,
        "dossier": move.dossier,
    }


def spans(database: Database, model: str) -> tuple[Served, ...]:
    """Every stretch in which a champion answered, oldest first, without a gap between them.

    Raises:
        NotFound: there is no such model.
    """
    registry.model(database, model)
    moves = [m for m in reversed(aliases.history(database, model, None)) if m.alias == CHAMPION]
    with database.read() as connection:
        there = protection.numbers(connection, model)
    ends: list[int | None] = [*(move.at for move in moves[1:]), None]
    return tuple(
        Served(model, move.to_number, move.at, end, move, move.to_number in there)
        for move, end in zip(moves, ends[: len(moves)], strict=True)
        if move.to_number is not None
    )
