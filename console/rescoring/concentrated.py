"""Where among the kept rows answers change: every segment that can be said aloud, surest first."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from backend.versions.features import Feature
from console.drift.decisions.intervals import wilson
from console.drift.decisions.put_back import values_of
from console.drift.decisions.segments import CERTAIN, segments_of
from console.rescoring.results import SEGMENTS

MOST = 20


def segments(
    features: Sequence[Feature], rows: pd.DataFrame, reference: pd.DataFrame, share: float
) -> pd.DataFrame:
    """The segments of at least 30 kept rows, and not of all, in which some answer changes.

    The intervals hold for all segments at once with 95 % (Wilson's, Bonferroni): else the best of
    many would be chance.

    Args:
        rows: the kept rows: the features, and `__changed__`.
        reference: whose quarters cut the numbers.
        share: of changed rows among all rows.

    Returns:
        At most 20, in the order of their intervals' lower ends: the columns of `SEGMENTS`.
    """
    names: list[str] = []
    counts: list[tuple[int, int]] = []
    if len(rows):
        changed = rows["__changed__"].to_numpy(dtype=bool)
        for feature in features:  # one at a time: of a thousand features all would not fit
            now = {feature.name: values_of(rows[feature.name], feature)}
            was = {feature.name: values_of(reference[feature.name], feature)}
            found = segments_of([feature], now, was)
            for name, members in zip(found.names, found.members, strict=True):
                if not members.all():  # a value that every row has sets no rows apart
                    names.append(name)
                    counts.append((int(members.sum()), int((members & changed).sum())))
    return _table(names, counts, share)


def _table(names: list[str], counts: list[tuple[int, int]], share: float) -> pd.DataFrame:
    if not any(changed for _, changed in counts):
        return pd.DataFrame(columns=list(SEGMENTS))
    n, changed = np.array(counts, dtype=np.int64).T
    z = float(stats.norm.ppf(1 - (1 - CERTAIN) / 2 / len(n)))
    low, high = wilson(changed / n, n, z)
    table = pd.DataFrame(
        {
            "segment": names,
            "n": n,
            "changed": changed,
            "share": changed / n,
            "low": low,
            "high": high,
            "lift": changed / n / share,
            "clear": low > share,
        }
    )
    order = ["low", "share"]
    found = table[table["changed"] > 0].sort_values(order, ascending=False, kind="stable")
    best: pd.DataFrame = found.head(MOST)[list(SEGMENTS)]
    return best.reset_index(drop=True)
