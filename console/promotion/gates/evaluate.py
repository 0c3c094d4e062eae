"""All gates of a version, each judged by itself."""

from collections.abc import Callable

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.promotion.gates.results import Gate

Report = Callable[[float, str], None]


def silent(share: float, message: str) -> None:
    """A report that nobody reads."""


def evaluate(
    database: Database,
    version: Version,
    store: Store,
    *,
    champion: Version | None,
    window: Window | None = None,
    report: Report = silent,
) -> tuple[Gate, ...]:
    """Judge a version by the rules of its model.

    A gate whose figures cannot be had fails with the reason, and the others go on.

    Args:
        champion: the version that it would replace; None where nothing answers yet.
        window: of the log; without one the last 7 days of it.
        report: told the share that is done, in [0, 1], and what comes next.

    Returns:
        The gates in the order of docs/gates.md; never none.

    Raises:
        Unusable: the rules of the model cannot be read.
    """
    raise NotImplementedError
