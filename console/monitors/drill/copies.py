"""The copy that a drill happens in: a temporary database with one version and its monitors."""

import contextlib
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import sqlalchemy as sa

from backend.errors import Unusable
from backend.records import predictions
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Row, Truth
from backend.records.registry import Version
from backend.records.tables import (
    aliases,
    blob_chunks,
    blobs,
    models,
    version_files,
    versions,
)
from backend.versions.scorer import Scorer
from backend.versions.signature import Signature
from console.monitors.drill.traffic import Traffic


@contextlib.contextmanager
def copy_of(database: Database, version: Version) -> Iterator[Database]:
    """A temporary database with the version as its model's champion, and with no log."""
    with tempfile.TemporaryDirectory(prefix="watchdesk-drill-") as folder:
        url = f"sqlite:///{Path(folder, 'drill.db')}"
        migrate(url)
        made = connect(url)
        try:
            _copy(database, made, version)
            yield made
        finally:
            made.dispose()


def _copy(source: Database, target: Database, version: Version) -> None:
    named = tuple(version.files.values())
    parts: Sequence[tuple[sa.Table, sa.ColumnElement[bool]]] = (
        (blobs, blobs.c.sha256.in_(named)),
        (blob_chunks, blob_chunks.c.sha256.in_(named)),
        (models, models.c.name == version.model),
        (versions, versions.c.id == version.id),
        (version_files, version_files.c.version_id == version.id),
        (aliases, (aliases.c.model == version.model) & (aliases.c.number == version.number)),
    )
    for table, wanted in parts:
        with source.read() as connection:
            rows = [
                dict(row) for row in connection.execute(sa.select(table).where(wanted)).mappings()
            ]
        if rows:
            with target.write() as connection:
                connection.execute(table.insert(), rows)


def write(database: Database, version: Version, scorer: Scorer, traffic: Traffic) -> list[Truth]:
    """Log traffic as the service would have, and return the truths that are still to come.

    A row whose features the service would not read is logged as refused.
    """
    rows, truths = _rows(version, scorer, traffic)
    for start in range(0, len(rows), predictions.ROWS_PER_TRANSACTION):
        predictions.append(database, rows[start : start + predictions.ROWS_PER_TRANSACTION])
    return truths


def _rows(version: Version, scorer: Scorer, traffic: Traffic) -> tuple[list[Row], list[Truth]]:
    if not len(traffic):
        return [], []
    signature = scorer.signature
    instances = _instances(signature, traffic)
    answered = [instance is not None for instance in instances]
    places = np.flatnonzero(answered)
    scored = scorer.score([instances[place] for place in places])  # type: ignore[misc]  # not None
    answers = {
        int(place): (
            None if scored.labels is None else str(scored.labels[i]),
            None if scored.values is None else float(scored.values[i]),
            None if scored.scores is None else float(scored.scores[i]),
        )
        for i, place in enumerate(places)
    }
    rows, truths = [], []
    for place, instance in enumerate(instances):
        row = _row(version, traffic, place, instance, answers.get(place))
        rows.append(row)
        if instance is not None and traffic.truth[place] is not None:
            truths.append(_truth(signature, row, traffic, place))
    return rows, truths


def _row(
    version: Version,
    traffic: Traffic,
    place: int,
    instance: list[Any] | None,
    answer: tuple[str | None, float | None, float | None] | None,
) -> Row:
    label, value, score = answer or (None, None, None)
    return Row(
        prediction_id=uuid.uuid4().bytes,
        request_id=uuid.uuid4().bytes,
        at=int(traffic.at[place]),
        model=version.model,
        version=version.number if instance is not None else None,
        source="live",
        outcome="answered" if instance is not None else "refused",
        features=None if instance is None else msgspec.json.encode(instance).decode(),
        label=label,
        value=value,
        score=score,
        latency_ms=float(traffic.latency_ms[place]),
        error=None if instance is not None else "refused in a drill",
    )


def _instances(signature: Signature, traffic: Traffic) -> list[list[Any] | None]:
    """Each request as it would be read; None where it is refused."""
    columns = [_plain(signature, name, traffic.features[name]) for name in signature.names]
    found: list[list[Any] | None] = []
    for values, refused in zip(zip(*columns, strict=True), traffic.refused, strict=True):
        if refused:
            found.append(None)
            continue
        try:
            found.append(signature.read(list(values)))
        except Unusable:
            found.append(None)
    return found


def _plain(signature: Signature, name: str, values: "pd.Series[Any]") -> list[Any]:
    """A column as callers send it: missing values are null, integers whole."""
    kind = signature.feature(name).kind
    found: list[Any] = []
    for value in values.tolist():
        if pd.isna(value):
            found.append(None)
        elif kind == "integer":
            found.append(round(value))
        else:
            found.append(value)
    return found


def _truth(signature: Signature, row: Row, traffic: Traffic, place: int) -> Truth:
    text = str(traffic.truth[place])
    at = row.at + int(traffic.delay[place])
    key = predictions.text_of(row.prediction_id)
    if signature.task == "regression":
        return Truth(key, None, float(text), at)
    return Truth(key, text, None, at)
