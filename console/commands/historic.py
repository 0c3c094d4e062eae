"""`history`, `probation`, `retention` and `policy`."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import table

if TYPE_CHECKING:
    from console.promotion.retention import Planned


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    history = common.command(
        commands,
        "history",
        _history,
        "who served at a time, and every move of a model's champion and challenger",
        "Without --at of this moment. That nothing served yet is an answer, not a failure.",
    )
    history.add_argument("model", metavar="M", help="the model")
    history.add_argument("--at", metavar="T", help="ISO 8601; UTC without a zone")
    retention = common.command(
        commands,
        "retention",
        _retention,
        "what a model's policy keeps and removes of its versions and drafts",
        "Nothing is removed without --apply. What serves, served or is named in a dossier or a"
        " review, and what the log needs to be read, stays whatever the policy says.",
    )
    retention.add_argument("model", metavar="M", help="the model")
    either = retention.add_mutually_exclusive_group()
    either.add_argument("--dry-run", action="store_true", help="list what would go (the default)")
    either.add_argument("--apply", action="store_true", help="remove what would go")
    common.add_actor(retention)
    _add_policy(commands)
    probation = common.command(
        commands,
        "probation",
        _probation,
        "a new champion beside the one before it, and whether that speaks for rolling back",
        "A proposal to roll back is a result, not a failure: the exit code is 0.",
    )
    probation.add_argument("model", metavar="M", help="the model")
    probation.add_argument(
        "--at", metavar="T", help="as of this time (ISO 8601; UTC without a zone)"
    )


def _add_policy(commands: Commands) -> None:
    policy = common.command(
        commands,
        "policy",
        _policy,
        "what a model asks of a promotion, how long it watches after one, and what it keeps",
        "Shows it; what is given is changed, and recorded in the audit log.",
    )
    policy.add_argument("model", metavar="M", help="the model")
    policy.add_argument(
        "--approval",
        choices=("on", "off"),
        help="whether another person than the one who asks must approve a promotion",
    )
    policy.add_argument(
        "--gates",
        choices=("always", "asked", "default"),
        help="whether a promotion must pass the gates: always, only with --require-gates, or"
        " (default) where gates were written for the model",
    )
    policy.add_argument(
        "--probation-hours", type=_whole, metavar="N", help="how long a new champion is watched"
    )
    policy.add_argument(
        "--keep-days",
        type=_days,
        metavar="N|none",
        help="versions and drafts older than this may go; none: none may",
    )
    policy.add_argument(
        "--keep-last", type=_whole, metavar="N", help="so many of the newest versions stay"
    )
    common.add_actor(policy)


def _history(args: argparse.Namespace) -> Output:
    from backend.records import aliases
    from backend.records.database import now
    from console import windows
    from console.promotion.history import exact, moved, sentence, serving

    with session() as opened:
        at = now() if args.at is None else windows.moment(args.at)
        found = serving(opened.database, args.model, at)
        moves = [moved(one) for one in aliases.history(opened.database, args.model, limit=None)]
    said = sentence(args.model, at, found)
    document = {
        "model": args.model,
        "at": exact(at),
        "served": None if found is None else found.to_json(),
        "message": said,
        "moves": moves,
    }
    columns = ("at", "kind", "from_version", "to_version", "actor", "approved_by", "reason")
    listed = table(columns, [[one[name] for name in columns] for one in moves])
    return Output(document, f"{said}\n\n{listed}" if moves else said)


def _retention(args: argparse.Namespace) -> Output:
    from dataclasses import asdict

    from backend.records import policies
    from console.promotion import retention

    with session() as opened:
        by = common.actor(args, opened)
        policy = policies.of(opened.database, args.model)
        if args.apply:
            applied = retention.apply(opened.database, args.model, actor=by)
            listed = (*applied.removed, *applied.stayed)
            said, swept = retention.done(applied), applied.blobs
        else:
            listed = retention.plan(opened.database, args.model)
            said, swept = retention.sentence(listed), 0
    document = {
        "model": args.model,
        "applied": bool(args.apply),
        "policy": asdict(policy),
        "message": said,
        "freed": sum(entry.freed for entry in listed),
        "swept": swept,
        "versions": [entry.to_json() for entry in listed],
    }
    return Output(document, f"{said}\n\n{_listed(listed, args.apply)}" if listed else said)


def _listed(entries: Sequence["Planned"], applied: bool) -> str:
    words = ("removed", "kept") if applied else ("would go", "stays")
    rows = [
        (
            entry.title,
            entry.algorithm,
            words[0] if entry.removed else words[1],
            entry.bytes,
            entry.freed,
            "; ".join(entry.reasons),
        )
        for entry in entries
    ]
    return table(("what", "algorithm", "becomes", "bytes", "freed", "it"), rows)


def _probation(args: argparse.Namespace) -> Output:
    from backend.versions.artefacts import Store
    from console import windows
    from console.promotion.probation import probation

    with session() as opened:
        at = None if args.at is None else windows.moment(args.at)
        found = probation(opened.database, args.model, Store.of(opened.settings), at)
    if found is None:
        said = f"Nothing is on probation for `{args.model}`."
        document = {"model": args.model, "version": None, "proposes_rollback": False}
        return Output(document | {"message": said, "reasons": [], "findings": []}, said)
    rows = [
        (one.title, one.status, one.before, one.n_before, one.after, one.n_after)
        for one in found.findings
    ]
    listed = table(("what", "status", "before", "n", "after", "n"), rows)
    told = "\n".join(one.message for one in found.findings)
    return Output(found.to_json(), f"{found.message}\n\n{listed}\n\n{told}")


def _policy(args: argparse.Namespace) -> Output:
    from dataclasses import asdict, replace

    from backend.records import policies

    given = {
        name: value
        for name in ("probation_hours", "keep_last")
        if (value := getattr(args, name)) is not None
    }
    if args.approval is not None:
        given["approval"] = args.approval == "on"
    if args.gates is not None:
        given["gates"] = {"always": True, "asked": False, "default": None}[args.gates]
    if args.keep_days is not None:
        given["keep_days"] = args.keep_days or None
    with session() as opened:
        policy = policies.of(opened.database, args.model)
        if given:
            changed = replace(policy, **given)
            by = common.actor(args, opened)
            policy = policies.save(opened.database, args.model, changed, actor=by)
    found = asdict(policy)
    return Output({"model": args.model, **found}, table(("policy", "value"), list(found.items())))


def _whole(text: str) -> int:
    """A whole number from 0 as an argument; its range is the policy's to say."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number; expected 0 or more")
    return int(text)


def _days(text: str) -> int:
    """A number of days as an argument; 0 stands for none."""
    if text == "none":
        return 0
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of days; expected 1 or more")
    return int(text)
