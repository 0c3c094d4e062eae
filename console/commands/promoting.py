"""`promote` and `rollback`."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import Progress, iso, plain, table

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from backend.records.aliases import Promotion
    from backend.records.database import Database
    from backend.records.requests import Request, Waiver
    from console.promotion.asking import Blocked

GATE = ("gate", "status", "figure", "limit", "rows")


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    promote = common.command(
        commands,
        "promote",
        _promote,
        "make a version the champion, which answers requests",
        "With --require-gates, or where the model asks for it, its gates are judged and a dossier"
        " is kept. The exit code is 1 when a gate that is not waived fails. Where another person"
        " must approve, a request is left for them and the exit code is 0: `state` is `open`.",
    )
    promote.add_argument("model", metavar="M", help="the model")
    promote.add_argument("version", type=common.number, metavar="VERSION", help="its version")
    promote.add_argument(
        "--require-gates", action="store_true", help="only when the model's gates pass"
    )
    promote.add_argument(
        "--request",
        action="store_true",
        help="leave a request for `approve`, also where nobody else must approve",
    )
    promote.add_argument(
        "--waive",
        action="append",
        default=[],
        metavar="GATE=REASON",
        help="let a failing gate pass, in your name; may be repeated",
    )
    rollback = common.command(
        commands, "rollback", _rollback, "make the champion before the present one answer again"
    )
    rollback.add_argument("model", metavar="M", help="the model")
    rollback.add_argument(
        "--to", type=common.number, metavar="N", help="to this version instead of the one before"
    )
    for move in (promote, rollback):
        move.add_argument("--reason", required=True, metavar="TEXT", help="why; kept for readers")
        move.add_argument(
            "--expected-champion",
            type=_expected,
            metavar="N|none",
            help="refuse unless this version (or none) is the champion now",
        )
        common.add_actor(move)


def _promote(args: argparse.Namespace) -> Output:
    from backend.records import policies
    from backend.versions import anchors
    from console import promotion

    with session() as opened:
        database, seen = opened.database, _seen(args, opened.database)
        with database.read() as connection:
            needs = policies.needs_request(connection, args.model)
        if needs or args.require_gates or args.request or args.waive:
            return _asked(args, opened, seen)
        move = promotion.promote(
            database,
            args.model,
            args.version,
            actor=common.actor(args, opened),
            reason=args.reason,
            seen=seen,
            settings=opened.settings,
        )
        anchors.keep(database, opened.settings)
    return _moved(move)


def _asked(args: argparse.Namespace, opened: Session, seen: int | None) -> Output:
    """Through the gates; where they block, what they say is the output."""
    from backend.versions.artefacts import Store
    from console.promotion import asking

    store = Store.of(opened.settings)
    try:
        request = asking.ask(
            opened.database,
            store,
            args.model,
            args.version,
            actor=common.actor(args, opened),
            reason=args.reason,
            seen=seen,
            waivers=_waivers(args, opened, store),
            report=Progress(),
            wait=args.request,
            settings=opened.settings,
        )
    except asking.Blocked as error:
        return _blocked(args, seen, error)
    return _requested(opened, request)


def _waivers(args: argparse.Namespace, opened: Session, store: Any) -> "list[Waiver]":
    if not args.waive:
        return []
    from backend.records.requests import Waiver
    from console.promotion.waivers import names

    known = names(opened.database, args.model, args.version, store)
    found = []
    for text in args.waive:
        # A column's name may hold `=` too, so the gates' names say where the reason begins.
        fitting = [name for name in known if text.startswith(f"{name}=")]
        gate = max(fitting, key=len, default=text.partition("=")[0])
        reason = text[len(gate) + 1 :]
        if not reason.strip():
            args.parser.error(f"`--waive {text[:60]}` has no reason; expected GATE=REASON")
        found.append(Waiver(gate, common.actor(args, opened), reason))
    return found


def _blocked(args: argparse.Namespace, seen: int | None, error: "Blocked") -> Output:
    document = {
        "model": args.model,
        "version": args.version,
        "from_version": seen,
        "state": "blocked",
        "message": error.detail,
        "blocking": [gate.name for gate in error.blocking],
        "gates": [gate.to_json() for gate in error.gates],
    }
    return Output(plain(document), f"{_table(document['gates'])}\n\n{error.detail}", 1)


def _requested(opened: Session, request: "Request") -> Output:
    """What was asked for, and the promotion if it was made at once."""
    import json

    from backend.records import requests
    from console.promotion import asking

    frozen = json.loads(requests.document(opened.database, request))
    judged = {"gates": frozen["gates"], "waivers": frozen["waivers"], "blocking": []}
    move = asking.promotion_of(opened.database, request)
    if move is not None:
        made = _moved(move)
        return Output(plain(made.document | judged), f"{frozen['message']}\n{made.text}")
    document = {
        "model": request.model,
        "version": request.number,
        "from_version": request.from_number,
        "state": request.state,
        "request": request.id,
        "dossier": request.sha256,
        "actor": request.requested_by,
        "reason": request.reason,
        "at": iso(request.requested_at),
    }
    text = (
        f"{frozen['message']}\nRequest {request.id} is open: version {request.number} of"
        f" `{request.model}` waits for an approval.\nTo approve it, as another person: python -m"
        f' console approve {request.id} --actor NAME --reason "…"'
    )
    return Output(plain(document | judged), text)


def _table(gates: Sequence[dict[str, Any]]) -> str:
    rows = [
        tuple(gate[name] for name in ("name", "status", "figure", "limit", "n")) for gate in gates
    ]
    return table(GATE, rows)


def _rollback(args: argparse.Namespace) -> Output:
    from backend.versions import anchors
    from console import promotion

    with session() as opened:
        move = promotion.roll_back(
            opened.database,
            args.model,
            args.to,
            actor=common.actor(args, opened),
            reason=args.reason,
            seen=_seen(args, opened.database),
            settings=opened.settings,
        )
        anchors.keep(opened.database, opened.settings)
    return _moved(move)


def _moved(move: "Promotion") -> Output:
    from console.promotion import done

    return Output(described(move), done(move))


def described(move: "Promotion") -> dict[str, Any]:
    """A move that was made, for programs."""
    return {
        "model": move.model,
        "version": move.to_number,
        "from_version": move.from_number,
        "alias": move.alias,
        "kind": move.kind,
        "at": iso(move.at),
        "actor": move.actor,
        "reason": move.reason,
        "state": "made",
        "promotion": move.id,
        "request": move.request_id,
        "dossier": move.dossier,
        "approved_by": move.approved_by,
    }


def _seen(args: argparse.Namespace, database: "Database") -> int | None:
    """The champion that the caller named as seen, else the one there is as the command starts."""
    from backend.records import registry

    if args.expected_champion is None:
        return registry.model(database, args.model).champion
    return None if args.expected_champion == "none" else int(args.expected_champion)


def _expected(text: str) -> int | str:
    return text if text == "none" else common.number(text)
