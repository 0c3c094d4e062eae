"""`gates`: what a version must show before it may answer, and whether it does."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import Unusable
from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import Progress, plain, table

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from backend.records.registry import Version
    from console.promotion.gates import Gate

MOST_BYTES = 1_000_000
STATUS = {"pass": "pass", "fail": "FAIL", "not_applicable": "-"}


def add(commands: Commands) -> None:
    """Add the command."""
    gates = common.command(
        commands,
        "gates",
        _gates,
        "check a version against what its model asks of one before it may answer",
        "The exit code is 1 where a gate fails. With --show or --set: the rules themselves, a TOML"
        " text (docs/gates.md).",
    )
    gates.add_argument("model", metavar="M", help="the model")
    gates.add_argument(
        "version", metavar="VERSION", type=common.number, nargs="?", help="the version to check"
    )
    rules = gates.add_mutually_exclusive_group()
    rules.add_argument("--show", action="store_true", help="print the model's rules")
    rules.add_argument("--set", type=Path, metavar="FILE", help="keep this file as the rules")
    rules.add_argument("--reset", action="store_true", help="bring the rules of new models back")
    rules.add_argument(
        "--rules",
        type=Path,
        metavar="FILE",
        help="check the version by this file, and keep nothing",
    )
    common.add_window(gates)
    common.add_actor(gates)


def _gates(args: argparse.Namespace) -> Output:
    changes = args.show or args.reset or args.set is not None
    if changes == (args.version is not None):
        args.parser.error("give either a VERSION to check, or one of --show, --set and --reset")
    with session() as opened:
        if args.version is not None:
            return _checked(args, opened)
        if args.show:
            return _rules(opened, args.model)
        text = "" if args.reset else _read(args.set)
        return _saved(opened, args.model, text, common.actor(args, opened))


def _checked(args: argparse.Namespace, opened: Session) -> Output:
    from backend.records import registry
    from backend.versions.artefacts import Store
    from console.promotion import gates

    database = opened.database
    version = registry.version(database, args.model, args.version)
    present = champion(opened, args.model)
    given = args.rules is not None
    text = _read(args.rules) if given else gates.text_of(database, args.model)
    found = gates.evaluate(
        database,
        version,
        Store.of(opened.settings),
        champion=present,
        window=_window(args, opened, version),
        report=Progress(),
        rules=gates.checked(database, args.model, text) if given else None,
    )
    blocking = gates.blocked(found)
    document = {
        "model": args.model,
        "version": args.version,
        "champion": None if present is None else present.number,
        "rules": gates.hash_of(text),
        "ok": not blocking,
        "blocking": [gate.name for gate in blocking],
        "gates": [gate.to_json() for gate in found],
    }
    return Output(plain(document), _text(args, found, blocking), 1 if blocking else 0)


def _text(args: argparse.Namespace, found: "Sequence[Gate]", blocking: "Sequence[Gate]") -> str:
    rows = [(gate.name, STATUS[gate.status], gate.figure, gate.limit, gate.n) for gate in found]
    whole = table(("gate", "status", "figure", "limit", "rows"), rows)
    passed = sum(gate.status == "pass" for gate in found)
    if not blocking:
        return (
            f"{whole}\n\nNothing stands in the way of version {args.version} of `{args.model}`:"
            f" {passed} gates pass, none fails."
        )
    why = "\n".join(f"{gate.name}: {gate.message}" for gate in blocking)
    return (
        f"{whole}\n\n{why}\n\nVersion {args.version} of `{args.model}` fails {len(blocking)} of its"
        f" gates; {passed} pass."
    )


def champion(opened: Session, model: str) -> "Version | None":
    """The version that answers; None where none was promoted.

    Raises:
        NotFound: there is no such model.
    """
    from backend.records import registry

    number = registry.model(opened.database, model).champion
    return None if number is None else registry.version(opened.database, model, number)


def _window(args: argparse.Namespace, opened: Session, version: "Version") -> Any:
    if args.start is None and args.end is None:
        return None
    return common.log_window(args, opened, version)


def _rules(opened: Session, model: str) -> Output:
    from backend.records import gate_texts
    from console.promotion import gates

    text = gates.text_of(opened.database, model)
    own = gate_texts.get(opened.database, model) is not None
    document = {"model": model, "own": own, "sha256": gates.hash_of(text), "toml": text}
    return Output(document, text.rstrip("\n"))


def _saved(opened: Session, model: str, text: str, actor: str) -> Output:
    from console.promotion import gates

    gates.save_rules(opened.database, model, text, actor=actor)
    document = _rules(opened, model).document
    whose = "are kept" if document["own"] else "are those of new models again"
    return Output(document, f"The rules of `{model}` {whose} (SHA-256 {document['sha256'][:12]}…).")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise Unusable(
            f"The rules cannot be read from `{path}` ({why}). Give the path of a TOML file."
        ) from error
