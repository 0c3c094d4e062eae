"""`summaries`: derive them from the log, or derive them anew."""

import argparse
from typing import TYPE_CHECKING, Any

from console.commands import common
from console.commands.common import Commands, Output, Session, session
from console.commands.output import Progress

if TYPE_CHECKING:
    from console.summaries.derive import Step


def add(commands: Commands) -> None:
    """Add the command."""
    found = common.command(
        commands,
        "summaries",
        _summaries,
        "keep the hourly summaries of the log up to date",
        "The worker does so by itself. Without --once it goes on until Ctrl+C.",
    )
    found.add_argument(
        "--rebuild", action="store_true", help="remove them first, and derive them from all rows"
    )
    found.add_argument(
        "--once", action="store_true", help="return when all rows of the log are summarised"
    )


def _summaries(args: argparse.Namespace) -> Output:
    from backend.records import summaries
    from backend.versions.artefacts import Store
    from console.summaries import follow

    with session() as opened:
        if args.rebuild:
            summaries.clear(opened.database)
        store = Store.of(opened.settings)
        done = follow.once(opened.database, store, _Report(opened))
        if not args.once:
            follow.until_told(opened.database, store)
        document = _document(opened, done)
    text = f"{done:,} rows were summarised, up to row {document['summarised_to']:,} of the log."
    if document["pending"]:
        text += f" At most {document['pending']:,} newer ones are not yet."
    for problem in document["problems"]:
        text += f"\nVersion id {problem['version_id']} has no sketches: {problem['problem']}"
    return Output(document, text)


class _Report:
    """Progress of a step after another, measured against the newest row."""

    def __init__(self, opened: Session) -> None:
        self._opened = opened
        self._progress = Progress()

    def __call__(self, step: "Step") -> None:
        from backend.records import summaries

        with self._opened.database.read() as connection:
            left = summaries.pending(connection)
        share = step.upto / (step.upto + left) if left else 1.0
        self._progress(share, f"{left:,} rows are left")


def _document(opened: Session, done: int) -> dict[str, Any]:
    from backend.records import summaries, summary_rows

    with opened.database.read() as connection:
        problems = summary_rows.problems(connection)
        return {
            "summarised": done,
            "summarised_to": summaries.watermark(connection).id,
            "pending": summaries.pending(connection),
            "problems": [
                {"version_id": version_id, "problem": problem}
                for version_id, problem in problems.items()
            ],
        }
