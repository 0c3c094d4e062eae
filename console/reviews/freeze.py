"""Freeze a window of a version's log: what was found, as a document under its hash."""

from typing import Any

from backend.errors import Refused
from backend.records import registry, reviews
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.review_rows import Review
from backend.versions.artefacts import Store
from console.jobs.context import JobContext
from console.reviews import canonical, document
from console.reviews.evidence import Report, gather
from console.reviews.frozen_pages import Pages, pages


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

    The same log gives the same bytes, and so the same hash: who freezes it, and when, stands
    beside the document.

    Args:
        evidently: whether Evidently's pages are made too; what fails there is named in the
            document and fails nothing else.
        report: told how far it is (a share in [0, 1]) and what is done.

    Raises:
        ArtefactDamaged: the version's files are missing or altered.
        Refused: the version is a draft, which has answered nothing.
    """
    if version.number is None:
        raise Refused("A draft has answered nothing, so there is nothing to review. Register it.")
    found = gather(database, version, window, store, report)
    made = Pages()
    if evidently:

        def part(share: float, message: str) -> None:
            report(0.65 + 0.3 * share, message)

        made = pages(database, version, window, store, part)
    report(0.97, "Keeping the review.")
    content = canonical.packed(document.of(found, made))
    return reviews.add(
        database,
        version.model,
        version.number,
        window,
        found.report.status,
        content,
        made.files,
        actor=actor,
    )


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
        `review` (its id), `sha256` and `status`.

    Raises:
        NotFound: there is no such version.
        ArtefactDamaged: its files are missing or altered.
    """
    made = freeze(
        context.database,
        registry.version(context.database, model, version),
        Window(start, end),
        Store.of(context.settings),
        actor=context.by,
        evidently=evidently,
        report=context.progress,
    )
    context.log(f"Review {made.id}, {made.sha256}.")
    return {"review": made.id, "sha256": made.sha256, "status": made.status}
