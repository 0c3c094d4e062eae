"""The figures of a rescoring, of answers that a challenger stored in the shadow."""

from backend.records.database import Database
from backend.records.predictions import Window
from backend.versions.artefacts import Store
from console.rescoring.results import Rescoring
from console.rescoring.run import Report, silent


def of_shadow(
    database: Database,
    model: str,
    window: Window,
    *,
    version: int | None = None,
    store: Store | None = None,
    report: Report = silent,
) -> Rescoring | None:
    """Compare the shadow answers of a window with those that callers got.

    Args:
        version: whose answers; without it the challenger's, else those of the version that scored
            last.
        store: for the version's reference; without it a regression's tolerance is of the logged
            answers, and segments are cut at the quarters of the rows themselves.

    Returns:
        None when there are no shadow answers in the window.

    Raises:
        NotFound: there is no such model.
    """
    raise NotImplementedError
