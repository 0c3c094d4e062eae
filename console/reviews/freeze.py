"""Freeze a window of a version's log: what was found, as a document under its hash."""

from collections.abc import Callable
from typing import Any

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.review_rows import Review
from backend.versions.artefacts import Store
from console.jobs.context import JobContext

Report = Callable[[float, str], None]


def freeze(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    *,
    actor: str,
    evidently: bool = True,
    report: Report = lambda _share, _message: None,
) -> Review:
    """Make the document of a window, and of its sample Evidently's pages, and keep them.

    Args:
        evidently: whether Evidently's pages are made too; what fails there is named in the
            document and fails nothing else.
        report: told how far it is (a share in [0, 1]) and what is done.

    Raises:
        ArtefactDamaged: the version's files are missing or altered.
    """
    raise NotImplementedError


def run_job(
    context: JobContext,
    *,
    model: str,
    version: int,
    start: int,
    end: int,
    evidently: bool = True,
) -> dict[str, Any]:
    """The job `review`: freeze a window (UTC µs) of a version's log.

    Returns:
        `review` (its id), `sha256`, `status` and `findings` (how many).
    """
    raise NotImplementedError
