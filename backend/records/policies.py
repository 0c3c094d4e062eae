"""What a model asks of a promotion, how long it watches after one, and what it keeps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import Refused, Unusable
from backend.records import audit
from backend.records.database import Database
from backend.records.people import check_name
from backend.records.registry import model_row
from backend.records.tables import models

MOST_HOURS: Final = 24 * 365
MOST_DAYS: Final = 36_500
MOST_KEPT: Final = 10_000


@dataclass(frozen=True)
class Policy:
    """How a model handles its promotions and versions.

    Attributes:
        approval: whether another person than the one who asked must approve a promotion.
        probation_hours: for so long after a promotion the new champion is watched against the
            one before; 0: not at all; at most a year.
        keep_days: registered versions older than this may be removed by retention; None: none is.
        keep_last: so many of the newest versions are kept whatever their age, at least 1.
        gates: whether a promotion must pass the gates: True always, False only where it is asked
            to (`--require-gates`), None (the default) where somebody wrote gates for the model.
            `approval` asks for them in any case.
    """

    approval: bool = False
    probation_hours: int = 72
    keep_days: int | None = None
    keep_last: int = 10
    gates: bool | None = None


DEFAULT: Final = Policy()


def of(database: Database, model: str) -> Policy:
    """The policy of a model; `DEFAULT` where none was saved.

    Raises:
        NotFound: there is no such model.
    """
    with database.read() as connection:
        return read(model_row(connection, model).policy)


def read(document: Mapping[str, Any] | None) -> Policy:
    """A policy as it is stored; what it does not say is as in `DEFAULT`."""
    known = asdict(DEFAULT)
    return Policy(**known | {k: v for k, v in (document or {}).items() if k in known})


def save(
    database: Database, model: str, policy: Policy, *, actor: str, seen: Policy | None = None
) -> Policy:
    """Keep a policy; the audit log keeps what it was before. Saving what holds changes nothing.

    Args:
        seen: the one that the writer saw; None does not ask.

    Raises:
        NotFound: there is no such model.
        Refused: somebody saved another one since it was seen.
        Unusable: a number in it is out of its range, or the name cannot be kept.
    """
    check_name(actor, "changes the policy")
    _check(policy)
    after, by = asdict(policy), actor.strip()
    with database.write() as connection:
        before = asdict(read(model_row(connection, model, lock=True).policy))
        if seen is not None and asdict(seen) != before:
            raise Refused(
                f"Somebody changed the policy of `{model}` meanwhile, and nothing was overwritten."
                " Look at what they chose, then save again."
            )
        if before != after:
            _write(connection, model, after)
            detail = {"before": before, "after": after}
            audit.append(connection, actor=by, action="policy", subject=model, detail=detail)
    return policy


def needs_request(connection: Connection, model: str) -> bool:
    """Whether a promotion of the model must be asked for, with its gates and dossier."""
    row = model_row(connection, model)
    policy = read(row.policy)
    return policy.approval or (row.gates is not None if policy.gates is None else policy.gates)


def _write(connection: Connection, model: str, document: dict[str, Any]) -> None:
    connection.execute(sa.update(models).where(models.c.name == model).values(policy=document))


def _check(policy: Policy) -> None:
    _check_whole("probation_hours", policy.probation_hours, 0, MOST_HOURS)
    _check_whole("keep_last", policy.keep_last, 1, MOST_KEPT)
    if policy.keep_days is not None:
        _check_whole("keep_days", policy.keep_days, 1, MOST_DAYS)


def _check_whole(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Unusable(
            f"`{name}` of a policy is {value}; expected a whole number from {least:,} to {most:,}."
        )
