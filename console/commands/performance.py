"""`performance`: whether a version is still right."""

import argparse
from collections.abc import Sequence
from typing import Any

from console.commands import common
from console.commands.common import Commands, Output, session
from console.commands.output import table


def add(commands: Commands) -> None:
    """Add the command."""
    performance = common.command(
        commands,
        "performance",
        _performance,
        "realized performance where truth is known, estimated where it is not",
        "A version that has become worse is a result, not a failure: the exit code is 0.",
    )
    performance.add_argument("model", metavar="M", help="the model")
    common.add_window(performance)
    performance.add_argument(
        "--version",
        type=common.number,
        metavar="N",
        help="the version; without it the champion, else the newest",
    )


def _performance(args: argparse.Namespace) -> Output:
    from backend.versions.artefacts import Store
    from console import replay
    from console.performance import documents, report

    with session() as opened:
        version = replay.answering(opened.database, args.model, args.version)
        window = common.log_window(args, opened, version)
        store = Store.of(opened.settings)
        found = report.performance(opened.database, version, window, store)
    document = documents.to_json(found)
    return Output(document, _text(document))


def _text(document: dict[str, Any]) -> str:
    """The verdict, a line per metric, and the sentences about them."""
    heading = (
        f"`{document['model']}` version {document['version']}, {document['from']} to"
        f" {document['to']}: {document['status']}. {document['message']}"
    )
    coverage = document["coverage"]
    share = "" if coverage is None else f" ({coverage:.1%})".replace("%", " %")
    of = f"{document['known']:,} of {document['answered']:,} answered rows{share}"
    said = [
        f"Estimates by {document['method']}: {document['assumption']['message']}",
        *(document[part]["message"] for part in ("record", "maturity", "split")),
        *document["notes"],
    ]
    return "\n\n".join(
        [heading, _table(document), "\n".join([f"Truth is known for {of}.", *filter(None, said)])]
    )


def _table(document: dict[str, Any]) -> str:
    headings = ("metric", "held out", "n", "realized", "interval", "n", "estimated", "band", "n")
    sides = zip(document["expected"], document["realized"], document["estimated"], strict=True)
    rows = [
        (
            actual["name"],
            *(expected["value"], expected["n"]),
            *(actual["value"], _ends(actual["interval"]), actual["n"]),
            *(estimate["value"], _ends(estimate["band"]), estimate["n"]),
        )
        for expected, actual, estimate in sides
    ]
    return table(headings, rows)


def _ends(ends: Sequence[float] | None) -> str | None:
    return None if ends is None else f"{ends[0]:.4g} to {ends[1]:.4g}"
