"""Rescoring: a window of the log answered again by one version, in bounded memory."""

from collections.abc import Callable

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.rescoring.results import Rescoring

Report = Callable[[float, str], None]


def silent(_share: float, _message: str) -> None:
    """For those who do not ask how far it is."""


def rescore(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    *,
    report: Report = silent,
    limit: int | None = None,
    source: str | None = None,
    against: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
) -> Rescoring:
    """Answer the logged requests of a window with a version, and compare.

    Nothing is written. The log is read once in batches; running counts and random parts of
    bounded size are kept, so memory does not grow with the window.

    Args:
        version: a registered version or a draft.
        report: told how far it is between batches; may raise to stop.
        limit: at most so many rows, drawn at random when there are more.
        source: only `live` or `replay` rows.
        against: only rows that this version answered.
        tolerance: up to which difference two values of a regression agree, in the target's unit;
            without it 0.1 standard deviations of the reference's answers.
        seed: of the draws.

    Raises:
        ArtefactDamaged, Unavailable: the version cannot be loaded.
    """
    raise NotImplementedError
