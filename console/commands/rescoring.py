"""`rescore`."""

import argparse
from typing import TYPE_CHECKING

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import Progress, plain, table

if TYPE_CHECKING:  # for the type checker alone: importing pandas takes half a second
    from console.rescoring import Rescoring

SEGMENTS = ("segment", "n", "changed", "share", "low", "high", "lift", "clear")
FLIPS = ("from_label", "to_label", "n", "share", "low", "high")
MOST_LINES = 10  # of a table for people; the document has all


def add(commands: Commands) -> None:
    """Add the command."""
    rescore = common.command(
        commands,
        "rescore",
        _rescore,
        "answer a model's logged requests with another version, and compare",
        "Nothing of it is logged. Rows that the version cannot answer are counted with the reason."
        " Answers that change are a result, not a failure: the exit code is 0.",
    )
    rescore.add_argument("model", metavar="M", help="the model")
    rescore.add_argument(
        "version", metavar="VERSION", type=common.number, help="the version that answers now"
    )
    common.add_window(rescore)
    rescore.add_argument(
        "--source", choices=("live", "replay"), help="only live or only replayed rows"
    )
    rescore.add_argument(
        "--against",
        type=common.number,
        metavar="N",
        help="only rows that this version answered (default: whichever did)",
    )
    rescore.add_argument(
        "--limit",
        type=_rows,
        metavar="ROWS",
        help="at most so many rows, drawn at random (default: all)",
    )
    rescore.add_argument(
        "--shadow",
        action="store_true",
        help="answer nothing: compare what the version has answered in the shadow",
    )


def _rescore(args: argparse.Namespace) -> Output:
    if args.shadow and (args.source, args.against, args.limit) != (None, None, None):
        args.parser.error("--source, --against and --limit do not belong to --shadow")
    from backend.errors import Unusable
    from backend.records import registry
    from backend.versions.artefacts import Store
    from console import rescoring

    with session() as opened:
        version = registry.version(opened.database, args.model, args.version)
        window = common.log_window(args, opened, version)
        store = Store.of(opened.settings)
        if args.shadow:
            stored = rescoring.of_shadow(
                opened.database, args.model, window, version=args.version, store=store
            )
            if stored is None:
                raise Unusable(
                    f"Version {args.version} of `{args.model}` has no shadow answers in this"
                    " window. Choose a longer one, or leave out `--shadow`."
                )
            return _output(stored)
        found = rescoring.rescore(
            opened.database,
            version,
            window,
            store,
            report=Progress(),
            source=args.source,
            against=args.against,
            limit=args.limit,
        )
    return _output(found)


def _output(found: "Rescoring") -> Output:
    document = found.to_json()
    parts = [found.message]
    for heading, key, columns in (
        ("Changed answers", "flips", FLIPS),
        ("Where answers change", "by_segment", SEGMENTS),
        ("Not compared", "reasons", ("reason", "n")),
    ):
        records = document["skipped"][key] if key == "reasons" else document[key]
        if records:
            rows = [[record[column] for column in columns] for record in records[:MOST_LINES]]
            headings = [column.replace("_", " ") for column in columns]
            parts.append(f"{heading}\n{table(headings, rows)}")
    if found.rows and found.latency.rows_per_second is not None:
        parts.append(_speed(found))
    return Output(plain(document), "\n\n".join(parts))


def _speed(found: "Rescoring") -> str:
    latency = found.latency
    engine = {"onnx": "ONNX", "sklearn": "scikit-learn"}.get(latency.engine, latency.engine)
    return (
        f"{found.rows:,} rows in {latency.seconds or 0:.1f} s ({latency.rows_per_second:,.0f} rows"
        f" a second, {latency.us_per_row:.1f} µs a row of answering, by {engine})."
    )


def _rows(text: str) -> int:
    """How many rows to answer at most, as an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no limit; expected a number from 1")
    return int(text)
