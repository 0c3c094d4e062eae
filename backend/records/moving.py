"""Moving an alias in a transaction of the caller's: what must hold, and what is written with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import ChampionMoved, NotFound, Refused
from backend.records import announcing, audit, policies, protection, registry
from backend.records.database import now
from backend.records.people import check_said
from backend.records.registry import CHAMPION
from backend.records.succession import way_back
from backend.records.tables import aliases, promotion_requests, promotions

ANY: Final = -1
"""As `expected_champion`: move the alias from wherever it points."""


@dataclass(frozen=True)
class Promotion:
    """One move of an alias. `kind` is promote, rollback, assign or withdraw.

    A promotion that was asked for has its request, the SHA-256 of the dossier, and who approved
    it; `actor` and `reason` are then those of the request.
    """

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


@dataclass(frozen=True)
class Move:
    """An alias that shall move.

    Attributes:
        number: the version that it shall point at; None: none.
        expected: where the caller saw it (None: nowhere); `ANY` does not ask.
        request_id, dossier, approved_by: of the request that the move fulfils.
        announce: whether the job that tells the webhook is queued with it.
    """

    model: str
    alias: str
    number: int | None
    kind: str
    actor: str
    reason: str
    expected: int | None = ANY
    request_id: int | None = None
    dossier: str | None = None
    approved_by: str | None = None
    announce: bool = False


def make(connection: Connection, move: Move, before: Sequence[audit.Change] = ()) -> Promotion:
    """Move an alias in the caller's transaction; call it last (`audit.append_all`).

    Other open requests of the model are overtaken by a new champion.

    Args:
        before: what the audit log says before the move.

    Raises:
        ChampionMoved, NotFound, Refused, Unusable: as `promote` and `rollback`.
    """
    check_said(move.actor, move.reason, _DOES[move.kind])
    present = check(connection, move.model, move.number, alias=move.alias, expected=move.expected)
    if move.kind == "promote" and move.request_id is None:
        _check_free(connection, move)
    if move.kind == "rollback":
        _check_was_champion(connection, move)
    passed_by = _passed_by(connection, move, present)
    _point(connection, move)
    values = {name: getattr(move, name) for name in _KEPT} | {"actor": move.actor.strip()}
    row = promotions.insert().values(
        **values,
        from_number=present,
        to_number=move.number,
        at=now(),
        reason=move.reason.strip(),
    )
    made = Promotion(**connection.execute(row.returning(*promotions.c)).one()._asdict())
    detail = _detail(made) | passed_by
    if move.alias == CHAMPION:
        detail |= _overtake(connection, made)
    if move.announce:
        announcing.queue(connection, made.id, by=made.actor)
    change = audit.Change(made.actor, move.kind, move.model, detail)
    audit.append_all(connection, [*before, change])
    return made


_DOES: Final = {
    "promote": "promotes",
    "rollback": "rolls back",
    "assign": "names the challenger",
    "withdraw": "withdraws the challenger",
}
_KEPT: Final = ("model", "alias", "kind", "actor", "request_id", "dossier", "approved_by")


def check(
    connection: Connection,
    name: str,
    number: int | None,
    *,
    alias: str = CHAMPION,
    expected: int | None = ANY,
) -> int | None:
    """Whether an alias may move to a version; locks the model's row, and gives where it points.

    Raises:
        NotFound: there is no such model or version.
        ChampionMoved: it points elsewhere than expected.
        Refused: it points there already.
    """
    # The row lock makes promoters on PostgreSQL take turns; SQLite's write lock has already.
    registry.model_row(connection, name, lock=True)
    if number is not None:
        registry.version_row(connection, name, number)
    present = registry.alias_of(connection, name, alias)
    if expected not in (ANY, present):
        raise ChampionMoved(moved(name, present, expected))
    if present == number:
        raise Refused(f"The {alias} of `{name}` is {_named(number)} already.")
    return present


def read(connection: Connection, promotion_id: int) -> Promotion:
    """One move.

    Raises:
        NotFound: there is none of that id.
    """
    query = sa.select(promotions).where(promotions.c.id == promotion_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no promotion {promotion_id}.")
    return Promotion(**row._asdict())


def moved(name: str, present: int | None, expected: int | None) -> str:
    """The sentence for somebody who saw another champion than there is."""
    return (
        f"The champion of `{name}` is {_named(present)}, not {_named(expected)} as you saw. Look at"
        " the new champion, then decide again."
    )


def _check_free(connection: Connection, move: Move) -> None:
    """Whether the champion may move without a request."""
    if policies.needs_request(connection, move.model):
        raise Refused(
            f"A promotion of `{move.model}` must be asked for: its gates are judged and the"
            f" evidence is kept. Ask on the Promote page, or with `python -m console promote"
            f" {move.model} {move.number} --require-gates`."
        )


def _check_was_champion(connection: Connection, move: Move) -> None:
    c = promotions.c
    earlier = sa.select(c.id).where(
        c.model == move.model, c.alias == CHAMPION, c.to_number == move.number
    )
    if connection.scalar(earlier.limit(1)) is None:
        raise Refused(
            f"{_named(move.number).capitalize()} of `{move.model}` never was champion, so there is"
            " nothing to roll back to. Promote it instead."
        )


def _passed_by(connection: Connection, move: Move, present: int | None) -> dict[str, Any]:
    """What the audit log says of a roll-back that goes elsewhere than to the champion before."""
    if move.kind != "rollback":
        return {}
    moves = protection.steps(connection, move.model)
    before = way_back(moves, present or 0, protection.numbers(connection, move.model))
    return {} if before == move.number else {"champion_before": before}


def _point(connection: Connection, move: Move) -> None:
    of_model = sa.and_(aliases.c.model == move.model, aliases.c.alias == move.alias)
    connection.execute(aliases.delete().where(of_model))
    if move.number is not None:
        values = {"model": move.model, "alias": move.alias, "number": move.number}
        connection.execute(aliases.insert().values(**values))


def _overtake(connection: Connection, made: Promotion) -> dict[str, object]:
    """End the requests that saw the champion before; what the audit log keeps of it."""
    c = promotion_requests.c
    others = sa.and_(c.model == made.model, c.state == "open", c.id != (made.request_id or 0))
    why = f"The champion moved to {_named(made.to_number)} (promotion {made.id})."
    ended = promotion_requests.update().where(others)
    ended = ended.values(state="overtaken", decided_at=made.at, decided_by=made.actor, decision=why)
    found = sorted(connection.scalars(ended.returning(c.id)).all())
    return {"overtaken": found} if found else {}


def _detail(made: Promotion) -> dict[str, Any]:
    """What the audit log keeps of a move beside who made it, and of which model."""
    detail: dict[str, Any] = {"promotion": made.id, "alias": made.alias}
    detail |= {"from": made.from_number, "to": made.to_number, "reason": made.reason}
    if made.request_id is None:
        return detail
    of_request = {"request": made.request_id, "dossier": made.dossier}
    return detail | of_request | {"approved_by": made.approved_by}


def _named(number: int | None) -> str:
    return "none" if number is None else f"version {number}"
