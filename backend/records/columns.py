"""Features as the log holds them: one JSON array a row, in the order of its version's signature.

The names are the version's, so a row does not repeat them: that halves the log, and lets a window
be read as columns. `Layout` is what names and reads them; nothing outside the records sees arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from pyarrow import csv
from sqlalchemy.engine import Connection

from backend.records.fetching import columns_of
from backend.records.tables import versions

_encode = msgspec.json.Encoder().encode
_NUMBERS = frozenset({"number", "integer"})
_TYPES = {"number": pa.float64(), "integer": pa.float64(), "boolean": pa.bool_()}
_TEXT = pa.dictionary(pa.int32(), pa.string())
_BLOCK = 1 << 22
_BETWEEN: dict[str, type] = {
    "id": np.int64,
    "at": np.int64,
    "model": object,
    "version": np.float64,
    "source": object,
    "outcome": object,
    "label": object,
    "value": np.float64,
    "score": np.float64,
    "latency_ms": np.float64,
    "features": object,
}
_LAYOUTS = sa.select(versions.c.model, versions.c.number, versions.c.signature).where(
    versions.c.number.is_not(None)
)


@dataclass(frozen=True)
class Layout:
    """The features of a version: their names in order, and their kinds (`Feature.kind`)."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def _is_numeric(self) -> bool:
        return all(kind in _NUMBERS for kind in self.kinds)

    @classmethod
    def of(cls, signature: Mapping[str, Any]) -> "Layout":
        """The layout that a stored signature fixes."""
        features = signature["features"]
        return cls(tuple(f["name"] for f in features), tuple(f["kind"] for f in features))

    def as_object(self, text: str) -> str:
        """A stored row as a JSON object by name; as it is, if it is not of this layout."""
        values = msgspec.json.decode(text)
        if len(values) != len(self.names):
            return text
        return _encode(dict(zip(self.names, values, strict=True))).decode()

    def frame(self, texts: Sequence[str]) -> pd.DataFrame:
        """Stored rows as a table with a column for each feature.

        Returns:
            Numbers and integers as float64 (missing: NaN), booleans as object (True, False,
            None), categories as pandas' category of texts (missing: NaN); rows in the order given.
        """
        if not texts:
            return self._arranged([[] for _ in self.names], 0)
        joined = "\n".join(texts)
        # CSV knows neither JSON's escapes nor spaces before a text; such rows are read as JSON.
        if not self._is_numeric and ("\\" in joined or ", " in joined):
            rows = msgspec.json.decode(f"[{','.join(texts)}]", type=list[list[Any]])
            return self._arranged(list(zip(*rows, strict=True)), len(texts))
        return self._read(joined[1:-1].replace("]\n[", "\n").encode(), len(texts))

    def _read(self, lines: bytes, rows: int) -> pd.DataFrame:
        """Arrow's reader takes a third of a JSON parser's time, and gives columns."""
        keys = [str(place) for place in range(len(self.names))]
        table = csv.read_csv(
            pa.py_buffer(lines),
            csv.ReadOptions(column_names=keys, use_threads=False, block_size=_BLOCK),
            csv.ParseOptions(ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types={
                    key: _TYPES.get(kind, _TEXT) for key, kind in zip(keys, self.kinds, strict=True)
                },
                null_values=["null", " null"],
                true_values=["true"],
                false_values=["false"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        columns: list[Any] = []
        for key, kind in zip(keys, self.kinds, strict=True):
            column = table[key].unify_dictionaries()
            numeric = kind in _NUMBERS
            columns.append(column.to_numpy() if numeric else column.to_pandas())
        return self._arranged(columns, rows)

    def _arranged(self, columns: Sequence[Any], rows: int) -> pd.DataFrame:
        made = {
            name: _column(kind, column)
            for name, kind, column in zip(self.names, self.kinds, columns, strict=True)
        }
        return pd.DataFrame(made, index=pd.RangeIndex(rows), copy=False)


def layouts(connection: Connection, model: str) -> dict[int, Layout]:
    """The layout of each registered version of a model, by number."""
    found = connection.execute(_LAYOUTS.where(versions.c.model == model))
    return {row.number: Layout.of(row.signature) for row in found}


def table(
    texts: "pd.Series[Any]",
    numbers: "pd.Series[Any]",
    known: Mapping[int, Layout],
    names: Sequence[str],
) -> pd.DataFrame:
    """Stored rows of several versions as one table of plain values, in the rows' order.

    Args:
        texts: the rows as stored.
        numbers: the version of each.
        known: the layouts, from `layouts`.
        names: the columns to take; missing where a version has no such feature.

    Returns:
        float64 or int64 for numbers, bool for booleans, object with None for what else is missing.
    """
    parts = []
    for number, some in texts.groupby(numbers):
        layout = known.get(int(number))
        if layout is not None:
            parts.append(layout.frame(some.tolist()).set_axis(some.index))
            _make_plain(parts[-1], layout)
    found = pd.concat(parts) if parts else pd.DataFrame()
    return found.reindex(index=texts.index, columns=list(names))


def rows_between(connection: Connection, after: int, upto: int, limit: int) -> pd.DataFrame:
    """The first `limit` rows of the log with `after` < id ≤ `upto`, whatever their model.

    Returns:
        In id order: id, at (UTC µs), model, version (NaN: none), source, outcome, label, value,
        score, latency_ms, features (as stored).
    """
    query = sa.text(
        f"SELECT {', '.join(_BETWEEN)} FROM predictions WHERE id > :after AND id <= :upto"  # noqa: S608  # ours
        " ORDER BY id LIMIT :limit"
    )
    result = connection.execute(query, {"after": after, "upto": upto, "limit": limit})
    columns = columns_of(result, len(_BETWEEN))
    # Told what they are: pandas takes twice as long to find out.
    made: dict[str, Any] = {
        name: np.array(column, dtype=kind)
        for (name, kind), column in zip(_BETWEEN.items(), columns, strict=True)
    }
    return pd.DataFrame(made, copy=False)


def _make_plain(frame: pd.DataFrame, layout: Layout) -> None:
    """What pandas makes of a list of Python's values."""
    for name, kind in zip(layout.names, layout.kinds, strict=True):
        column = frame[name]
        if kind == "category":
            frame[name] = [text if isinstance(text, str) else None for text in column.tolist()]
        elif kind == "boolean" and column.notna().all():
            frame[name] = column.astype(bool)
        elif kind == "integer" and column.notna().all():
            frame[name] = column.astype(np.int64)


def _column(kind: str, values: Any) -> Any:
    if kind in _NUMBERS:
        return np.asarray(values, dtype=np.float64)
    if kind == "boolean":
        return np.asarray(values, dtype=object)
    return pd.Categorical(values)
