"""Aliases: which version answers, and the record of every move.

An alias moves only in the transaction that also writes its promotion row, and only from where the
caller saw it.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from backend.errors import ChampionMoved, NoChampion, Refused, Unusable
from backend.records import audit, registry
from backend.records.database import Database, now
from backend.records.registry import CHALLENGER, CHAMPION
from backend.records.tables import aliases, promotions, versions

ANY: Final = -1
"""As `expected_champion`: move the alias from wherever it points."""


@dataclass(frozen=True)
class Promotion:
    """One move of an alias. `kind` is promote, rollback, assign or withdraw."""

    id: int
    model: str
    alias: str
    kind: str
    from_number: int | None
    to_number: int | None
    at: int
    actor: str
    reason: str
    request_id: int | None = None
    dossier: str | None = None
    approved_by: str | None = None


def champion(database: Database, name: str) -> registry.Version:
    """The version that answers for a model.

    Raises:
        NotFound: there is no such model.
        NoChampion: none was promoted.
    """
    with database.read() as connection:
        registry.model_row(connection, name)
        number = registry.alias_of(connection, name, CHAMPION)
        if number is None:
            raise NoChampion(no_champion(name))
        return registry.version_row(connection, name, number)


def no_champion(name: str) -> str:
    """The sentence for a model that has versions and no champion."""
    return f"Model `{name}` has no champion. Promote one of its versions on the Promote page."


def promote(
    database: Database,
    name: str,
    number: int,
    *,
    actor: str,
    reason: str,
    expected_champion: int | None = ANY,
) -> Promotion:
    """Make a version the champion.

    Args:
        expected_champion: the champion that the caller saw (None: none); `ANY` does not ask.

    Raises:
        NotFound: there is no such model or version.
        ChampionMoved: the champion is another than `expected_champion`.
        Refused: the version is the champion already.
        Unusable: the reason is empty.
    """
    return _move(database, name, CHAMPION, number, "promote", actor, reason, expected_champion)


def rollback(
    database: Database,
    name: str,
    *,
    actor: str,
    reason: str,
    to: int | None = None,
    expected_champion: int | None = ANY,
) -> Promotion:
    """Make an earlier champion answer again: `to`, or the one before the present one.

    Raises:
        NotFound: there is no such model or version.
        NoChampion: nothing serves, so there is nothing to roll back.
        Refused: there was no other champion before.
        ChampionMoved: the champion is another than `expected_champion`.
    """
    target = previous_champion(database, name) if to is None else to
    return _move(database, name, CHAMPION, target, "rollback", actor, reason, expected_champion)


def previous_champion(database: Database, name: str) -> int:
    """The number that a roll-back without a target goes to: the champion before the present one.

    A roll-back takes its promotion off the history, so two of them go two champions back.

    Raises:
        NotFound, NoChampion, Refused: as `rollback`.
    """
    present = champion(database, name).number
    stack: list[int] = []
    for move in reversed(history(database, name, limit=None)):
        if move.alias != CHAMPION or move.to_number is None:
            continue
        if move.kind == "rollback" and move.to_number in stack:
            stack = stack[: len(stack) - stack[::-1].index(move.to_number)]
        else:
            stack.append(move.to_number)
    earlier = [number for number in stack[:-1] if number != present]
    if not earlier:
        raise Refused(
            f"Version {present} is the first champion of `{name}`; there is none to roll back to."
            " Promote another version instead."
        )
    return earlier[-1]


def set_challenger(
    database: Database, name: str, number: int | None, *, actor: str, reason: str
) -> Promotion:
    """Name the version that is compared with the champion; None withdraws it.

    Raises:
        NotFound, Refused, Unusable: as `promote`.
    """
    kind = "withdraw" if number is None else "assign"
    return _move(database, name, CHALLENGER, number, kind, actor, reason, ANY)


def history(
    database: Database, name: str | None = None, limit: int | None = 100
) -> list[Promotion]:
    """The moves of aliases, newest first, of one model or of all."""
    query = sa.select(promotions).order_by(promotions.c.id.desc()).limit(limit)
    if name is not None:
        query = query.where(promotions.c.model == name)
    with database.read() as connection:
        return [Promotion(**row._asdict()) for row in connection.execute(query)]


def champions(database: Database) -> dict[str, tuple[int, int]]:
    """Each model's champion as its number and its row's id, in one query: the service asks often.

    The id tells a version apart from one of a model that was removed and made again.
    """
    v = versions.c
    of_champion = sa.and_(v.model == aliases.c.model, v.number == aliases.c.number)
    query = sa.select(v.model, v.number, v.id).select_from(aliases.join(versions, of_champion))
    with database.read() as connection:
        rows = connection.execute(query.where(aliases.c.alias == CHAMPION)).all()
    return {row.model: (row.number, row.id) for row in rows}


def _move(
    database: Database,
    name: str,
    alias: str,
    number: int | None,
    kind: str,
    actor: str,
    reason: str,
    expected: int | None,
) -> Promotion:
    if not reason.strip():
        raise Unusable("The reason is empty; say in a sentence why, for those who read it later.")
    with database.write() as connection:
        # The row lock makes promoters on PostgreSQL take turns; SQLite's write lock has already.
        registry.model_row(connection, name, lock=True)
        if number is not None:
            registry.version_row(connection, name, number)
        present = registry.alias_of(connection, name, alias)
        if expected not in (ANY, present):
            raise ChampionMoved(
                f"The champion of `{name}` is {_named(present)}, not {_named(expected)} as you"
                " saw. Look at the new champion, then decide again."
            )
        if present == number:
            raise Refused(f"The {alias} of `{name}` is {_named(number)} already.")
        connection.execute(
            aliases.delete().where(aliases.c.model == name, aliases.c.alias == alias)
        )
        if number is not None:
            connection.execute(aliases.insert().values(model=name, alias=alias, number=number))
        move = promotions.insert().values(
            model=name,
            alias=alias,
            kind=kind,
            from_number=present,
            to_number=number,
            at=now(),
            actor=actor,
            reason=reason.strip(),
        )
        made = Promotion(**connection.execute(move.returning(*promotions.c)).one()._asdict())
        audit.append(connection, actor=actor, action=kind, subject=name, detail=_detail(made))
    return made


def _detail(made: Promotion) -> dict[str, object]:
    """What the audit log keeps of a move beside who made it, and of which model."""
    detail: dict[str, object] = {"promotion": made.id, "alias": made.alias}
    return detail | {"from": made.from_number, "to": made.to_number, "reason": made.reason}


def _named(number: int | None) -> str:
    return "none" if number is None else f"version {number}"
