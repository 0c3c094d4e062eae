"""A log with rows of a version's own, for the tests beside it."""

import uuid
from typing import Any

import msgspec
import pandas as pd

from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Row
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.windows import HOUR

START = 1_300_000_000_000_000 // HOUR * HOUR


def log_rows(
    database: Database,
    version: Version,
    frame: pd.DataFrame,
    at: Any,
    store: Store,
) -> None:
    """Put rows into the log as the service would: features as received, and the real answers."""
    signature = Signature.from_json(version.signature)
    scored = artefacts.load(database, version, store).score_frame(frame)
    labels = scored.labels if scored.labels is not None else [None] * len(frame)
    values = scored.values if scored.values is not None else [None] * len(frame)
    scores = scored.scores if scored.scores is not None else [None] * len(frame)
    rows = [
        Row(
            uuid.uuid4().bytes,
            uuid.uuid4().bytes,
            int(time),
            version.model,
            version.number,
            "live",
            "answered",
            msgspec.json.encode(list(features.values())).decode(),
            None if label is None else str(label),
            None if value is None else float(value),
            None if score is None else float(score),
            1.0,
            None,
        )
        for features, time, label, value, score in zip(
            frame[signature.names].to_dict("records"), at, labels, values, scores, strict=True
        )
    ]
    for start in range(0, len(rows), 1_000):
        predictions.append(database, rows[start : start + 1_000])
