"""A rescoring as a JSON document and back: what the command prints and the job keeps."""

from collections.abc import Mapping
from typing import Any

from console.rescoring.results import Rescoring


def to_json(found: Rescoring) -> dict[str, Any]:
    """The document; see docs/rescoring.md for its keys."""
    raise NotImplementedError


def from_json(document: Mapping[str, Any]) -> Rescoring:
    """The rescoring of which `to_json` made the document."""
    raise NotImplementedError
