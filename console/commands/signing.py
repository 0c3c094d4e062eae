"""`sign`: vouch for versions that have no manifest of this installation's key."""

import argparse
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import iso, plain, table

if TYPE_CHECKING:
    from backend.records.database import Database
    from backend.records.registry import Version
    from backend.versions.artefacts import Store

VOUCH = (
    "By signing you vouch that nobody but people you trust could write to this database since"
    " these versions were trained: from then on they are loaded, and answer, as they are there"
    " now. Sign after an upgrade from a release that did not sign, or when the key was lost. A"
    " version that was signed before and has no manifest now was tampered with: train it again."
)


def add(commands: Commands) -> None:
    """Add the command."""
    sign = common.command(
        commands,
        "sign",
        _sign,
        "sign versions and drafts that are not signed with this installation's key",
        f"Without --yes nothing is changed. {VOUCH}",
    )
    sign.add_argument("model", metavar="M", nargs="?", help="the model; all its versions")
    sign.add_argument(
        "version", type=common.number, metavar="VERSION", nargs="?", help="only this version"
    )
    sign.add_argument("--all", action="store_true", help="the versions and drafts of all models")
    sign.add_argument("--yes", action="store_true", help="sign; you vouch for what is listed")
    common.add_actor(sign)


def _sign(args: argparse.Namespace) -> Output:
    if (args.model is None) != args.all:
        args.parser.error("give either a model, or --all")
    from backend.versions.artefacts import Store

    with session() as opened:
        store = Store.of(opened.settings)
        by = common.actor(args, opened) if args.yes else None
        found = [
            _described(opened.database, version, store, by)
            for version in _chosen(opened.database, args)
        ]
    headings = ("model", "version", "made", "by", "outcome")
    rows = [
        [d["model"], d["version"] or f"draft {d['draft']}"]
        + [d[cell] for cell in ("created_at", "created_by", "outcome")]
        for d in found
    ]
    document = {"signed": sum(d["outcome"] == "signed" for d in found), "versions": plain(found)}
    if not found:
        return Output(document, "There are no versions to sign.")
    text = table(headings, rows)
    waiting = not args.yes and any(d["outcome"] == "would be signed" for d in found)
    return Output(
        document, f"{text}\n\n{VOUCH}\nNothing was signed: add --yes." if waiting else text
    )


def _chosen(database: "Database", args: argparse.Namespace) -> "list[Version]":
    """The versions that the arguments mean, then the drafts.

    Raises:
        NotFound: there is no such model or version.
    """
    from backend.records import drafts, registry

    if args.version is not None:
        return [registry.version(database, args.model, args.version)]
    names = registry.names(database) if args.all else [args.model]
    versions = [found for name in names for found in registry.versions_of(database, name)]
    return [*versions, *drafts.waiting(database, args.model)]


def _described(
    database: "Database", version: "Version", store: "Store", by: str | None
) -> dict[str, Any]:
    """A version and what becomes of it: it is signed by `by`, if anybody vouches for it."""
    return {
        "model": version.model,
        "version": version.number,
        "draft": version.id if version.number is None else None,
        "created_at": iso(version.created_at),
        "created_by": version.created_by,
        "outcome": _outcome(database, version, store, by),
    }


def _outcome(database: "Database", version: "Version", store: "Store", by: str | None) -> str:
    from backend.errors import ArtefactDamaged
    from backend.versions import manifests, registration

    state = manifests.state_of(version, store.key)
    try:  # what is refused for one does not keep the others from being signed
        if state in {"signed", "altered"}:
            manifests.check(version, store.key)
            return "signed already"
        if by is None:
            return "would be signed"
        registration.vouch(database, version, store, actor=by)
        return "signed"
    except ArtefactDamaged as error:
        return f"refused: {error.detail}"
