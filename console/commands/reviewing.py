"""`review` and `reviews`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import Progress, iso, plain, table

if TYPE_CHECKING:
    from backend.records.review_rows import Review


def add(commands: Commands) -> None:
    """Add the commands."""
    review = common.command(
        commands,
        "review",
        _review,
        "freeze what was found in a window, decide on it, print it",
        "Either --freeze, or --id with what to do: show it, write it as a page, verify it, or"
        " decide on one of its findings.",
    )
    review.add_argument("model", metavar="M", help="the model")
    what = review.add_mutually_exclusive_group(required=True)
    what.add_argument("--freeze", action="store_true", help="freeze a window")
    what.add_argument("--id", type=_id, metavar="N", help="an earlier review")
    _add_freezing(review)
    review.add_argument("--html", type=Path, metavar="FILE", help="write the page for the meeting")
    review.add_argument(
        "--verify", action="store_true", help="compare its bytes and its files' with their hashes"
    )
    review.add_argument(
        "--decide",
        nargs=2,
        metavar=("FINDING", "DECISION"),
        help="accept, watch, retrain, roll_back or data_fault; replaces what was decided before",
    )
    review.add_argument("--owner", metavar="NAME", help="who does it; not with accept")
    review.add_argument("--due", metavar="DATE", help="YYYY-MM-DD; not with accept")
    review.add_argument("--text", default="", metavar="TEXT", help="the reason")
    common.add_actor(review)
    reviews = common.command(commands, "reviews", _reviews, "list a model's reviews, newest first")
    reviews.add_argument("model", metavar="M", help="the model")


def _id(text: str) -> int:
    """The number of a review, as an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no review; expected a number from 1")
    return int(text)


def _add_freezing(review: argparse.ArgumentParser) -> None:
    common.add_window(review)
    review.add_argument(
        "--version",
        type=common.number,
        metavar="N",
        help="the version; without it the champion, else the newest",
    )
    review.add_argument(
        "--no-evidently", action="store_true", help="without Evidently's documents: quicker"
    )


def _review(args: argparse.Namespace) -> Output:
    _check(args)
    with session() as opened:
        if args.freeze:
            return _shown(opened, _freeze(args, opened))
        found = _found(opened, args)
        if args.verify:
            return _verified(opened, found)
        if args.decide:
            _decide(args, opened, found)
        if args.html:
            _write(args.html, opened, found)
        return _shown(opened, found)


def _check(args: argparse.Namespace) -> None:
    """What belongs to the other half of the command is a mistake, not ignored."""
    freezing = (args.start, args.end, args.version, args.no_evidently or None)
    deciding = (args.owner, args.due, args.text or None)
    later = (args.html, args.verify or None, args.decide, *deciding)
    if args.freeze and any(value is not None for value in later):
        args.parser.error("--html, --verify, --decide and what they take need --id")
    if not args.freeze and any(value is not None for value in freezing):
        args.parser.error("--from, --to, --version and --no-evidently belong to --freeze")
    if not args.decide and any(value is not None for value in deciding):
        args.parser.error("--owner, --due and --text belong to --decide")
    if args.verify and (args.decide or args.html):
        args.parser.error("--verify stands alone")


def _freeze(args: argparse.Namespace, opened: Session) -> "Review":
    from backend.versions.artefacts import Store
    from console import replay
    from console.reviews.freeze import freeze

    version = replay.answering(opened.database, args.model, args.version)
    return freeze(
        opened.database,
        version,
        common.log_window(args, opened, version),
        Store.of(opened.settings),
        actor=common.actor(args, opened),
        evidently=not args.no_evidently,
        report=Progress(),
    )


def _found(opened: Session, args: argparse.Namespace) -> "Review":
    """The review, which must be of the model that was named."""
    from backend.errors import NotFound
    from backend.records import reviews

    found = reviews.get(opened.database, args.id)
    if found.model != args.model:
        raise NotFound(
            f"Review {found.id} is of model `{found.model}`, not of `{args.model[:110]}`."
            f" `python -m console reviews {found.model}` lists its reviews."
        )
    return found


def _decide(args: argparse.Namespace, opened: Session, found: "Review") -> None:
    from backend.records import reviews
    from console.reviews import meeting

    finding, decision = args.decide
    held = meeting.decided(reviews.entries(opened.database, found.id)).get(finding)
    reviews.decide(
        opened.database,
        found.id,
        finding,
        decision,
        owner=args.owner,
        due_on=args.due,
        text=args.text,
        actor=common.actor(args, opened),
        seen=held.id if held else None,
    )


def _write(path: Path, opened: Session, found: "Review") -> None:
    from backend.errors import Unusable
    from console.reviews import page

    content = page.html(opened.database, found)
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise Unusable(
            f"`{path}` cannot be written ({error.strerror}). Name a file in a folder that exists."
        ) from error


def _verified(opened: Session, found: "Review") -> Output:
    """Read the document and all files, each against its hash; what is altered raises."""
    from backend.records import reviews

    names = reviews.file_names(opened.database, found)
    size = len(reviews.document(opened.database, found))
    for name in names:
        reviews.file(opened.database, found, name)
    document = {
        "id": found.id,
        "sha256": found.sha256,
        "verified": True,
        "bytes": size,
        "files": list(names),
    }
    and_files = f", and so are its {len(names)} files" if names else ""
    return Output(
        document,
        f"Review {found.id} is what was frozen: {size:,} bytes under {found.sha256}{and_files}.",
    )


def _shown(opened: Session, found: "Review") -> Output:
    """A review with its findings and what was decided on them."""
    from backend.records import reviews
    from console.reviews import meeting

    document = meeting.opened(opened.database, found)
    held = meeting.decided(reviews.entries(opened.database, found.id))
    listed = [
        {
            "key": one.key,
            "title": one.title,
            "kind": one.kind,
            "status": one.status,
            "what": one.what,
            "matters": one.matters,
            "decision": _decision(held.get(one.key)),
        }
        for one in meeting.findings(document)
    ]
    rows = [(one["key"], one["status"], *(_cells(held.get(str(one["key"]))))) for one in listed]
    text = f"Review {found.id}, {found.sha256}\n{document['message']}"
    if rows:
        text += f"\n\n{table(('finding', 'status', 'decision', 'owner', 'due'), rows)}"
    return Output(plain(_named(found) | {"message": document["message"], "findings": listed}), text)


def _named(found: "Review") -> dict[str, Any]:
    return {
        "id": found.id,
        "sha256": found.sha256,
        "model": found.model,
        "version": found.version,
        "from": iso(found.window.start),
        "to": iso(found.window.end),
        "status": found.status,
        "frozen_at": iso(found.frozen_at),
        "frozen_by": found.frozen_by,
        "closed_at": iso(found.closed_at),
        "closed_by": found.closed_by,
    }


def _decision(held: Any) -> dict[str, Any] | None:
    if held is None:
        return None
    names = ("id", "decision", "owner", "due_on", "text", "actor")
    return {name: getattr(held, name) for name in names} | {"at": iso(held.at)}


def _cells(held: Any) -> tuple[Any, Any, Any]:
    return (None, None, None) if held is None else (held.decision, held.owner, held.due_on)


def _reviews(args: argparse.Namespace) -> Output:
    from backend.records import registry, reviews
    from console.reviews import meeting

    with session() as opened:
        database = opened.database
        model = registry.model(database, args.model)
        entries = reviews.entries_of_model(database, model.name)
        todo = [one.review.id for one in meeting.open_actions(database, model.name)]
        listed = []
        for found in reviews.of_model(database, model.name):
            held = meeting.decided([one for one in entries if one.review_id == found.id])
            counts = {"decisions": len(held), "open_actions": todo.count(found.id)}
            listed.append(_named(found) | counts)
    heads = ("id", "frozen at", "version", "status", "sha256", "decisions", "open actions")
    names = [head.replace(" ", "_") for head in heads]
    rows = [
        tuple(one[name][:12] if name == "sha256" else one[name] for name in names) for one in listed
    ]
    document = {"model": model.name, "reviews": listed}
    return Output(document, table(heads, rows) if rows else f"`{model.name}` has no review yet.")
