"""Rows that one version's signature has read, as rows of another's: column by column.

The rules are those of `Signature.read`, which answers a request by name: what the version does not
take is left out, what it lacks is missing, and a row that it would refuse is skipped with a reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.records.columns import Layout
from backend.versions.features import LARGEST_WHOLE, Feature
from backend.versions.signature import Signature

_NUMBERS = frozenset({"number", "integer"})
# What Arrow, msgspec and numpy say of text that is not of the layout.
_UNREADABLE = (ValueError, msgspec.DecodeError)
_JSON: dict[str, Any] = {
    "number": float | None,
    "integer": float | None,
    "boolean": bool | None,
    "category": str | None,
}
SPOILT = "Its stored features are not those of the version that answered it."
Check = Callable[[NDArray[Any]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Rows:
    """Rows that the version can be asked.

    Attributes:
        places: which of the rows given they are, ascending.
        frame: their features, a column for each of the signature's, as `score_frame` takes them.
        skipped: why the others are none: the rows by reason.
    """

    places: NDArray[np.int64]
    frame: pd.DataFrame
    skipped: dict[str, int]


class Reading:
    """How rows that were stored by one layout are read for a signature."""

    def __init__(self, own: Signature, layout: Layout) -> None:
        self._own = own
        self._layout = layout
        self._kinds = dict(zip(layout.names, layout.kinds, strict=True))
        self._checks = {
            feature.name: _checks(feature, self._kinds.get(feature.name), own.serves_unseen)
            for feature in own.features
        }

    def rows(self, texts: Sequence[str]) -> Rows:
        """Read stored rows."""
        stored, places = self._stored(texts)
        found = self._usable(stored)
        spoilt = len(texts) - len(places)
        skipped = found.skipped | ({SPOILT: spoilt} if spoilt else {})
        return Rows(places[found.places], found.frame, skipped)

    def _stored(self, texts: Sequence[str]) -> tuple[pd.DataFrame, NDArray[np.int64]]:
        """The rows that are of the layout as columns, and which they are."""
        try:
            return self._layout.frame(texts), np.arange(len(texts))
        except _UNREADABLE:  # looking at each row takes ten times as long, so only now
            kinds = tuple(_JSON[kind] for kind in self._layout.kinds)
            reads = msgspec.json.Decoder(tuple[kinds]).decode  # type: ignore[valid-type]
            fine = [place for place, text in enumerate(texts) if _is_read(reads, text)]
        return self._layout.frame([texts[i] for i in fine]), np.array(fine, dtype=np.int64)

    def _usable(self, stored: pd.DataFrame) -> Rows:
        n = len(stored)
        columns: dict[str, NDArray[Any]] = {}
        usable = np.ones(n, dtype=bool)
        skipped: dict[str, int] = {}
        for feature in self._own.features:
            values = self._column(feature, stored, n)
            for reason, check in self._checks[feature.name]:
                wrong = check(values) & usable
                if wrong.any():
                    skipped[reason] = skipped.get(reason, 0) + int(wrong.sum())
                    usable &= ~wrong
            columns[feature.name] = values
        if not usable.all():
            columns = {name: values[usable] for name, values in columns.items()}
        # What was refused may be of any kind, so numbers are made of what is left.
        made = {
            f.name: columns[f.name].astype(np.float64) if f.is_numeric else columns[f.name]
            for f in self._own.features
        }
        return Rows(np.flatnonzero(usable), pd.DataFrame(made, copy=False), skipped)

    def _column(self, feature: Feature, stored: pd.DataFrame, n: int) -> NDArray[Any]:
        """The values as they were stored; None or NaN where missing."""
        kind = self._kinds.get(feature.name)
        if kind is None:
            return np.full(n, np.nan) if feature.is_numeric else np.full(n, None, dtype=object)
        column = stored[feature.name]
        if kind != "category":
            return column.to_numpy()
        texts = np.array([*column.cat.categories, None], dtype=object)
        found: NDArray[Any] = texts[column.cat.codes.to_numpy()]  # missing is -1: the last
        return found


def _is_read(reads: Callable[[str], Any], text: str) -> bool:
    try:
        reads(text)
    except msgspec.DecodeError:
        return False
    return True


def _checks(feature: Feature, kind: str | None, serves_unseen: bool) -> list[tuple[str, Check]]:
    """What can be wrong with a value that was stored as `kind`: reasons and their tests."""
    name, found = f"`{feature.name}`", list[tuple[str, Check]]()
    if not feature.nullable:
        found.append((f"{name} is missing; expected {feature.expected}.", _missing))
    if kind is None:
        return found
    alike = feature.kind == kind or (feature.is_numeric and kind in _NUMBERS)
    if not alike:
        what = f"{name} was logged as a {kind}; expected {feature.expected}."
        found.append((what, lambda values: ~_missing(values)))
    elif feature.kind == "integer" and kind == "number":
        found.append((f"{name} is not whole; expected {feature.expected}.", _not_whole))
    elif feature.kind == "category" and not serves_unseen:
        known = [*feature.categories, None]
        what = f"{name} has a value that was not seen in training; expected {feature.expected}."
        found.append((what, lambda values: ~np.asarray(pd.Series(values).isin(known))))
    return found


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(pd.isna(values), dtype=bool)


def _not_whole(values: NDArray[Any]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (values != np.floor(values)) & ~np.isnan(values)
    found |= np.abs(values) > LARGEST_WHOLE
    return found
