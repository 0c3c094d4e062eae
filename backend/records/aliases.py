"""Aliases: which version answers, and the record of every move.

An alias moves only in the transaction that also writes its promotion row, and only from where the
caller saw it. Where a model asks for gates or an approval, only a request moves its champion
(`requests.py`). `moving.py` is the transaction.
"""

import sqlalchemy as sa

from backend.errors import NoChampion, Refused
from backend.records import moving, protection, registry
from backend.records.database import Database
from backend.records.moving import ANY, Move, Promotion
from backend.records.registry import CHALLENGER, CHAMPION
from backend.records.succession import way_back
from backend.records.tables import aliases, promotions, versions

__all__ = [
    "ANY",
    "Promotion",
    "champion",
    "champions",
    "get",
    "history",
    "no_champion",
    "previous_champion",
    "promote",
    "rollback",
    "set_challenger",
]


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
    announce: bool = False,
) -> Promotion:
    """Make a version the champion, without a request.

    Args:
        expected_champion: the champion that the caller saw (None: none); `ANY` does not ask.
        announce: whether the job that tells the webhook is queued with it.

    Raises:
        NotFound: there is no such model or version.
        ChampionMoved: the champion is another than `expected_champion`.
        Refused: the version is the champion already, or the model asks for a request.
        Unusable: the name or the reason is empty or too long.
    """
    move = Move(
        name, CHAMPION, number, "promote", actor, reason, expected_champion, announce=announce
    )
    return _moved(database, move)


def rollback(
    database: Database,
    name: str,
    *,
    actor: str,
    reason: str,
    to: int | None = None,
    expected_champion: int | None = ANY,
    announce: bool = False,
) -> Promotion:
    """Make an earlier champion answer again: `to`, or the one before the present one.

    It needs no request, whatever the model asks of a promotion: the way back must be short.

    Raises:
        NotFound: there is no such model or version.
        NoChampion: nothing serves, so there is nothing to roll back.
        Refused: there was no other champion before, or `to` never was champion: what a promotion
            asks for is not to be passed by.
        ChampionMoved: the champion is another than `expected_champion`.
        Unusable: the name or the reason is empty or too long.
    """
    target = previous_champion(database, name) if to is None else to
    move = Move(
        name, CHAMPION, target, "rollback", actor, reason, expected_champion, announce=announce
    )
    return _moved(database, move)


def previous_champion(database: Database, name: str) -> int:
    """The number that a roll-back without a target goes to: the champion before the present one.

    A roll-back takes its promotion off the history, so two of them go two champions back.

    Raises:
        NotFound, NoChampion, Refused: as `rollback`.
    """
    present = champion(database, name).number or 0  # a champion is no draft
    with database.read() as connection:
        moves = protection.steps(connection, name)
        there = protection.numbers(connection, name)
    earlier = way_back(moves, present, there)
    if earlier is None:
        raise Refused(
            f"Version {present} is the first champion of `{name}`; there is none to roll back to."
            " Promote another version instead."
        )
    return earlier


def set_challenger(
    database: Database, name: str, number: int | None, *, actor: str, reason: str
) -> Promotion:
    """Name the version that is compared with the champion; None withdraws it.

    Raises:
        NotFound, Refused, Unusable: as `promote`.
    """
    kind = "withdraw" if number is None else "assign"
    return _moved(database, Move(name, CHALLENGER, number, kind, actor, reason))


def get(database: Database, promotion_id: int) -> Promotion:
    """One move.

    Raises:
        NotFound: there is none of that id.
    """
    with database.read() as connection:
        return moving.read(connection, promotion_id)


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


def _moved(database: Database, move: Move) -> Promotion:
    with database.write() as connection:
        return moving.make(connection, move)
