"""Rescoring as a job: progress after each batch, and it stops between batches when cancelled."""

from typing import Any

from backend.records import registry
from backend.records.predictions import Window
from backend.versions.artefacts import Store
from console.jobs.context import JobContext
from console.rescoring.documents import to_json
from console.rescoring.run import rescore


def run_job(
    context: JobContext,
    *,
    model: str,
    version: int,
    start: int,
    end: int,
    source: str | None = None,
    against: int | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Rescore a window (UTC µs) with a registered version.

    Returns:
        `{"rescoring": …}`, which `documents.from_json` reads.

    Raises:
        NotFound: there is no such version.
    """
    found = rescore(
        context.database,
        registry.version(context.database, model, version),
        Window(start, end),
        Store.of(context.settings),
        report=context.progress,
        source=source,
        against=against,
        limit=limit,
    )
    return {"rescoring": to_json(found)}
