"""Which versions must not be removed: what serves, what can be gone back to, what is named.

Tables alone, so that whatever removes something can ask inside its own transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import Refused
from backend.records.database import Database
from backend.records.succession import Step, ends, way_back
from backend.records.tables import (
    aliases,
    predictions,
    promotion_requests,
    promotions,
    reviews,
    summaries,
    versions,
    watermarks,
)

Reasons = dict[int, tuple[str, ...]]
"""By the version's number: why it is kept, as phrases that follow `it`: `is the champion`."""
MOST_NAMED: Final = 3
"""So many requests or reviews are named in a reason; of more there is the number."""
_ALIASES: Final = ("champion", "challenger")


def protected(
    connection: Connection, model: str, *, since: int | None = None, after: int | None = None
) -> Reasons:
    """The versions of a model that must not be removed.

    These are the champion, the challenger, the version that a roll-back goes to, versions that
    were champion at `since` or later, those that the dossier of a promotion request or a review
    names, and those whose answers the log holds: its rows are read by the version's signature.

    Args:
        connection: of the transaction that removes, or of one that reads.
        model: its name; of one that does not exist nothing is protected.
        since: UTC µs; None: whatever was champion at any time is protected.
        after: of the log only rows with greater ids are asked for, as the others were; None: all.
    """
    found: dict[int, list[str]] = {}
    for number, reason in (
        *_serving(connection, model, since),
        *_named(connection, model),
        *((number, "answered rows of the log") for number in _answered(connection, model, after)),
    ):
        found.setdefault(number, []).append(reason)
    there = numbers(connection, model)
    return {number: tuple(found[number]) for number in sorted(found.keys() & there)}


def of(database: Database, model: str, *, since: int | None = None) -> Reasons:
    """As `protected`, read now."""
    with database.read() as connection:
        return protected(connection, model, since=since)


def check(
    connection: Connection,
    model: str,
    number: int,
    *,
    since: int | None = None,
    after: int | None = None,
) -> None:
    """Let a version be removed, or say why not; the arguments are those of `protected`.

    Raises:
        Refused: it is protected; the sentence names all reasons.
    """
    reasons = protected(connection, model, since=since, after=after).get(number)
    if reasons:
        raise Refused(f"Version {number} of `{model}` is not removed: it {listed(reasons)}.")


def check_model(connection: Connection, model: str) -> None:
    """Let a whole model be removed, or say which of its versions keep it.

    Raises:
        Refused: a version is champion, challenger, or named in a dossier or review.
    """
    found: dict[int, list[str]] = {}
    for number, reason in (*_pointed(connection, model), *_named(connection, model)):
        found.setdefault(number, []).append(reason)
    if found:
        told = "; ".join(f"version {n} {listed(found[n])}" for n in sorted(found))
        raise Refused(f"Model `{model}` is not removed: {told}.")


def steps(connection: Connection, model: str) -> list[Step]:
    """The moves of a model's champion, oldest first."""
    c = promotions.c
    query = sa.select(c.at, c.kind, c.to_number).where(
        c.model == model, c.alias == "champion", c.to_number.is_not(None)
    )
    return [Step(*row) for row in connection.execute(query.order_by(c.id))]


def numbers(connection: Connection, model: str) -> set[int]:
    """The numbers of a model's registered versions."""
    c = versions.c
    query = sa.select(c.number).where(c.model == model, c.number.is_not(None))
    return set(connection.scalars(query))


def newest_row(connection: Connection) -> int:
    """The id of the newest row of the log, of any model; 0 in an empty one."""
    return int(connection.scalar(sa.select(sa.func.max(predictions.c.id))) or 0)


def listed(reasons: Sequence[str]) -> str:
    """Phrases as one: `a, b and c`."""
    *first, last = reasons
    return f"{', '.join(first)} and {last}" if first else last


def _serving(connection: Connection, model: str, since: int | None) -> Iterable[tuple[int, str]]:
    """What serves, served, or would serve after a roll-back."""
    pointed = _pointed(connection, model)
    yield from pointed
    champion = next((n for n, reason in pointed if reason == "is the champion"), None)
    moves = steps(connection, model)
    if champion is not None:
        back = way_back(moves, champion, numbers(connection, model))
        if back is not None:
            yield back, "is what a roll-back goes to"
    for number, until in ends(moves).items():
        if until is not None and number != champion and (since is None or until >= since):
            yield number, f"was champion until {_day(until)}"


def _pointed(connection: Connection, model: str) -> list[tuple[int, str]]:
    c = aliases.c
    query = sa.select(c.number, c.alias).where(c.model == model, c.alias.in_(_ALIASES))
    return [(n, f"is the {alias}") for n, alias in connection.execute(query.order_by(c.alias))]


def _named(connection: Connection, model: str) -> Iterable[tuple[int, str]]:
    """What requests (as candidate or as the champion that was seen) and reviews name."""
    r, v = promotion_requests.c, reviews.c
    asked: dict[int, list[int]] = {}
    requests = sa.select(r.id, r.number, r.from_number).where(r.model == model).order_by(r.id)
    for request, candidate, seen in connection.execute(requests):
        for number in {candidate, seen} - {None}:
            asked.setdefault(number, []).append(request)
    reviewed: dict[int, list[int]] = {}
    frozen = sa.select(v.id, v.version).where(v.model == model).order_by(v.id)
    for review, number in connection.execute(frozen):
        reviewed.setdefault(number, []).append(review)
    for number, ids in asked.items():
        yield number, f"is named in the dossier of {_ids('promotion request', ids)}"
    for number, ids in reviewed.items():
        yield number, f"is named in {_ids('review', ids)}"


def _answered(connection: Connection, model: str, after: int | None) -> set[int]:
    """The versions that answered rows of the log: by its summaries, and by rows beyond them."""
    s, p = summaries.c, predictions.c
    mine = sa.and_(p.model == model, p.version.is_not(None), p.outcome == "answered")
    # As conditions on columns SQLite would walk all of the model's rows by its index instead.
    beyond = sa.select(p.version).where(sa.case((mine, 1), else_=0) == 1)
    if after is not None:
        return set(connection.scalars(beyond.where(p.id > after).distinct()))
    end = sa.select(watermarks.c.id).where(watermarks.c.name == "log").scalar_subquery()
    counted = sa.select(s.version).where(s.model == model, s.version > 0, s.answered > 0)
    queries = (counted, beyond.where(p.id > end))
    return {number for query in queries for number in connection.scalars(query.distinct())}


def _ids(noun: str, ids: Sequence[int]) -> str:
    if len(ids) > MOST_NAMED:
        return f"{len(ids)} {noun}s"
    return f"{noun}{'s' if len(ids) > 1 else ''} {listed([str(one) for one in ids])}"


def _day(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%d")
