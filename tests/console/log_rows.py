"""Rows of a log, made without a service."""

import json
import uuid
from typing import Any

from backend.records.predictions import Row
from backend.records.registry import Version

NOON = 1_301_659_200_000_000  # 1 April 2011, 12:00 UTC
HOUR = 3_600_000_000


def row(version: Version, at: int = NOON, **more: Any) -> Row:
    """An answered row of a version; `features` may be an object that names some."""
    values: dict[str, Any] = {
        "prediction_id": uuid.uuid4().bytes,
        "request_id": uuid.uuid4().bytes,
        "at": at,
        "model": version.model,
        "version": version.number,
        "source": "live",
        "outcome": "answered",
        "features": {},
        "label": "benign",
        "value": None,
        "score": 0.25,
        "latency_ms": 2.0,
        "error": None,
    } | more
    if isinstance(values["features"], dict):
        names = [feature["name"] for feature in version.signature["features"]]
        values["features"] = json.dumps([values["features"].get(name) for name in names])
    return Row(**values)
