"""A version's inputs as numbers for trees, whatever a caller sent, and where they leave the known.

Categories become their place in the signature's order, which trees may cut anywhere; a missing
value stays NaN; a category that was not seen in training comes after all the others.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.drift.statistics import Floats
from console.drift.values import column_of, numbers, text_values

# Trees compare in single precision, which ends at 3.4e38.
_LARGEST = 1e30


@dataclass(frozen=True)
class Inputs:
    """The features of a signature, with the ranges of the rows that were learned from.

    Attributes:
        signature: of the version.
        low, high: of each feature as a number, shape (features,); NaN without a value.
    """

    signature: Signature
    low: Floats
    high: Floats

    @classmethod
    def of(cls, signature: Signature, frame: pd.DataFrame) -> tuple["Inputs", Floats]:
        """Learn the ranges; also the rows as `matrix` gives them."""
        rows = _matrix(signature, frame)
        known = ~np.isnan(rows)
        low = np.where(known, rows, np.inf).min(axis=0, initial=np.inf)
        high = np.where(known, rows, -np.inf).max(axis=0, initial=-np.inf)
        return cls(signature, low, high), rows

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """Rows as numbers, shape (rows, features)."""
        return _matrix(self.signature, frame)

    def most_outside(self, rows: Floats) -> tuple[str, float]:
        """The feature that leaves the range of the learned rows most often, and how often.

        Args:
            rows: as `matrix` gives them; a missing value is inside.

        Returns:
            Its name and the share of rows outside, in [0, 1]; an empty name without rows.
        """
        if not rows.size:
            return "", 0.0
        shares = ((rows < self.low) | (rows > self.high)).mean(axis=0)
        most = int(np.argmax(shares))
        return self.signature.features[most].name, float(shares[most])


def _matrix(signature: Signature, frame: pd.DataFrame) -> Floats:
    columns = [_column(feature, frame) for feature in signature.features]
    return np.column_stack(columns) if columns else np.zeros((len(frame), 0))


def _column(feature: Feature, frame: pd.DataFrame) -> Floats:
    column = column_of(frame, feature.name)
    if feature.is_numeric:
        return np.clip(numbers(column), -_LARGEST, _LARGEST)
    known = ("False", "True") if feature.kind == "boolean" else tuple(map(str, feature.categories))
    places: dict[str | None, float] = {name: float(i) for i, name in enumerate(known)}
    places[None] = np.nan
    unseen = float(len(known))
    found = [places.get(text, unseen) for text in text_values(feature, column)]
    return np.array(found, dtype=np.float64)
