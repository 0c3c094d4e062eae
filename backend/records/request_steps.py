"""The steps of a promotion request in a transaction: insert, fulfil, end, and what is recorded."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import ChampionMoved, Refused, WatchdeskError
from backend.records import audit, moving, policies, registry, request_rows
from backend.records.moving import Move
from backend.records.registry import CHAMPION
from backend.records.request_rows import VERIFIED, Request, Waiver, artefact_of, same_person
from backend.records.tables import promotion_requests


def insert(
    connection: Connection,
    values: Mapping[str, Any],
    frozen: Mapping[str, Any],
    waivers: Sequence[Waiver],
) -> Request:
    """Insert an open request, if it may be asked for.

    Args:
        values: of the row: model, number, from_number, requested_by, reason, sha256.
        frozen: the dossier.

    Raises:
        ChampionMoved, NotFound, Refused: as `requests.ask`.
    """
    model, number = str(values["model"]), int(values["number"])
    moving.check(connection, model, number, expected=values["from_number"])
    version = registry.version_row(connection, model, number)
    if frozen["artefact"] != artefact_of(version):
        raise Refused(_changed(model, number))
    if not frozen["passed"]:
        raise Refused(
            f"Gates that are not waived stand in the way of version {number} of `{model}`, as its"
            " dossier says. Waive them with a reason, or train a better version."
        )
    c = promotion_requests.c
    same = sa.and_(c.model == model, c.number == number, c.state == "open")
    for row in connection.execute(sa.select(promotion_requests).where(same)):
        raise Refused(
            f"Request {row.id} of {row.requested_by} asks for version {number} of `{model}`"
            " already. Approve, refuse or withdraw it first."
        )
    return request_rows.insert(connection, {**values, "passed": True}, waivers)


def check_approver(request: Request, actor: str, policy: policies.Policy) -> None:
    """Whether somebody may approve a request.

    Raises:
        Refused: they asked for it and another person must approve, or a gate failed.
    """
    if policy.approval and same_person(actor, request.requested_by):
        raise Refused(
            f"{request.requested_by} asked for request {request.id}, and `{request.model}` needs"
            " another person's approval. Let somebody else decide."
        )
    if not request.passed:
        raise Refused(f"Gates that are not waived stand in the way of request {request.id}.")


def overtaken(
    connection: Connection, request: Request, frozen: Mapping[str, Any]
) -> WatchdeskError | None:
    """Why a request can no longer be approved; None where all is as it was."""
    present = registry.alias_of(connection, request.model, CHAMPION)
    if present != request.from_number:
        return ChampionMoved(moving.moved(request.model, present, request.from_number))
    version = registry.version_row(connection, request.model, request.number)
    if frozen["artefact"] != artefact_of(version):
        return Refused(_changed(request.model, request.number))
    return None


def _changed(model: str, number: int) -> str:
    return (
        f"Version {number} of `{model}` is not the one that the dossier is of: its files or its row"
        " changed meanwhile. Ask anew."
    )


def fulfil(
    connection: Connection,
    request: Request,
    changes: list[audit.Change],
    *,
    by: str,
    why: str = "",
    announce: bool,
) -> Request:
    """Move the champion for a request, and end it as made.

    Args:
        changes: to record before the move.
        by, why: who decided, and what was said.

    Raises:
        ChampionMoved, NotFound, Refused: as `moving.make`.
    """
    approver = None if same_person(by, request.requested_by) else by
    move = Move(
        model=request.model,
        alias=CHAMPION,
        number=request.number,
        kind="promote",
        actor=request.requested_by,
        reason=request.reason,
        expected=request.from_number,
        request_id=request.id,
        dossier=request.sha256,
        approved_by=approver,
        announce=announce,
    )
    made = moving.make(connection, move, changes)
    return request_rows.end(connection, request, "made", by=by, why=why, promotion_id=made.id)


def end(connection: Connection, request: Request, state: str, *, by: str, why: str) -> Request:
    """End a request without a promotion, and record it."""
    action = {"refused": "refuse", "withdrawn": "withdraw", "overtaken": "overtaken"}[state]
    ended = request_rows.end(connection, request, state, by=by, why=why)
    detail = named(request) | {"reason": why}
    audit.append(
        connection, actor=by, action=f"request.{action}", subject=request.model, detail=detail
    )
    return ended


def asked(request: Request) -> list[audit.Change]:
    """What the audit log keeps of asking: the request, and each gate that was waived."""
    detail = named(request) | {"reason": request.reason, "from": request.from_number}
    asked = audit.Change(request.requested_by, "request.ask", request.model, detail)
    waived = [
        audit.Change(
            one.actor,
            "request.waive",
            request.model,
            {"request": request.id, "gate": one.gate, "reason": one.reason, "verified": VERIFIED},
        )
        for one in request.waivers
    ]
    return [asked, *waived]


def named(request: Request) -> dict[str, Any]:
    """What the audit log names a request by."""
    named = {"request": request.id, "version": request.number, "dossier": request.sha256}
    return named | {"verified": VERIFIED}
