"""The fire drill: faults put into a copy of the log, and which monitors notice them."""

from collections.abc import Callable
from typing import Any

from backend.records.database import Database
from backend.settings import Settings
from console.jobs.context import JobContext

FAULTS = ("shift", "nulls", "unit", "stopped", "refused", "slow")


def drill(
    database: Database,
    settings: Settings,
    model: str,
    report: Callable[[float, str], None] = lambda _share, _message: None,
) -> dict[str, Any]:
    """Hold a drill for a model's monitors; for those suggested if it has none.

    Nothing reaches the real database or a channel.

    Returns:
        model, version, monitors (their names), began (UTC µs: when each fault begins; all times
        are of the drill's own clock), horizon_seconds, faults: [{fault, title, feature, began,
        noticed: [{monitor, kind, after_seconds}], missed: [name], firing_anyway: [name]}],
        quiet: {fired: [{monitor, kind, at_seconds}], calm: [name], looks}, message.

    Raises:
        NotFound: there is no such model.
        Refused: it has no champion, or no rows to make traffic of.
    """
    raise NotImplementedError


def run_job(context: JobContext, *, model: str) -> dict[str, Any]:
    """The drill as a job of kind `drill`."""
    return drill(context.database, context.settings, model, context.progress)
