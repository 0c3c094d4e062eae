"""A performance report as a JSON document: what commands print and reviews keep."""

from typing import Any

from console.performance.results import Performance


def to_json(found: Performance) -> dict[str, Any]:
    """The stable form of a report; times are ISO 8601, what could not be computed is null."""
    raise NotImplementedError
