"""How fast a version answers here and now, and how large it is."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from backend.versions.scorer import Scorer


@dataclass(frozen=True)
class Speed:
    """A version's speed on this machine, measured a moment ago, and its size.

    Attributes:
        engine: what answered, `ONNX` or `scikit-learn`.
        single_ms: the median time of one row.
        batch_us_per_row: the median time of a batch, for each row of it.
        batch_rows: rows of that batch.
        size_bytes: of the files that it answers from.
    """

    engine: str
    single_ms: float
    batch_us_per_row: float
    batch_rows: int
    size_bytes: int

    def to_json(self) -> dict[str, Any]:
        """As a document."""
        return asdict(self)


def measure(version: Version, scorer: Scorer, frame: pd.DataFrame, store: Store) -> Speed:
    """Time a loaded version on rows that it can answer, 1,000 at most."""
    raise NotImplementedError(version, scorer, frame, store, Database)
