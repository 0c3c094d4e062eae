"""Times in tables: which column has them, and how they are read."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from pandas.tseries.api import guess_datetime_format  # type: ignore[attr-defined]  # stubs lack it

TIME_NAMES = frozenset({"time", "date", "timestamp", "datetime"})


def utc_times(column: "pd.Series[Any]") -> "pd.Series[Any] | None":
    """The column as UTC times; None unless every value is one, all in one format.

    ISO 8601 first, else the format of the first value, read month first and then day first. A
    time that names no zone is taken as UTC.
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return pd.to_datetime(column, utc=True)
    texts = column.dropna()
    if len(texts) < len(column) or not all(isinstance(text, str) for text in texts):
        return None
    first = str(texts.iloc[0]) if len(texts) else ""
    for form in _formats(first):
        found = (
            None if form is None else pd.to_datetime(column, format=form, utc=True, errors="coerce")
        )
        if found is not None and bool(found.notna().all()):
            return found
    return None


def _formats(first: str) -> Iterator[str | None]:
    """What to try, one after the other: pandas warns when it guesses at a time in ISO 8601."""
    yield "ISO8601"
    yield guess_datetime_format(first)
    yield guess_datetime_format(first, dayfirst=True)


def time_column(frame: pd.DataFrame) -> str | None:
    """The first column that is named for a time and holds nothing else."""
    for name in frame.columns:
        if name.lower() in TIME_NAMES and utc_times(frame[name]) is not None:
            return str(name)
    return None
