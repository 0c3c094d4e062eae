"""`models` and `predictions`."""

import argparse
import json
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import iso, metrics, plain, table

if TYPE_CHECKING:
    import pandas as pd

    from backend.records.database import Database
    from backend.records.registry import Model, Version

EVER = 2**62


def add(commands: Commands) -> None:
    """Add the commands of this group."""
    common.command(commands, "models", _models, "list models with their versions and aliases")
    predictions = common.command(
        commands,
        "predictions",
        _predictions,
        "list the prediction log, newest first",
        "Without --model the rows of all models, and of requests that named none that exists.",
    )
    predictions.add_argument("--model", metavar="M", help="only this model's rows")
    predictions.add_argument(
        "--limit",
        type=common.limit,
        default=20,
        metavar="N",
        help="at most so many rows (default: %(default)s)",
    )
    predictions.add_argument("--version", type=common.number, metavar="N", help="only this version")
    predictions.add_argument(
        "--outcome", choices=("answered", "refused", "failed"), help="only this outcome"
    )
    predictions.add_argument("--source", choices=("live", "replay"), help="only this source")


def _models(_args: argparse.Namespace) -> Output:
    from backend.records import registry

    with session() as opened:
        found = [
            (model, registry.versions_of(opened.database, model.name))
            for model in registry.all_models(opened.database)
        ]
        compiling = opened.settings.compiling
    document = [plain(_model(model, versions, compiling)) for model, versions in found]
    rows = [
        (
            *(d["model"], v["version"], v["aliases"], v["algorithm"], metrics(v["metrics"])),
            *(_day(v), v["engine"], v["engine_reason"]),
        )
        for d in document
        for v in d["versions"]
    ]
    headings = ("model", "version", "aliases", "algorithm", "metrics", "created", "engine", "why")
    empty = "There are no models. Make one with `train`, or load the demo with `demo`."
    return Output(document, table(headings, rows) if rows else empty)


def _model(model: "Model", versions: "list[Version]", compiling: bool) -> dict[str, Any]:
    from backend.versions.engines import engine_of

    engines = [engine_of(version.compilation, compiling) for version in versions]
    return {
        "model": model.name,
        "task": model.task,
        "target": model.target,
        "champion": model.champion,
        "challenger": model.challenger,
        "shadow": model.shadow,
        "demo": model.demo,
        "created_at": iso(model.created_at),
        "created_by": model.created_by,
        "versions": [
            {
                "version": v.number,
                "algorithm": v.algorithm,
                "parameters": v.parameters,
                "metrics": v.metrics,
                "aliases": list(v.aliases),
                "note": v.note,
                "data": v.data.get("name"),
                "created_at": iso(v.created_at),
                "created_by": v.created_by,
                "registered_at": iso(v.registered_at),
                "engine": engine.name,
                "engine_reason": engine.reason,
            }
            for v, engine in zip(versions, engines, strict=True)
        ],
    }


def _day(version: dict[str, Any]) -> str:
    return str(version["created_at"])[:10]


def _predictions(args: argparse.Namespace) -> Output:
    with session() as opened:
        page = _page(opened.database, args)
        document = [plain(_row(row)) for row in page.to_dict("records")]
        _own_labels(opened.database, document)
    rows = [
        (
            str(d["at"])[:19],
            d["model"],
            d["version"],
            d["source"],
            d["outcome"],
            d["value"] if d["label"] is None else d["label"],
            d["score"],
            d["ground_truth"],
            d["prediction_id"],
        )
        for d in document
    ]
    headings = ("at", "model", "version", "source", "outcome", "answer", "score", "truth", "id")
    return Output(document, table(headings, rows) if rows else "There are no such predictions.")


def _page(database: "Database", args: argparse.Namespace) -> "pd.DataFrame":
    """The newest rows of the models asked for."""
    import pandas as pd

    from backend.records import log, registry
    from backend.records.predictions import Window

    if args.model is None:
        # Refused requests that named no known model are logged under none.
        names = ["", *(model.name for model in registry.all_models(database))]
    else:
        names = [registry.model(database, args.model).name]
    window = Window(-EVER, EVER)
    pages = [
        log.page(
            database,
            log.Filter(
                name, window, version=args.version, outcome=args.outcome, source=args.source
            ),
            limit=args.limit,
        )
        for name in names
    ]
    filled = [page for page in pages if len(page)]
    if not filled:
        return pages[0]
    newest = pd.concat([page.astype(object) for page in filled], ignore_index=True)
    return newest.sort_values(["at", "id"], ascending=False, kind="stable").head(args.limit)


def _own_labels(database: "Database", document: list[dict[str, Any]]) -> None:
    """Give labels as the target's own values; the log keeps them as text."""
    from backend.errors import NotFound
    from backend.records import registry
    from backend.versions.signature import Signature

    signatures: dict[tuple[str, int], Signature | None] = {}
    for row in document:
        key = (row["model"], row["version"])
        if row["label"] is None or None in key:
            continue
        if key not in signatures:
            try:
                found = registry.version(database, *key)
                signatures[key] = Signature.from_json(found.signature)
            except NotFound:  # the model was removed; its log stays
                signatures[key] = None
        signature = signatures[key]
        for name in ("label", "ground_truth"):
            if signature is not None and row[name] is not None:
                row[name] = signature.label_of(row[name])


def _row(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """A row of the log for programs: features as an object; of a refused body its excerpt."""
    found = {str(k): _value(v) for k, v in row.items() if k not in {"id", "request_id"}}
    features = found["features"]
    if found["outcome"] == "answered" and features is not None:
        features = json.loads(features)
    version, truth = found["version"], found["ground_truth"]
    if truth is not None and found["value"] is not None:
        truth = float(truth)  # a regression's; the log keeps all truths as text
    return found | {
        "at": iso(int(found["at"])),
        "model": found["model"] or None,
        "version": None if version is None else int(version),
        "features": features,
        "ground_truth": truth,
    }


def _value(value: Any) -> Any:
    """A missing number of a column of floats is NaN there, and null in JSON."""
    return None if value is None or value != value else value
