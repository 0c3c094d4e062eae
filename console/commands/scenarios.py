"""`scenarios`: rows with the answer that every version of a model must give to them."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from backend.errors import Unusable
from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.gating import champion
from console.commands.output import iso, plain, table

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from backend.records.scenarios import Scenario


def add(commands: Commands) -> None:
    """Add the command."""
    scenarios = common.command(
        commands,
        "scenarios",
        _scenarios,
        "list, keep or remove a model's what-if scenarios, which gates check",
        "A scenario is a row with the answer that every version must give to it.",
    )
    scenarios.add_argument("model", metavar="M", help="the model")
    change = scenarios.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="NAME", help="keep one; with --features and --expect")
    change.add_argument("--remove", metavar="NAME", help="remove one")
    scenarios.add_argument("--features", metavar="JSON", help="the row, an object by name")
    scenarios.add_argument(
        "--expect", metavar="LABEL|LOW:HIGH", help="the label, or a range open at an end, as 10:"
    )
    common.add_actor(scenarios)


def _scenarios(args: argparse.Namespace) -> Output:
    if (args.add is None) != (args.features is None) or (args.add is None) != (args.expect is None):
        args.parser.error("--add, --features and --expect belong together")
    from backend.records import registry, scenarios
    from console.what_if.scenarios import said

    with session() as opened:
        if args.add is not None:
            _keep(args, opened)
        if args.remove is not None:
            who = common.actor(args, opened)
            scenarios.remove(opened.database, args.model, args.remove, actor=who)
        registry.model(opened.database, args.model)
        kept = scenarios.of_model(opened.database, args.model)
    document = [_described(one) for one in kept]
    rows = [(one.name, said(one.expected), one.created_by, iso(one.created_at)) for one in kept]
    text = table(("name", "expected", "by", "at"), rows)
    return Output(plain(document), text if rows else f"`{args.model}` has no scenario yet.")


def _keep(args: argparse.Namespace, opened: Session) -> None:
    from backend.records import registry
    from backend.versions.signature import Signature
    from console.what_if.scenarios import keep

    version = champion(opened, args.model)
    if version is None:
        version = next(iter(registry.versions_of(opened.database, args.model)), None)
    if version is None:
        raise Unusable(f"`{args.model}` has no version yet that could read a row. Train one first.")
    try:
        features = json.loads(args.features)
    except (ValueError, RecursionError):
        features = None
    if not isinstance(features, dict):
        raise Unusable(
            f"`{args.features[:110]}` is no row; expected a JSON object with a value for each"
            " feature by its name."
        )
    signature = Signature.from_json(version.signature)
    expected = _expected(args.expect, signature.task)
    who = common.actor(args, opened)
    keep(opened.database, signature, args.model, args.add, features, expected, actor=who)


def _expected(text: str, task: str) -> dict[str, Any]:
    if task != "regression":
        return {"label": text}
    low, colon, high = text.partition(":")
    try:
        ends = [float(end) if end.strip() else None for end in (low, high)]
    except ValueError:
        colon = ""
    if not colon:
        raise Unusable(
            f"`{text[:110]}` is no range; expected two numbers as `10:20`, or one as `10:`"
            " or `:20`."
        )
    return {"low": ends[0], "high": ends[1]}


def _described(one: "Scenario") -> dict[str, Any]:
    return {
        "name": one.name,
        "features": one.features,
        "expected": one.expected,
        "created_at": iso(one.created_at),
        "created_by": one.created_by,
    }
