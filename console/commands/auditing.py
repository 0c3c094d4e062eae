"""`audit`: list what was changed, verify that none of it was altered, anchor it."""

import argparse
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import iso, table

if TYPE_CHECKING:
    from backend.records.audit import Recorded

SHOWN = 70


def add(commands: Commands) -> None:
    """Add the command with its three actions."""
    audit = commands.add_parser(
        "audit",
        help="list what was changed and by whom, verify that none of it was altered, anchor it",
        description="The audit log: every change is a row whose hash covers the row before it.",
        epilog="Every action takes --json; `python -m console audit ACTION --help` says more.",
    )
    actions = audit.add_subparsers(metavar="ACTION", required=True)
    common.command(
        actions,
        "verify",
        _verify,
        "walk the whole log, and compare it with the anchors outside the database",
        "Exit code 1 when a row was altered, removed, moved or put in, rows were cut off that an"
        " anchor knows of, the log does not tell of a promotion, a request or a review that is"
        " there, or the anchors are missing or were altered.",
    )
    listing = common.command(actions, "list", _list, "list what was changed, newest first")
    listing.add_argument("--model", metavar="M", help="only what was changed of this model")
    listing.add_argument(
        "--since", metavar="T", help="only from this time on (ISO 8601; UTC without a zone)"
    )
    listing.add_argument(
        "--limit",
        type=common.limit,
        default=100,
        metavar="N",
        help="at most so many (default: %(default)s)",
    )
    anchor = common.command(
        actions,
        "anchor",
        _anchor,
        "sign how long the log is and its newest hash, in a file outside the database",
        "Where the anchors are gone it begins anew, and the log says who did that.",
    )
    common.add_actor(anchor)


def _verify(_args: argparse.Namespace) -> Output:
    from backend.versions import anchors
    from backend.versions.keys import Key

    with session() as opened:
        settings = opened.settings
        found = anchors.verify(opened.database, settings.audit_anchors, Key(settings.key_file))
    document = vars(found) | {"file": str(settings.audit_anchors)}
    said = "The audit log is in order." if found.ok else "The audit log is not in order."
    return Output(document, f"{said} {found.why}", 0 if found.ok else 1)


def _list(args: argparse.Namespace) -> Output:
    from backend.records import audit
    from console import windows

    since = None if args.since is None else windows.moment(args.since)
    with session() as opened:
        found = audit.rows_of(opened.database, subject=args.model, since=since, limit=args.limit)
    rows = [
        (one.id, (iso(one.at) or "")[:19], one.actor, one.action, one.subject, _detail(one))
        for one in found
    ]
    headings = ("row", "at", "by", "action", "of", "detail")
    text = table(headings, rows) if rows else "Nothing was changed, as far as was asked."
    return Output([_described(one) for one in found], text)


def _detail(one: "Recorded") -> str:
    text = " ".join(f"{name}={value}" for name, value in one.detail.items())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _described(one: "Recorded") -> dict[str, Any]:
    return vars(one) | {"at": iso(one.at)}


def _anchor(args: argparse.Namespace) -> Output:
    from backend.versions import anchors
    from backend.versions.keys import Key

    with session() as opened:
        file = opened.settings.audit_anchors
        made = anchors.write(
            opened.database,
            file,
            Key(opened.settings.key_file),
            actor=common.actor(args, opened),
        )
    if made is None:
        return Output(
            {"anchored": None, "file": str(file)},
            "Nothing to anchor: no row was added since the last anchor.",
        )
    document = {"anchored": {"rows": made.rows, "head": made.head, "at": iso(made.at)}}
    return Output(
        document | {"file": str(file)}, f"The audit log is anchored at row {made.rows} in `{file}`."
    )
