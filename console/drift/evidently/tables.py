"""Two tables that Evidently can take, and the texts in them that can do no harm.

What a caller sent may stand in a column's name and in its values. Evidently writes both into
`<script>` as they are, and draws a bar for each value, however many there are.
"""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.features import MOST_CATEGORIES, Feature
from console.drift.values import column_of, numbers, text_values

SAMPLE = 20_000
LONGEST = 200
OTHER = "(all other values)"
_ANGLES = str.maketrans("<>", "‹›")


@dataclass(frozen=True)
class Tables:
    """Two tables with the same columns.

    Attributes:
        reference, current: float columns for numbers, text for the others; missing is NaN or None.
        numeric, categorical: their columns.
        empty: the columns without any value on a side, each with a sentence that says which. They
            can be summarised but not compared.
        pooled: the columns of which only the most frequent values stand for themselves, each with
            a sentence.
    """

    reference: pd.DataFrame
    current: pd.DataFrame
    numeric: list[str]
    categorical: list[str]
    empty: dict[str, str] = field(default_factory=dict)
    pooled: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns in order."""
        return [str(name) for name in self.reference.columns]

    def only(self, names: Collection[str]) -> "Tables":
        """The same rows with fewer columns, still in order."""
        kept = [name for name in self.names if name in names]
        return Tables(
            self.reference[kept],
            self.current[kept],
            [name for name in self.numeric if name in names],
            [name for name in self.categorical if name in names],
            {name: reason for name, reason in self.empty.items() if name in names},
            {name: note for name, note in self.pooled.items() if name in names},
        )


def tables(reference: pd.DataFrame, current: pd.DataFrame, features: Sequence[Feature]) -> Tables:
    """At most 20,000 rows of each side, drawn at random, with a column for each feature.

    A column is called by its feature's name for people where that is free. Of texts at most the
    1,000 most frequent of both sides stay: 20,000 different ones keep Evidently busy for two
    minutes.
    """
    sides = [sampled(side) for side in (reference, current)]
    found: list[dict[str, Any]] = [{}, {}]
    numeric, empty, pooled = [], {}, {}
    for feature in features:
        name = free_name(feature.display_name or feature.name, found[0])
        columns = [_values(column_of(side, feature.name), feature) for side in sides]
        if feature.is_numeric:
            numeric.append(name)
        else:
            pooled[name] = _pool(*columns)
        empty[name] = _emptiness(*columns)
        for side, column in zip(found, columns, strict=True):
            side[name] = column
    frames = [pd.DataFrame(side).reset_index(drop=True) for side in found]
    categorical = [name for name in found[0] if name not in numeric]
    return Tables(frames[0], frames[1], numeric, categorical, _said(empty), _said(pooled))


def sampled(frame: pd.DataFrame) -> pd.DataFrame:
    """At most 20,000 of the rows, at random with a fixed seed, in their order."""
    if len(frame) <= SAMPLE:
        return frame
    places = np.random.default_rng(0).choice(len(frame), SAMPLE, replace=False)
    return frame.iloc[np.sort(places)]


def free_name(name: str, taken: Container[str]) -> str:
    """A harmless name that is not taken yet: `name`, `name (2)`, `name (3)` …"""
    first = found = harmless(name)
    number = 1
    while found in taken:
        number += 1
        found = f"{first} ({number})"
    return found


def harmless(text: str) -> str:
    """A text of at most 200 characters that cannot end a script or begin an element.

    Evidently writes names and values into `<script>` as they are, so a caller who sends
    `</script><script>…` would run code in the reader's browser. The page is served in a sandbox
    besides; a copy that somebody downloads is not.
    """
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return short.translate(_ANGLES)


def harmless_texts(texts: Iterable[str | None]) -> "pd.Series[Any]":
    """A text column; None stays missing."""
    return pd.Series([None if text is None else harmless(text) for text in texts], dtype=object)


def _values(column: "pd.Series[Any]", feature: Feature) -> "pd.Series[Any]":
    if feature.is_numeric:
        return pd.Series(numbers(column))
    return harmless_texts(text_values(feature, column))


def _pool(reference: "pd.Series[Any]", current: "pd.Series[Any]") -> str:
    """Count rare texts of both sides as one, in place; says so, or nothing if there is no need."""
    counts = pd.concat([reference, current]).value_counts()
    if len(counts) <= MOST_CATEGORIES:
        return ""
    kept = set(counts.index[: MOST_CATEGORIES - 1])
    for column in (reference, current):
        column[column.notna() & ~column.isin(kept)] = OTHER
    rare = len(counts) - len(kept)
    return f"Of its {len(counts):,} different values the {rare:,} rarest are counted as one."


def _emptiness(reference: "pd.Series[Any]", current: "pd.Series[Any]") -> str:
    sides = {"reference": reference, "window": current}
    without = [name for name, column in sides.items() if not column.notna().any()]
    return f"It has no values in the {' and in the '.join(without)}." if without else ""


def _said(sentences: dict[str, str]) -> dict[str, str]:
    """Without the columns of which there is nothing to say."""
    return {name: sentence for name, sentence in sentences.items() if sentence}
