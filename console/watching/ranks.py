"""A column's place among the reference, in bins whose chances are known without its distribution.

The reference's m values, ties broken by a random number each, are an ordered sample. Bins lie
between chosen order statistics of it, and which ones depends on m alone. If reference and stream
are exchangeable, the next value falls into a bin with chance w / W, where w is the number of the
bin's gaps between neighbours plus the values of the stream that fell there, and W the sum over
bins: whatever the distribution, and given all earlier bins. This is what ranks among reference
and stream pooled come to, kept as a few counts (a Pólya urn), so nothing of the stream is stored.

Source: Wilks (1942), "Statistical prediction with special reference to the problem of tolerance
limits", Annals of Mathematical Statistics 13(4); pooled ranks as conformal p-values: Vovk,
Gammerman and Shafer (2005), "Algorithmic Learning in a Random World", section 8.2.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from backend.versions.features import Feature
from console.drift.values import numbers, text_values

BINS = 128
"""Between the quantiles of the reference; below its least and above its greatest are two more."""
WIDTH = BINS + 2
ABSENT = -1
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Values = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True)
class Ranks:
    """A column's bins.

    Attributes:
        values: the distinct values at the bins' edges, ascending; texts by their code points.
        keys: of each edge, the place of its value in `values` plus its tie-breaker, ascending.
        gaps: each bin's gaps between neighbouring reference values, shape (WIDTH,); bins that a
            short reference does not fill are 0, at the end.
    """

    values: list[Any]
    keys: Floats
    gaps: Floats

    @classmethod
    def of(cls, present: Values, random: np.random.Generator) -> "Ranks":
        """The bins of a reference's values that are not missing: all numbers or all texts."""
        m = len(present)
        tie = random.random(m)
        distinct, group = np.unique(np.asarray(present, dtype=_kind(present)), return_inverse=True)
        order = np.lexsort((tie, group))
        chosen = _places(m)
        edges = order[chosen - 1]
        used, place = np.unique(group[edges], return_inverse=True)
        gaps = np.zeros(WIDTH)
        found = np.diff(np.concatenate(([0], chosen, [m + 1])))
        gaps[: len(found)] = found
        return cls(distinct[used].tolist(), place + tie[edges], gaps)

    def codes(self, present: Values, ties: Floats) -> Ints:
        """The bin of each value, by a random number in [0, 1) each if it equals an edge."""
        if not self.keys.size:
            return np.zeros(len(present), dtype=np.int64)
        is_text = isinstance(self.values[0], str)
        places, equal = (_of_texts if is_text else _of_numbers)(self.values, present)
        return np.searchsorted(self.keys, places + np.where(equal, ties, 0.0)).astype(np.int64)

    @property
    def middles(self) -> Floats:
        """Each bin's middle as a share of the reference, in (0, 1); 0.5 for bins not in use."""
        ends = np.cumsum(self.gaps)
        return np.where(self.gaps > 0, (ends - self.gaps / 2) / ends[-1], 0.5)

    @property
    def scores(self) -> Floats:
        """Each bin's normal score: the standard normal's quantile at its middle."""
        found: Floats = special.ndtri(self.middles)
        return found


def _places(m: int) -> Ints:
    """Which order statistics (from 1) are edges; it may look at nothing but their number."""
    if m == 0:
        return np.empty(0, dtype=np.int64)
    inner = np.round(np.arange(1, BINS) * (m + 1) / BINS).astype(np.int64)
    return np.unique(np.clip(np.concatenate(([1, m], inner)), 1, m))


def _of_numbers(edges: list[Any], values: Values) -> tuple[Ints, NDArray[np.bool_]]:
    """The place of each value among distinct edges, and which equal the edge there."""
    ends, found = np.array(edges), np.asarray(values)
    places = np.searchsorted(ends, found).astype(np.int64)
    equal: NDArray[np.bool_] = ends[np.minimum(places, len(ends) - 1)] == found
    return places, equal


def _of_texts(edges: list[Any], values: Values) -> tuple[Ints, NDArray[np.bool_]]:
    """The same for texts; numpy would cut those of one array to the width of another's."""
    known: dict[str, tuple[int, bool]] = {}
    for text in set(values):
        place = bisect_left(edges, text)
        known[text] = place, place < len(edges) and edges[place] == text
    found = [known[text] for text in values]
    places = np.array([place for place, _ in found], dtype=np.int64)
    return places, np.array([is_equal for _, is_equal in found], dtype=bool)


def _kind(values: Values) -> Any:
    """numpy's own kind for numbers; texts stay Python's."""
    return object if len(values) and isinstance(values[0], str) else np.float64


def read(feature: Feature, column: "pd.Series[Any]") -> tuple[Values, NDArray[np.bool_]]:
    """The values that are not missing, in order, and which rows have one."""
    if feature.is_numeric:
        found = numbers(column)
        present = ~np.isnan(found)
        return found[present], present
    texts = text_values(feature, column)
    present = np.array([text is not None for text in texts], dtype=bool)
    return [text for text in texts if text is not None], present
