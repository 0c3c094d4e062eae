"""Rescoring as a job: progress after each batch, and it stops between batches when cancelled."""

import json
from typing import Any

from backend.records import registry
from backend.records.predictions import Window
from backend.versions.artefacts import Store
from console.jobs.context import JobContext
from console.rescoring.documents import to_json
from console.rescoring.run import rescore

MOST_CHARACTERS = 200_000  # of a result: a page reads it again and again


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
        `{"rescoring": …}`, which `documents.from_json` reads. Of wide rows it holds fewer, so that
        it has at most about 200,000 characters.

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
    return {"rescoring": within(to_json(found), MOST_CHARACTERS)}


def within(document: dict[str, Any], most: int) -> dict[str, Any]:
    """A document of `to_json` with so few of its rows that it has at most `most` characters.

    Every second row goes until the rest fits, so that rows of each kind stay. What a document is
    without any rows stays.
    """
    rows = document["sample"]["rows"]
    while (
        rows and len(json.dumps(document | {"sample": {**document["sample"], "rows": rows}})) > most
    ):
        rows = rows[::2] if len(rows) > 1 else []
    return document | {"sample": {**document["sample"], "rows": rows}}
