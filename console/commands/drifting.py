"""`drift`, of a model's log or between two files."""

import argparse
from pathlib import Path
from typing import Any

from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import plain, table

HEADINGS = (
    "feature",
    "kind",
    "status",
    "statistic",
    "p_value",
    "q_value",
    "effect",
    "effect_floor",
    "enough",
)


def add(commands: Commands) -> None:
    """Add the command."""
    drift = common.command(
        commands,
        "drift",
        _drift,
        "compare a model's log, or a file, with a reference",
        "Either a model, whose log is compared with what the version was trained on, or two files"
        " and no model. Drift that is found is a result, not a failure: the exit code is 0.",
    )
    drift.add_argument("model", metavar="M", nargs="?", help="the model")
    common.add_window(drift)
    drift.add_argument(
        "--version",
        type=common.number,
        metavar="N",
        help="the version; without it the champion, else the newest",
    )
    drift.add_argument(
        "--exact",
        action="store_true",
        help="read every row; without it more than 20,000 are judged from the hourly summaries",
    )
    drift.add_argument("--reference", type=Path, metavar="FILE", help="CSV or parquet")
    drift.add_argument("--current", type=Path, metavar="FILE", help="CSV or parquet")
    drift.add_argument(
        "--by", metavar="COLUMN", help="one window for each value of this column of --current"
    )


def _drift(args: argparse.Namespace) -> Output:
    of_files = (args.reference, args.current, args.by)
    of_model = (args.start, args.end, args.version, args.exact or None)
    if args.model is None and args.reference is not None and args.current is not None:
        if any(value is not None for value in of_model):
            args.parser.error("--from, --to, --version and --exact belong to a model, not to files")
        return _of_files(args)
    if args.model is None or any(value is not None for value in of_files):
        args.parser.error("give either a model, or --reference and --current")
    with session() as opened:
        return _of_model(args, opened)


def _of_files(args: argparse.Namespace) -> Output:
    from console.drift import files, over_time

    found = files.drift(files.read_table(args.reference), files.read_table(args.current), args.by)
    document = plain(found.to_json())
    skipped = [f"{name} is not compared. {why}" for name, why in found.unusable.items()]
    flags = [over_time.of_false_flags(found.n_compared)] if found.n_compared > 1 else []
    return Output(document, "\n\n".join([*_windows(document), *flags, *skipped]))


def _of_model(args: argparse.Namespace, opened: Session) -> Output:
    from backend.versions.artefacts import Store
    from console import replay
    from console.drift import files
    from console.drift.exact import exact
    from console.summaries.judged import judged
    from console.windows import iso

    version = replay.answering(opened.database, args.model, args.version)
    window = common.log_window(args, opened, version)
    store = Store.of(opened.settings)
    asked = (opened.database, version, window, store)
    quick = None if args.exact else judged(*asked)
    found = exact(*asked) if quick is None else quick.report
    name = f"{iso(window.start)}/{iso(window.end)}"
    document = files.FileDrift((files.FileWindow(name, found),), {}).to_json()
    document["windows"][0]["outputs"] = found.prediction.to_dict("records")
    document = plain(
        {
            "model": version.model,
            "version": version.number,
            "from": iso(window.start),
            "to": iso(window.end),
            "basis": "rows" if quick is None else quick.basis,
            "pending": 0 if quick is None else quick.pending,
            **document,
        }
    )
    how = [quick.how] if quick is not None and quick.how else []
    return Output(document, "\n\n".join([*_windows(document), *how]))


def _windows(document: dict[str, Any]) -> list[str]:
    """Each window as a heading, its sentence and its table."""
    found = []
    for window in document["windows"]:
        rows = [tuple(feature[name] for name in HEADINGS) for feature in window["features"]]
        heading = f"{window['window']}: {window['message']}"
        found.append(f"{heading}\n{table([h.replace('_', ' ') for h in HEADINGS], rows)}")
    return found
