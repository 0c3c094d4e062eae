"""`requests`, `approve`, `refuse` and `withdraw`."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import NotFound, Unusable
from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import iso, plain, table

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from backend.records.requests import Request

STATES = ("open", "made", "refused", "withdrawn", "overtaken")


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    requests = common.command(
        commands, "requests", _requests, "list a model's promotion requests, or show one"
    )
    requests.add_argument("model", metavar="M", help="the model")
    requests.add_argument("--id", type=_id, metavar="N", help="show this request")
    requests.add_argument("--state", choices=STATES, help="list only these")
    requests.add_argument("--html", type=Path, metavar="FILE", help="write its dossier as a page")
    requests.add_argument(
        "--dossier", type=Path, metavar="FILE", help="write its dossier as JSON, byte by byte"
    )
    requests.add_argument(
        "--verify", action="store_true", help="compare its dossier's bytes with their hash"
    )
    for name, run, what, required in (
        (
            "approve",
            _approve,
            "approve a promotion request: its version answers from now on",
            False,
        ),
        ("refuse", _refuse, "refuse a promotion request", True),
        ("withdraw", _withdraw, "take back a promotion request that you asked for", True),
    ):
        found = common.command(commands, name, run, what)
        found.add_argument("request", type=_id, metavar="REQUEST", help="its number")
        found.add_argument("--reason", required=required, default="", metavar="TEXT", help="why")
        common.add_actor(found)


def _requests(args: argparse.Namespace) -> Output:
    if args.id is None and (args.html or args.dossier or args.verify):
        args.parser.error("--html, --dossier and --verify need --id")
    if args.id is not None and args.state:
        args.parser.error("--state is for the list")
    from backend.records import registry, requests

    with session() as opened:
        model = registry.model(opened.database, args.model).name
        if args.id is not None:
            return _one(args, opened, model)
        found = requests.of_model(opened.database, model, state=args.state)
    heads = ("id", "at", "version", "in place of", "by", "state", "decided by", "dossier")
    rows = [
        (
            one.id,
            (iso(one.requested_at) or "")[:19],
            *(one.number, one.from_number, one.requested_by, one.state, one.decided_by),
            one.sha256[:12],
        )
        for one in found
    ]
    document = {"model": model, "requests": [_described(one) for one in found]}
    none = f"Nobody has asked for a promotion of `{model}` yet."
    return Output(document, table(heads, rows) if rows else none)


def _one(args: argparse.Namespace, opened: Session, model: str) -> Output:
    import json

    from backend.records import requests

    found = requests.get(opened.database, args.id)
    if found.model != model:
        raise NotFound(
            f"Request {found.id} is of model `{found.model}`, not of `{model}`. `python -m console"
            f" requests {model}` lists its requests."
        )
    content = requests.document(opened.database, found)  # what was altered raises
    frozen = json.loads(content)
    if args.dossier:
        _write(args.dossier, content)
    if args.html:
        from console.promotion import dossier

        _write(args.html, dossier.html(frozen, found).encode())
    document = _described(found) | {"bytes": len(content), "verified": True}
    if args.verify:
        said = f"The dossier of request {found.id} is what was frozen: {len(content):,} bytes under"
        return Output(document, f"{said} {found.sha256}.")
    document |= {"message": frozen["message"], "gates": frozen["gates"]}
    return Output(plain(document), f"{_said(found)}\n{frozen['message']}\nDossier {found.sha256}")


def _said(found: "Request") -> str:
    place = (
        "as first champion"
        if found.from_number is None
        else f"in place of version {found.from_number}"
    )
    head = (
        f"Request {found.id}, {found.state}: {found.requested_by} asks for version {found.number}"
        f" of `{found.model}` {place}. {found.reason}"
    )
    if found.decided_by is None:
        return head
    return f"{head}\n{found.decided_by}, {iso(found.decided_at)}: {found.decision or found.state}"


def _described(found: "Request") -> dict[str, Any]:
    return {
        "id": found.id,
        "model": found.model,
        "version": found.number,
        "from_version": found.from_number,
        "state": found.state,
        "requested_at": iso(found.requested_at),
        "requested_by": found.requested_by,
        "reason": found.reason,
        "dossier": found.sha256,
        "waivers": [asdict(one) | {"at": iso(one.at)} for one in found.waivers],
        "decided_at": iso(found.decided_at),
        "decided_by": found.decided_by,
        "decision": found.decision,
        "promotion": found.promotion_id,
    }


def _approve(args: argparse.Namespace) -> Output:
    from console.commands.promoting import described
    from console.promotion import asking, done

    with session() as opened:
        made = asking.approve(
            opened.database,
            args.request,
            actor=common.actor(args, opened),
            reason=args.reason,
            settings=opened.settings,
        )
    return Output(described(made), done(made))


def _refuse(args: argparse.Namespace) -> Output:
    from backend.records import requests

    with session() as opened:
        who = common.actor(args, opened)
        found = requests.refuse(opened.database, args.request, actor=who, reason=args.reason)
    return Output(_described(found), f"Request {found.id} is refused.")


def _withdraw(args: argparse.Namespace) -> Output:
    from backend.records import requests

    with session() as opened:
        who = common.actor(args, opened)
        found = requests.withdraw(opened.database, args.request, actor=who, reason=args.reason)
    return Output(_described(found), f"Request {found.id} is withdrawn.")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Unusable(
            f"`{path}` cannot be written ({error.strerror}). Name a file in a folder that exists."
        ) from error


def _id(text: str) -> int:
    """The number of a request, as an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no request; expected a number from 1")
    return int(text)
