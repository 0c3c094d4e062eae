"""One input of a version: how training describes it, and how a caller's value is read."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from backend.errors import Unusable

Kind = Literal["number", "integer", "boolean", "category"]

QUANTILES = 21  # minimum, every 5 %, maximum
MOST_CATEGORIES = 1_000
LARGEST_WHOLE = 2**53  # beyond it a float does not hold every whole number
LARGEST = 1e150  # beyond it squares overflow, and so does every scaler


@dataclass(frozen=True)
class Feature:
    """One input.

    `quantiles` are those of the observed values at 0, 5, … 100 % (numbers and integers);
    `categories` the values seen in training, most frequent first (categories and booleans).
    """

    name: str
    kind: Kind
    nullable: bool = False
    categories: tuple[str, ...] = ()
    quantiles: tuple[float, ...] = ()
    unit: str | None = None
    display_name: str | None = None

    @property
    def title(self) -> str:
        """The name for people, with its unit."""
        name = self.display_name or self.name
        return f"{name} ({self.unit})" if self.unit else name

    @property
    def is_numeric(self) -> bool:
        """Whether its values are ordered numbers (booleans are not)."""
        return self.kind in {"number", "integer"}

    @property
    def minimum(self) -> float | None:
        """The least value seen in training; None for a category."""
        return self.quantiles[0] if self.quantiles else None

    @property
    def maximum(self) -> float | None:
        """The greatest value seen in training; None for a category."""
        return self.quantiles[-1] if self.quantiles else None

    @property
    def expected(self) -> str:
        """What a caller may send, as the end of a sentence."""
        kind = {
            "number": "a finite number",
            "integer": "a whole number",
            "boolean": "true or false",
            "category": f"one of {listed(self.categories)}",
        }[self.kind]
        return f"{kind} or null" if self.nullable else kind


def shown(value: object, limit: int = 60) -> str:
    """A value for a sentence, in backticks and cut to `limit` characters."""
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    elif isinstance(value, int) and abs(value) > 10**limit:
        return f"a whole number of more than {limit} digits"
    else:
        text = repr(value) if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return f"`{text if len(text) <= limit else text[: limit - 1] + '…'}`"


def feature_of(
    column: "pd.Series[Any]", unit: str | None = None, display: str | None = None
) -> Feature:
    """Describe a training column: its kind, nullability, categories or quantiles.

    Raises:
        Unusable: the column has no values, or more than 1,000 categories.
    """
    name = str(column.name)
    present = column.dropna()
    if present.empty:
        raise Unusable(f"Column `{name}` has no values. Leave it out of the features.")
    nullable = len(present) < len(column)
    if pd.api.types.is_bool_dtype(present) or (
        set(present.unique()) <= {True, False}
        and all(isinstance(v, (bool, np.bool_)) for v in present.unique())
    ):
        kind: Kind = "boolean"
        return Feature(name, kind, nullable, ("True", "False"), (), unit, display)
    if pd.api.types.is_numeric_dtype(present):
        values = present.to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            raise Unusable(f"Column `{name}` has infinite values. Replace them or leave it out.")
        if np.abs(values).max() > LARGEST:
            raise Unusable(
                f"Column `{name}` has values beyond ±{LARGEST:g}, which no scaling survives."
                " Correct them, use another unit, or leave it out."
            )
        kind = "integer" if pd.api.types.is_integer_dtype(column) else "number"
        quantiles = np.quantile(values, np.linspace(0, 1, QUANTILES))
        return Feature(name, kind, nullable, (), tuple(map(float, quantiles)), unit, display)
    categories = tuple(str(value) for value in present.astype(str).value_counts().index)
    if len(categories) > MOST_CATEGORIES:
        raise Unusable(
            f"Column `{name}` has {len(categories):,} different texts; a category has at most"
            f" {MOST_CATEGORIES:,}. Leave it out of the features."
        )
    return Feature(name, "category", nullable, categories, (), unit, display)


def reader_of(feature: Feature, serves_unseen: bool) -> Callable[[Any], Any]:
    """A function that turns a JSON value into the value to score, or raises ValueError."""
    if feature.kind == "number":
        return _numbers(feature.nullable)
    if feature.kind == "integer":
        return _integers(feature.nullable)
    if feature.kind == "boolean":
        return _booleans(feature.nullable)
    return _categories(feature.nullable, None if serves_unseen else frozenset(feature.categories))


def _numbers(nullable: bool) -> Callable[[Any], float]:
    finite = math.isfinite

    def number(value: Any) -> float:
        if value.__class__ is float and (finite(value) or (nullable and is_nan(value))):
            return float(value)
        if value.__class__ is int:
            return _float(value)
        if value is None and nullable:
            return math.nan
        raise ValueError

    return number


def _integers(nullable: bool) -> Callable[[Any], float]:
    number = _numbers(nullable)

    def integer(value: Any) -> float:
        found = number(value)
        if not is_nan(found) and (not found.is_integer() or abs(found) > LARGEST_WHOLE):
            raise ValueError
        return found

    return integer


def _booleans(nullable: bool) -> Callable[[Any], bool | None]:
    def boolean(value: Any) -> bool | None:
        if isinstance(value, bool) or (value is None and nullable):
            return value
        raise ValueError

    return boolean


def _categories(nullable: bool, only: frozenset[str] | None) -> Callable[[Any], str | None]:
    def category(value: Any) -> str | None:
        if isinstance(value, str) and (only is None or value in only):
            return value
        if value is None and nullable:
            return None
        raise ValueError

    return category


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError from None


def is_nan(value: object) -> bool:
    """Whether a value is the float NaN."""
    return isinstance(value, float) and math.isnan(value)


def listed(names: Sequence[object], most: int = 8) -> str:
    """Names for a sentence: the first few in backticks, and how many more there are."""
    head = ", ".join(f"`{name}`" for name in names[:most])
    rest = len(names) - most
    return f"{head} and {rest} more" if rest > 0 else head
