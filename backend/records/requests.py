"""Promotion requests: what was asked for on which evidence, and what became of it.

open ──> made | refused | withdrawn | overtaken

A request holds the hash of its dossier, the champion that was seen, and who asked. The move of the
alias, the request's end and the rows of the audit log are one transaction (`moving.py`).
"""

import json
from collections.abc import Sequence

import sqlalchemy as sa

from backend.errors import ArtefactDamaged, Refused
from backend.records import (
    audit,
    blobs,
    moving,
    policies,
    registry,
    request_rows,
    request_steps,
)
from backend.records.database import Database
from backend.records.moving import Promotion
from backend.records.request_rows import (
    STATES,
    VERIFIED,
    Request,
    Waiver,
    artefact_of,
    check_said,
    same_person,
)
from backend.records.tables import promotion_requests

__all__ = [
    "STATES",
    "VERIFIED",
    "Request",
    "Waiver",
    "approve",
    "artefact_of",
    "ask",
    "document",
    "get",
    "make",
    "of_model",
    "open_requests",
    "refuse",
    "same_person",
    "withdraw",
]


def ask(
    database: Database,
    model: str,
    number: int,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    content: bytes,
    waivers: Sequence[Waiver] = (),
) -> Request:
    """Keep an open request with its dossier; it waits for `approve`.

    Args:
        seen: the champion that the person saw; None: there was none.
        content: the dossier's canonical JSON; its `passed` and `artefact` are read.

    Raises:
        NotFound: there is no such model or version.
        ChampionMoved: the champion is another than `seen`.
        Refused: the version is the champion already, or another one than the dossier is of, a
            gate failed that is not waived, or an open request asks for this version already.
        Unusable: the name or the reason is empty or too long.
    """
    check_said(actor, reason, "asks")
    sha256 = blobs.store(database, content)
    values = {"model": model, "number": number, "from_number": seen, "sha256": sha256}
    values |= {"requested_by": actor.strip(), "reason": reason.strip()}
    with database.write() as connection:
        asked = request_steps.insert(connection, values, json.loads(content), waivers)
        audit.append_all(connection, request_steps.asked(asked))
    return asked


def make(
    database: Database,
    model: str,
    number: int,
    *,
    actor: str,
    reason: str,
    seen: int | None,
    content: bytes,
    waivers: Sequence[Waiver] = (),
    announce: bool = False,
) -> Request:
    """Ask and promote in one transaction, where the model's policy needs no approval.

    Args:
        announce: whether a job that calls the webhook is queued in the same transaction.

    Raises:
        Refused: the policy needs an approval; else as `ask`.
        ChampionMoved, NotFound, Unusable: as `ask`.
    """
    check_said(actor, reason, "asks")
    sha256 = blobs.store(database, content)
    values = {"model": model, "number": number, "from_number": seen, "sha256": sha256}
    values |= {"requested_by": actor.strip(), "reason": reason.strip()}
    with database.write() as connection:
        asked = request_steps.insert(connection, values, json.loads(content), waivers)
        if policies.read(registry.model_row(connection, model).policy).approval:
            raise Refused(
                f"A promotion of `{model}` needs another person's approval. Ask for it, and let"
                " somebody else approve it."
            )
        return request_steps.fulfil(
            connection, asked, request_steps.asked(asked), by=asked.requested_by, announce=announce
        )


def approve(
    database: Database, request_id: int, *, actor: str, reason: str = "", announce: bool = False
) -> Promotion:
    """Approve an open request: the alias moves in the same transaction.

    Raises:
        NotFound: there is no such request.
        ArtefactDamaged: its dossier is not what was frozen.
        ChampionMoved: the champion is another than was seen; the request is `overtaken`.
        Refused: it is not open, the actor asked for it and the model needs another person's
            approval, a gate failed, or the version changed (then it is `overtaken`).
        Unusable: the name or the reason cannot be kept.
    """
    check_said(actor, reason.strip() or "-", "approves")
    actor = actor.strip()
    frozen = json.loads(document(database, get(database, request_id)))
    with database.write() as connection:
        request = request_rows.opened(connection, request_id)
        policy = policies.read(registry.model_row(connection, request.model).policy)
        request_steps.check_approver(request, actor, policy)
        late = request_steps.overtaken(connection, request, frozen)
        if late is None:
            approval = audit.Change(
                actor,
                "request.approve",
                request.model,
                request_steps.named(request)
                | {"reason": reason.strip(), "requested_by": request.requested_by},
            )
            made = request_steps.fulfil(
                connection, request, [approval], by=actor, why=reason.strip(), announce=announce
            )
            return moving.read(connection, made.promotion_id or 0)
        request_steps.end(connection, request, "overtaken", by=actor, why=late.detail)
    raise late  # after the commit: that it was overtaken stays written


def refuse(database: Database, request_id: int, *, actor: str, reason: str) -> Request:
    """Refuse an open request, for a reason.

    Raises:
        NotFound: there is no such request.
        Refused: it is not open.
        Unusable: the name or the reason is empty or too long.
    """
    check_said(actor, reason, "refuses")
    actor = actor.strip()
    with database.write() as connection:
        request = request_rows.opened(connection, request_id)
        return request_steps.end(connection, request, "refused", by=actor, why=reason.strip())


def withdraw(database: Database, request_id: int, *, actor: str, reason: str) -> Request:
    """Take an open request back; only who asked may.

    Raises:
        NotFound, Refused, Unusable: as `refuse`; also Refused when another person asked for it.
    """
    check_said(actor, reason, "withdraws")
    actor = actor.strip()
    with database.write() as connection:
        request = request_rows.opened(connection, request_id)
        if not same_person(actor, request.requested_by):
            raise Refused(
                f"{request.requested_by} asked for request {request.id}, and only who asked may"
                " withdraw it. Refuse it instead."
            )
        return request_steps.end(connection, request, "withdrawn", by=actor, why=reason.strip())


def get(database: Database, request_id: int) -> Request:
    """One request.

    Raises:
        NotFound: there is none of that id.
    """
    with database.read() as connection:
        return request_rows.read(connection, request_id)


def of_model(database: Database, model: str, *, state: str | None = None) -> list[Request]:
    """The requests of a model, newest first; those in one state if given."""
    c = promotion_requests.c
    query = sa.select(promotion_requests).where(c.model == model).order_by(c.id.desc())
    if state is not None:
        query = query.where(c.state == state)
    with database.read() as connection:
        return [request_rows.request_of(row) for row in connection.execute(query)]


def open_requests(database: Database) -> list[Request]:
    """The open requests of all models, oldest first."""
    c = promotion_requests.c
    query = sa.select(promotion_requests).where(c.state == "open").order_by(c.id)
    with database.read() as connection:
        return [request_rows.request_of(row) for row in connection.execute(query)]


def document(database: Database, request: Request) -> bytes:
    """The dossier that was frozen with a request, verified against its hash.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    try:
        return blobs.fetch(database, request.sha256)
    except ArtefactDamaged as error:
        raise ArtefactDamaged(
            f"The dossier of request {request.id} is not what was frozen under"
            f" `{request.sha256[:12]}…`: bytes are missing or were altered, so it is not shown and"
            " nothing is promoted on it. Restore the database from a backup, or ask anew."
        ) from error
