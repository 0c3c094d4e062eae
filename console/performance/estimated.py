"""Performance where truth is not known yet, estimated from scores and inputs alone."""

from dataclasses import dataclass

import pandas as pd

from backend.records.registry import Version
from console.performance.results import Estimated, Figure


@dataclass(frozen=True)
class Estimator:
    """What a version's rows with truth teach about its errors; made once, used for any rows."""

    version: Version

    @classmethod
    def of(cls, version: Version, reference: pd.DataFrame, heldout: pd.DataFrame) -> "Estimator":
        """Learn from the rows kept with a version (features, `__truth__` and its answers)."""
        return cls(version)

    def estimate(self, rows: pd.DataFrame) -> Estimated:
        """The figures of logged rows, and whether what they rest on can be believed."""
        raise NotImplementedError

    def figures(self, rows: pd.DataFrame) -> tuple[Figure, ...]:
        """The figures of logged rows alone, for a page that draws many stretches."""
        raise NotImplementedError
