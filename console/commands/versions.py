"""`train` and `export`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import Progress, iso, metrics, plain, table

if TYPE_CHECKING:
    from backend.records.registry import Version


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    _add_train(commands)
    export = common.command(
        commands,
        "export",
        _export,
        "write a version's files to a folder",
        "The estimator (joblib), signature.json, version.json, reference and held-out rows"
        " (parquet).",
    )
    export.add_argument("model", metavar="M", help="the model")
    export.add_argument("version", type=common.number, metavar="VERSION", help="its version")
    export.add_argument("--to", required=True, type=Path, metavar="DIR", help="made if not there")


def _add_train(commands: Commands) -> None:
    train = common.command(
        commands,
        "train",
        _train,
        "train a version of a model and register it",
        "The metrics are those of held-out rows; the cross-validation's are under `cv`.",
    )
    _add_data_and_algorithm(train)
    _add_rows_and_splits(train)
    train.add_argument("--note", default="", metavar="TEXT", help="kept with the version")
    common.add_actor(train)


def _add_data_and_algorithm(train: argparse.ArgumentParser) -> None:
    train.add_argument("--model", required=True, metavar="M", help="its name; made if new")
    train.add_argument(
        "--data",
        required=True,
        metavar="FILE|builtin:NAME",
        help="a CSV file, or builtin:breast_cancer, iris, wine, diabetes or bikeshare",
    )
    train.add_argument(
        "--target", metavar="COLUMN", help="what to predict; a built-in data set has its own"
    )
    train.add_argument(
        "--algorithm",
        metavar="NAME",
        help="logistic_regression, linear_regression, random_forest or gradient_boosting;"
        " without it the linear one for the task",
    )
    train.add_argument(
        "--features", metavar="A,B,…", type=_names, help="the inputs; without it all usable columns"
    )
    train.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_parameter,
        metavar="NAME=NUMBER",
        help="a hyper-parameter of the algorithm; may be repeated",
    )
    train.add_argument(
        "--positive", metavar="LABEL", help="whose probability is the score; binary only"
    )


def _add_rows_and_splits(train: argparse.ArgumentParser) -> None:
    train.add_argument(
        "--folds", type=int, default=5, metavar="N", help="of the cross-validation (default: 5)"
    )
    train.add_argument(
        "--test-share",
        type=float,
        default=0.25,
        metavar="SHARE",
        help="of the rows, held out (default: 0.25)",
    )
    train.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of splits and algorithm (default: 0)"
    )
    train.add_argument(
        "--until", metavar="T", help="only rows before this time (ISO 8601; UTC without a zone)"
    )


def _train(args: argparse.Namespace) -> Output:
    from backend.versions.artefacts import Store
    from console.training import Choices
    from console.training.train import run_training

    given = {
        name: getattr(args, name)
        for name in (
            *("model", "data", "target", "algorithm", "features", "positive"),
            *("folds", "test_share", "seed", "until", "note"),
        )
    }
    choices = Choices(parameters=dict(args.parameter), **given)
    with session() as opened:
        by = common.actor(args, opened)
        store = Store.of(opened.settings)
        version = run_training(opened.database, store, choices, by=by, report=Progress())
    document = plain(_described(version))
    text = (
        f"Version {version.number} of {version.model} is registered"
        f" ({version.algorithm}; {metrics(version.metrics)}).\n"
        f"To let it answer: python -m console promote {version.model} {version.number}"
        ' --reason "…"'
    )
    return Output(document, text)


def _described(version: "Version") -> dict[str, Any]:
    return {
        "model": version.model,
        "version": version.number,
        "task": version.task,
        "target": version.signature["target"],
        "labels": version.signature["labels"],
        "positive": version.signature["positive"],
        "algorithm": version.algorithm,
        "parameters": version.parameters,
        "metrics": version.metrics,
        "features": [feature["name"] for feature in version.signature["features"]],
        "data": version.data,
        "trained_seconds": version.trained_seconds,
        "notes": version.evaluation.get("notes", []),
        "note": version.note,
        "created_at": iso(version.created_at),
        "created_by": version.created_by,
    }


def _export(args: argparse.Namespace) -> Output:
    from backend.records import registry
    from backend.versions import artefacts

    with session() as opened:
        version = registry.version(opened.database, args.model, args.version)
        store = artefacts.Store.of(opened.settings)
        written = artefacts.export(opened.database, version, args.to, store)
    document = {
        "model": args.model,
        "version": args.version,
        "to": str(args.to),
        "files": [path.name for path in written],
    }
    rows = [(path.name, path.stat().st_size) for path in written]
    return Output(document, table(("file", "bytes"), rows))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, int(value) if value.lstrip("-").isdecimal() else float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"`{text}` is no hyper-parameter; expected NAME=NUMBER"
        ) from None
