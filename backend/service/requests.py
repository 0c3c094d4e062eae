"""One request on its way through the pipeline, and the rows that it adds to the log."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import uuid_utils

from backend.errors import WatchdeskError
from backend.records.database import now
from backend.records.predictions import EXCERPT
from backend.service.champions import Loaded
from backend.versions.reader import text_of

LogRow = tuple[Any, ...]
"""The values of a `backend.records.predictions.Row`, without the cost of one."""


@dataclass(slots=True, eq=False)
class Request:
    """Read and valid, or refused and only to be logged.

    Attributes:
        model: the model it is for; '' when it names none that exists.
        loaded: the version that answers it.
        rows: the values to score, as `Signature.read` or a `Reader` gives them.
        texts: the same rows as the JSON that is logged; made from `rows` when left out.
        refusal: why it is not answered.
        body: what was sent; its beginning is logged when the request is refused.
        single: whether it asked for one row, not for a list.
        at: when it came, UTC microseconds.
        answers: one JSON-ready object per row, once it is answered.
    """

    model: str = ""
    loaded: Loaded | None = None
    rows: Sequence[Sequence[Any]] = ()
    texts: Sequence[str] = ()
    refusal: WatchdeskError | None = None
    body: bytes = b""
    single: bool = False
    at: int = field(default_factory=now)
    started: float = field(default_factory=time.perf_counter)
    request_id: bytes = b""
    answers: list[dict[str, Any]] = field(default_factory=list)
    answered: "asyncio.Future[None] | None" = None

    @property
    def weight(self) -> int:
        """The rows it adds to the log."""
        return len(self.rows) or 1


def parts_of(request: Request, size: int) -> list[Request]:
    """A long request as several of at most `size` rows, which share its id in the log."""
    identity = uuid_utils.uuid7().bytes
    return [
        Request(
            model=request.model,
            loaded=request.loaded,
            rows=request.rows[start : start + size],
            texts=request.texts[start : start + size],
            at=request.at,
            started=request.started,
            request_id=identity,
            body=request.body[:EXCERPT],
        )
        for start in range(0, len(request.rows), size)
    ]


def rows_of(request: Request) -> list[LogRow]:
    """The rows of the log; gives each answer its `prediction_id`."""
    latency_ms = (time.perf_counter() - request.started) * 1_000
    if request.refusal is not None or request.loaded is None:
        return [_refused(request, latency_ms)]
    model, version = request.loaded.model, request.loaded.number
    signature = request.loaded.signature
    texts = request.texts or [text_of(signature, row) for row in request.rows]
    shared = (
        request.request_id if request.single else request.request_id or uuid_utils.uuid7().bytes
    )
    rows = []
    for answer, text in zip(request.answers, texts, strict=True):
        identity = uuid_utils.uuid7()
        key = identity.bytes
        answer["prediction_id"] = str(identity)
        label = answer.get("label")
        rows.append(
            (
                key,
                shared or key,
                request.at,
                model,
                version,
                "live",
                "answered",
                text,
                None if label is None else str(label),
                answer.get("value"),
                answer.get("score"),
                latency_ms,
                None,
            )
        )
    return rows


def _refused(request: Request, latency_ms: float) -> LogRow:
    identity = uuid_utils.uuid7().bytes
    version = request.loaded.number if request.loaded else None
    outcome = "failed" if request.rows else "refused"
    # PostgreSQL's text takes no NUL.
    detail = request.refusal.detail.replace("\0", "\ufffd") if request.refusal else None
    excerpt = request.body[:EXCERPT].decode("utf-8", "replace").replace("\0", "\ufffd")
    return (
        identity,
        identity,
        request.at,
        request.model,
        version,
        "live",
        outcome,
        excerpt,
        None,
        None,
        None,
        latency_ms,
        detail,
    )
