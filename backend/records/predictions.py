"""The prediction log and the feedback: append here, read in `console` through `log` below.

One row per instance, answered or not. Appending goes through the driver in one statement a
batch; a row is in the log before its caller is answered.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.errors import FeedbackConflict, NotFound, Unusable
from backend.records import audit, summaries
from backend.records.columns import Layout, layouts
from backend.records.database import Database, now
from backend.records.inserts import Insert
from backend.records.removal import remove_rows
from backend.records.tables import feedback, predictions, shadow_predictions

OUTCOMES = ("answered", "refused", "failed")
ROWS_PER_TRANSACTION = 1_000
EXCERPT = 500


class Row(NamedTuple):
    """One row to append, in the order of the columns."""

    prediction_id: bytes
    request_id: bytes
    at: int
    model: str
    version: int | None
    source: str
    outcome: str
    features: str | None
    label: str | None
    value: float | None
    score: float | None
    latency_ms: float | None
    error: str | None


@dataclass(frozen=True)
class Truth:
    """A fact that came back. `label` is text for a classification, None for a regression."""

    prediction_id: str
    label: str | None
    value: float | None
    at: int | None = None

    @property
    def text(self) -> str:
        """The truth as it is stored and compared."""
        return self.label if self.label is not None else repr(self.value)


@dataclass(frozen=True)
class Window:
    """A stretch of the log: from `start` up to but not including `end`, in UTC microseconds."""

    start: int
    end: int


INSERT = Insert(
    "predictions",
    {
        "prediction_id": "bytea",
        "request_id": "bytea",
        "at": "bigint",
        "model": "text",
        "version": "integer",
        "source": "text",
        "outcome": "text",
        "features": "text",
        "label": "text",
        "value": "float8",
        "score": "float8",
        "latency_ms": "float8",
        "error": "text",
    },
    ("model", "version", "source", "outcome", "label", "value", "score", "error"),
)


def append(database: Database, rows: Sequence[Row]) -> None:
    """Append rows in one transaction; when this returns they are committed.

    Raises:
        Unavailable: the database is locked, full or gone; nothing of it was appended.
    """
    with database.write() as connection:
        insert(connection, database.is_sqlite, rows)


def insert(connection: Connection, is_sqlite: bool, rows: Sequence[Row]) -> None:
    """Append rows in the caller's transaction, past SQLAlchemy's compilation of statements."""
    for statement, values in INSERT.statements(rows, is_sqlite):
        connection.exec_driver_sql(statement, values)


def newest(database: Database, model: str | None = None) -> int | None:
    """The time of the newest row, of one model or of all; None when there is none."""
    query = sa.select(sa.func.max(predictions.c.at))
    if model is not None:
        query = query.where(predictions.c.model == model)
    with database.read() as connection:
        found = connection.scalar(query)
    return None if found is None else int(found)


def one(database: Database, prediction_id: str) -> dict[str, Any]:
    """One row of the log with its truth; ids as text, features as JSON text.

    Raises:
        NotFound: no such prediction is in the log.
        Unusable: the id is not a UUID.
    """
    key = key_of(prediction_id)
    joined = predictions.outerjoin(
        feedback, feedback.c.prediction_id == predictions.c.prediction_id
    )
    query = sa.select(predictions, feedback.c.ground_truth).select_from(joined)
    with database.read() as connection:
        row = connection.execute(query.where(predictions.c.prediction_id == key)).first()
        known = {} if row is None else layouts(connection, row.model)
    if row is None:
        raise NotFound(_unknown(prediction_id))
    found = named(row._asdict(), known)
    return {**found, "prediction_id": prediction_id, "request_id": text_of(found["request_id"])}


def key_of(prediction_id: object) -> bytes:
    """The stored form of a prediction id.

    Raises:
        Unusable: it is not a UUID.
    """
    try:
        return uuid.UUID(str(prediction_id)).bytes
    except ValueError:
        raise Unusable(
            f"The prediction id `{str(prediction_id)[:60]}` is not a UUID; expected the"
            " `prediction_id` of an answer."
        ) from None


def text_of(key: bytes) -> str:
    """An id for people and for JSON."""
    text = bytes(key).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def keys(database: Database, ids: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """The model and version that answered each of these predictions; unknown ids are left out."""
    found: dict[str, tuple[str, int | None]] = {}
    wanted = [key_of(prediction_id) for prediction_id in ids]
    query = sa.select(predictions.c.prediction_id, predictions.c.model, predictions.c.version)
    answered = query.where(predictions.c.outcome == "answered")
    with database.read() as connection:
        for start in range(0, len(wanted), ROWS_PER_TRANSACTION):
            part = wanted[start : start + ROWS_PER_TRANSACTION]
            for row in connection.execute(answered.where(predictions.c.prediction_id.in_(part))):
                found[text_of(row.prediction_id)] = (row.model, row.version)
    return found


def append_feedback(
    database: Database,
    model: str,
    truths: Sequence[Truth],
    *,
    correct: bool = False,
    actor: str = audit.UNKNOWN,
) -> list[str | None]:
    """Record truths for predictions of `model`.

    Args:
        database: where the log is.
        model: whose predictions they are of.
        truths: the facts.
        correct: let them take the place of others.
        actor: who corrects; the audit log keeps each correction, and no first truth.

    Returns:
        For each None, or the truth already recorded that refused it.

    The same truth again changes nothing. A different one is refused unless `correct`, which
    keeps what it replaced. Transactions hold at most 1,000 rows.
    """
    refusals: list[str | None] = []
    for start in range(0, len(truths), ROWS_PER_TRANSACTION):
        part = truths[start : start + ROWS_PER_TRANSACTION]
        with database.write() as connection:
            refusals += _append_feedback(connection, model, part, correct, actor)
    return refusals


def conflict(prediction_id: str, recorded: str, sent: str) -> FeedbackConflict:
    """The refusal of a second, different truth."""
    return FeedbackConflict(
        f"Prediction `{prediction_id}` already has the ground truth `{recorded[:60]}`; you sent"
        f' `{sent[:60]}`. If the first was wrong, send it again with `"correct": true`.'
    )


def remove(database: Database, model: str, *, actor: str = audit.UNKNOWN) -> int:
    """Remove a model's log, feedback, shadow answers and summaries in short transactions.

    The audit log has its row with the last of them.

    Returns:
        The number of rows that its log had.
    """
    remove_rows(database, feedback, model)
    remove_rows(database, shadow_predictions, model)
    removed = remove_rows(database, predictions, model)
    summaries.remove_sketches(database, model)
    with database.write() as connection:
        # First, so that nobody summarises meanwhile what is removed here.
        summaries.forget(connection, model)
        late = connection.execute(predictions.delete().where(predictions.c.model == model))
        removed += late.rowcount
        detail = {"predictions": removed}
        audit.append(connection, actor=actor, action="remove_log", subject=model, detail=detail)
        return removed


def named(row: dict[str, Any], known: Mapping[int, Layout]) -> dict[str, Any]:
    """A row of the log whose features are a JSON object by name, where they were answered."""
    layout = known.get(row["version"])
    if layout is None or row["outcome"] != "answered" or row["features"] is None:
        return row
    return row | {"features": layout.as_object(row["features"])}


def to_time(at: "pd.Series[Any]") -> "pd.Series[Any]":
    """Microseconds as UTC timestamps."""
    return pd.to_datetime(at, unit="us", utc=True)


def _append_feedback(
    connection: Connection, model: str, truths: Sequence[Truth], correct: bool, actor: str
) -> list[str | None]:
    ids = [key_of(truth.prediction_id) for truth in truths]
    query = sa.select(feedback.c.prediction_id, feedback.c.ground_truth)
    recorded = {
        bytes(row.prediction_id): row.ground_truth
        for row in connection.execute(query.where(feedback.c.prediction_id.in_(ids)))
    }
    fresh: dict[bytes, dict[str, Any]] = {}
    refusals: list[str | None] = []
    corrections: list[audit.Change] = []
    for key, truth in zip(ids, truths, strict=True):
        known = recorded.get(key)
        refusal = None
        at = truth.at if truth.at is not None else now()
        row = {"ground_truth": truth.text, "value": truth.value, "at": at}
        if known is None:
            fresh[key] = {"prediction_id": key, "model": model, "replaced": None, **row}
            recorded[key] = truth.text
        elif known != truth.text and correct and key not in fresh:
            replaced = feedback.update().where(feedback.c.prediction_id == key)
            connection.execute(replaced.values(replaced=known, **row))
            detail = {"prediction": text_of(key), "was": known, "is": truth.text}
            corrections.append(audit.Change(actor, "correct", model, detail))
            recorded[key] = truth.text
        elif known != truth.text:
            refusal = known
        refusals.append(refusal)
    if fresh:
        connection.execute(feedback.insert(), list(fresh.values()))
    audit.append_all(connection, corrections)
    return refusals


def _unknown(prediction_id: str) -> str:
    return (
        f"There is no prediction `{prediction_id[:60]}` in the log. Use the `prediction_id` of an"
        " answer."
    )
