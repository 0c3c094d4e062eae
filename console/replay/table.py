"""A table as a replay reads it: its times, and its values as JSON would have carried them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.records.database import Database
from backend.versions.features import Feature, listed, shown
from backend.versions.signature import Signature
from console.drift.files import read_table
from console.training.sources import UPLOAD, open_data
from console.training.times import utc_times

BUILTIN = "builtin:"


@dataclass(frozen=True)
class Item:
    """One row to replay.

    Attributes:
        number: its place in the table as it was read, from 1.
        at: its time (UTC µs).
        instance: its features by name, as a caller would send them.
        truth: its ground truth; None where it is missing.
    """

    number: int
    at: int
    instance: dict[str, Any]
    truth: Any


def open_table(database: Database, spec: str) -> pd.DataFrame:
    """The table that a CSV or parquet file's path, `builtin:NAME` or an upload names.

    Raises:
        NotFound, TooLarge, Unusable: it does not exist, or cannot be read as a table.
    """
    if spec.startswith((BUILTIN, UPLOAD)):
        return open_data(database, spec).frame
    return read_table(Path(spec))


class Table:
    """The rows of a table in the order of their times."""

    def __init__(
        self, frame: pd.DataFrame, signature: Signature, time: str, truth: str | None
    ) -> None:
        """Read the times and convert the values.

        Raises:
            Unusable: a column is missing, or a time cannot be read; the sentence names the row.
        """
        _check_columns(frame, signature, time, truth)
        at = times_of(frame[time])
        self._order = np.argsort(at, kind="stable")
        self._at = at[self._order]
        ordered = frame.iloc[self._order]
        self._columns = {
            feature.name: _values(feature, ordered[feature.name])
            for feature in signature.features
            if feature.name in frame.columns
        }
        self._truths = [None] * len(frame) if truth is None else _plain(ordered[truth])

    def __len__(self) -> int:
        return len(self._at)

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and last time (UTC µs); None for an empty table."""
        return (int(self._at[0]), int(self._at[-1])) if len(self) else None

    def parts(self, rows: int) -> Iterator[list[Item]]:
        """The rows, so many at a time."""
        for start in range(0, len(self), rows):
            yield [self._item(place) for place in range(start, min(start + rows, len(self)))]

    def _item(self, place: int) -> Item:
        instance = {name: values[place] for name, values in self._columns.items()}
        number = int(self._order[place]) + 1
        return Item(number, int(self._at[place]), instance, self._truths[place])


def times_of(column: "pd.Series[Any]") -> "np.ndarray[Any, np.dtype[np.int64]]":
    """A column's times as UTC microseconds; those that name no zone are UTC.

    Raises:
        Unusable: one is missing or no time; the sentence names the first such row.
    """
    times = None if len(column) == 0 or column.isna().any() else utc_times(column)
    if times is not None:
        found: np.ndarray[Any, np.dtype[np.int64]] = (
            times.dt.as_unit("us").astype("int64").to_numpy()
        )
        return found
    if len(column) == 0:
        return np.empty(0, dtype=np.int64)
    readable = pd.to_datetime(column.astype(object), utc=True, errors="coerce", format="ISO8601")
    # A number would be read as nanoseconds since 1970, which is never what a table means.
    texts = column.map(lambda value: not isinstance(value, (int, float, np.number)))
    place = int(np.argmax((readable.isna() | ~texts).to_numpy()))
    value = column.iloc[place]
    missing = bool(pd.isna(value))
    raise Unusable(
        f"Row {place + 1:,} of the column `{column.name}` is"
        f" {'empty' if missing else shown(_unboxed(value))}; expected a time in every row, such as"
        " `2011-04-07T14:00` (UTC where it names no zone), all in one format."
    )


def _check_columns(frame: pd.DataFrame, signature: Signature, time: str, truth: str | None) -> None:
    for name, what in ((time, "time"), (truth, "truth")):
        if name is not None and name not in frame.columns:
            raise Unusable(
                f"The table has no column `{name}` to take the {what} from. Its columns are"
                f" {listed([str(column) for column in frame.columns])}."
            )
    needed = [f.name for f in signature.features if not f.nullable]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise Unusable(f"The table lacks the columns {listed(missing)}. Add them.")


def _values(feature: Feature, column: "pd.Series[Any]") -> list[Any]:
    read: Callable[[Any], Any] = {
        "number": _number,
        "integer": _number,
        "boolean": _boolean,
        "category": _category,
    }[feature.kind]
    return [None if value is None else read(value) for value in _plain(column)]


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """The values as Python's own; missing ones are None."""
    missing = column.isna().to_numpy()
    values = column.astype(object).tolist()
    return [None if gone else _unboxed(value) for value, gone in zip(values, missing, strict=True)]


def _unboxed(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    # Dates, decimals and the like have a text, and no place in JSON.
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def _number(value: Any) -> Any:
    """A number; a text in a column of numbers is read if it is one, else left to be refused."""
    if isinstance(value, bool) or not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _boolean(value: Any) -> Any:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    return bool(value) if value in (0, 1) else value


def _category(value: Any) -> Any:
    # A column of whole numbers with a gap is read as floats: 3.0 was a 3.
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    return str(value)
