"""Shadow answers: what a challenger would have answered, beside the champion's rows of the log.

One row per prediction that was scored, under the same `prediction_id`. They are written after the
champion's answer is committed, and never by its transaction.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import sqlalchemy as sa

from backend.records import audit, registry
from backend.records.database import Database
from backend.records.inserts import Insert
from backend.records.predictions import Window
from backend.records.registry import CHALLENGER, CHAMPION, Model
from backend.records.tables import (
    aliases,
    feedback,
    models,
    predictions,
    shadow_predictions,
    versions,
)

# A transaction keeps the log's own writer waiting, so it is shorter than the log's: about 1 ms.
ROWS_PER_TRANSACTION = 250


class ShadowRow(NamedTuple):
    """One row to append, in the order of the columns."""

    prediction_id: bytes
    at: int
    model: str
    version: int
    label: str | None
    value: float | None
    score: float | None
    latency_ms: float | None
    error: str | None


_INSERT = Insert(
    "shadow_predictions",
    {
        "prediction_id": "bytea",
        "at": "bigint",
        "model": "text",
        "version": "integer",
        "label": "text",
        "value": "float8",
        "score": "float8",
        "latency_ms": "float8",
        "error": "text",
    },
    ("model", "version", "label", "value", "score", "latency_ms", "error"),
)


def switch(database: Database, name: str, on: bool, *, actor: str = audit.UNKNOWN) -> Model:
    """Let the challenger of a model score the same requests unseen, or let it stop.

    Raises:
        NotFound: there is no such model.
    """
    with database.write() as connection:
        before = bool(registry.model_row(connection, name, lock=True).shadow)
        if before != on:
            connection.execute(models.update().where(models.c.name == name).values(shadow=on))
            detail = {"on": on}
            audit.append(connection, actor=actor, action="shadow", subject=name, detail=detail)
    return registry.model(database, name)


def challengers(database: Database) -> dict[str, tuple[int, int]]:
    """By model, the challenger that scores in the shadow: its number and its row's id.

    Only of models where the shadow is on and the challenger is not the champion. One query: the
    service asks several times a second.
    """
    challenger, champion = aliases.alias("challenger"), aliases.alias("champion")
    v = versions.c
    joined = (
        models.join(challenger, challenger.c.model == models.c.name)
        .join(versions, sa.and_(v.model == models.c.name, v.number == challenger.c.number))
        .join(champion, champion.c.model == models.c.name)
    )
    query = (
        sa.select(v.model, v.number, v.id)
        .select_from(joined)
        .where(
            models.c.shadow,
            challenger.c.alias == CHALLENGER,
            champion.c.alias == CHAMPION,
            challenger.c.number != champion.c.number,
        )
    )
    with database.read() as connection:
        return {row.model: (row.number, row.id) for row in connection.execute(query)}


def append(database: Database, rows: Sequence[ShadowRow]) -> None:
    """Append at most `ROWS_PER_TRANSACTION` rows in one transaction.

    Raises:
        Unavailable: the database is locked, full or gone; nothing of it was appended.
    """
    with database.write() as connection:
        for statement, values in _INSERT.statements(rows, database.is_sqlite):
            connection.exec_driver_sql(statement, values)


def newest_version(database: Database, name: str, window: Window) -> int | None:
    """The version of the newest shadow answer of a model in a window; None without any."""
    c = shadow_predictions.c
    query = sa.select(c.version).where(*_within(name, window)).order_by(c.at.desc()).limit(1)
    with database.read() as connection:
        return connection.scalar(query)


def count(database: Database, name: str, window: Window, version: int) -> int:
    """How many shadow answers of a version there are in a window, errors included."""
    query = sa.select(sa.func.count()).select_from(shadow_predictions)
    found = query.where(*_within(name, window), shadow_predictions.c.version == version)
    with database.read() as connection:
        return int(connection.scalar(found) or 0)


def pairs(
    database: Database, name: str, window: Window, version: int, most: int = 50_000
) -> pd.DataFrame:
    """Shadow answers of a version beside the champion's rows and the truth, newest first.

    Args:
        most: at most so many, the newest.

    Returns:
        prediction_id (bytes), at (UTC µs), champion (the version that answered), label, value,
        score: the champion's; shadow_label, shadow_value, shadow_score, error: the challenger's;
        truth (text or None) and truth_value (a regression's).
    """
    s, p, f = shadow_predictions.c, predictions.c, feedback.c
    newest = sa.select(*[c for c in s if c.name != "id"]).where(
        *_within(name, window), s.version == version
    )
    part = newest.order_by(s.at.desc(), s.id.desc()).limit(most).subquery()
    joined = part.join(predictions, p.prediction_id == part.c.prediction_id).outerjoin(
        feedback, f.prediction_id == part.c.prediction_id
    )
    query = sa.select(
        part.c.prediction_id,
        part.c.at,
        p.version.label("champion"),
        p.label,
        p.value,
        p.score,
        part.c.label.label("shadow_label"),
        part.c.value.label("shadow_value"),
        part.c.score.label("shadow_score"),
        part.c.error,
        f.ground_truth.label("truth"),
        f.value.label("truth_value"),
    ).select_from(joined)
    with database.read() as connection:
        result = connection.execute(query.where(p.model == name).order_by(part.c.at.desc()))
        return pd.DataFrame.from_records(result.all(), columns=list(result.keys()))


def _within(name: str, window: Window) -> list[sa.ColumnElement[bool]]:
    c = shadow_predictions.c
    return [c.model == name, c.at >= window.start, c.at < window.end]
