"""A version with every kind of column, rows of its log, and what summaries of them must be."""

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sklearn.linear_model import LinearRegression

from backend.records import predictions, registry, summaries
from backend.records.database import Database
from backend.records.drafts import NewVersion
from backend.records.predictions import Row
from backend.records.registry import Version
from backend.records.tables import sketches
from backend.records.tables import summaries as hours_table
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.drift.report import outputs_of
from console.drift.sketches.cells import ColumnCells, freeze
from console.drift.sketches.encoding import decode
from console.drift.statistics import Floats
from console.summaries import latency
from console.windows import DAY, HOUR
from tests.backend.versions.tables import signature_of, table

START = 1_300_000_000_000_000 // DAY * DAY
FEATURES = ["whole", "size", "colour", "member"]


def version(database: Database, store: Store, model: str = "mixed") -> Version:
    """Register a version of a model."""
    reference = table(700)
    signature = signature_of(reference, FEATURES, "two")
    reference = reference[FEATURES].assign(
        __label__=reference["two"], __score__=np.linspace(0, 1, len(reference))
    )
    packed = artefacts.pack_table(reference)
    new = NewVersion(
        model=model,
        algorithm="linear_regression",
        task=signature.task,
        target="two",
        parameters={},
        metrics={},
        evaluation={},
        signature=signature.to_json(),
        data={},
        environment={},
        trained_seconds=0.1,
        note="",
        created_by="tester",
        files={
            artefacts.ESTIMATOR: artefacts.pack(LinearRegression().fit([[0.0]], [0.0])),
            artefacts.REFERENCE: packed,
            artefacts.HELDOUT: packed,
        },
    )
    made = registration.register(database, registration.add(database, new, store), store)
    assert made.number is not None
    return registry.version(database, model, made.number)


def rows(
    model: str, n: int, seed: int, first: int = START, length: int = 3 * DAY, number: int = 1
) -> list[Row]:
    """Rows of a log: answered, refused and failed ones, live and replayed, at random times.

    Some of their colours are new, and many values are missing.
    """
    draw = np.random.default_rng(seed)
    frame = table(n, seed)
    new = draw.random(n) < 0.1
    frame.loc[new, "colour"] = draw.choice(["mauve", "teal", "ochre"], int(new.sum()))
    times = np.sort(draw.integers(first, first + length, n))
    outcomes = draw.choice(["answered", "refused", "failed"], n, p=[0.9, 0.07, 0.03])
    texts = [
        json.dumps(values).replace("NaN", "null") for values in frame[FEATURES].values.tolist()
    ]
    return [
        Row(
            os.urandom(16),
            os.urandom(16),
            int(times[i]),
            model if outcomes[i] != "refused" or i % 2 else "",
            number if outcomes[i] != "refused" else None,
            "live" if i % 5 else "replay",
            outcomes[i],
            texts[i] if outcomes[i] == "answered" else "{",
            str(frame["two"][i]) if outcomes[i] == "answered" else None,
            None,
            float(draw.random()) if outcomes[i] == "answered" else None,
            float(draw.lognormal(1, 1)) if i % 7 else None,
            None if outcomes[i] == "answered" else "why",
        )
        for i in range(n)
    ]


def append(database: Database, made: Sequence[Row], at_once: int = 1_000) -> None:
    """Put rows into the log."""
    for start in range(0, len(made), at_once):
        predictions.append(database, made[start : start + at_once])


def whole_log(database: Database) -> pd.DataFrame:
    """All rows of the log, read plainly, with their hours."""
    with database.read() as connection:
        result = connection.execute(sa.text("SELECT * FROM predictions ORDER BY id"))
        found = pd.DataFrame(result.mappings().all())
    found["version"] = found["version"].astype(float).fillna(0).astype(int)
    return found.assign(hour=found["at"] // HOUR * HOUR, day=found["at"] // DAY * DAY)


def columns(answered: pd.DataFrame) -> pd.DataFrame:
    """Answered rows as a table, read without the code under test."""
    values = [json.loads(text) for text in answered["features"]]
    found = pd.DataFrame(values, columns=FEATURES)
    for name in ("whole", "size"):
        found[name] = found[name].astype(float)
    return found.assign(
        __score__=answered["score"].to_numpy(float), __label__=answered["label"].to_numpy()
    )


def cells_of(database: Database, version: Version, store: Store) -> tuple[ColumnCells, ...]:
    """The bins that a version's reference makes."""
    signature = Signature.from_json(version.signature)
    reference = artefacts.table(database, version, artefacts.REFERENCE, store)
    return freeze((*signature.features, *outputs_of(signature)), reference)


def assert_summarised(database: Database, versions: Sequence[Version], store: Store) -> None:
    """All that the tables of summaries hold is what the log says, to the row."""
    log = whole_log(database)
    with database.read() as connection:
        assert summaries.pending(connection) == 0
    _assert_hours(database, log)
    _assert_sketches(database, log, versions, store)


def _assert_hours(database: Database, log: pd.DataFrame) -> None:
    expected: dict[Any, Any] = {}
    for key, part in log.groupby(["model", "hour", "version", "source"]):
        counts = [
            int((part["outcome"] == name).sum()) for name in ("answered", "refused", "failed")
        ]
        times = part.loc[part["outcome"] == "answered", "latency_ms"].to_numpy(float)
        histogram = latency.histograms(times, np.zeros(len(times), dtype=np.int64), 1)[0]
        expected[key] = [*counts, histogram.tolist(), part["id"].min(), part["id"].max()]
    with database.read() as connection:
        stored = connection.execute(sa.select(hours_table)).all()
    found = {
        row[:4]: [
            *row[4:7],
            decode(row.latency, latency.BUCKETS).tolist()
            if row.latency
            else [0.0] * latency.BUCKETS,
            *row[8:],
        ]
        for row in stored
    }
    assert found == expected


def _assert_sketches(
    database: Database, log: pd.DataFrame, versions: Sequence[Version], store: Store
) -> None:
    expected: dict[tuple[int, str, str, int], tuple[ColumnCells, Floats, dict[str, int]]] = {}
    for version in versions:
        mine = (log["model"] == version.model) & (log["version"] == version.number)
        answered = log[mine & (log["outcome"] == "answered")].reset_index(drop=True)
        values = columns(answered)
        for cells in cells_of(database, version, store):
            name = cells.feature.name
            for grain in ("hour", "day"):
                for start in answered[grain].unique().tolist():
                    column = values[name][answered[grain] == start]
                    key = (version.id, name, grain, start)
                    expected[key] = (cells, cells.vector(column), cells.novel(column))
    with database.read() as connection:
        stored = {tuple(row[:4]): row for row in connection.execute(sa.select(sketches))}
    assert stored.keys() == expected.keys()
    for key, (cells, vector, novel) in expected.items():
        found = decode(stored[key].vector, cells.size)
        counted = 2 + cells.n_cells
        # Counts to the row; sums of distances to the rounding that their order makes.
        assert found[:counted].tolist() == vector[:counted].tolist()
        np.testing.assert_allclose(found[counted:], vector[counted:], rtol=1e-9, atol=1e-12)
        assert json.loads(stored[key].novel or "{}") == novel
