"""Tables to compare on, opened as training opens them: built in, CSV, and parquet too."""

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backend.errors import TooLarge, Unusable
from backend.versions.features import listed
from console.comparison.chosen import Table
from console.training import csv_files, datasets
from console.training.times import time_column, utc_times

MOST_CELLS = 100_000_000
"""Rows times columns of a parquet file, whose few bytes may stand for many equal values."""
_PARQUET = b"PAR1"
_INDEX = "__index_level_"  # how pandas calls row labels without a name


def open_table(spec: str) -> Table:
    """The table that `builtin:NAME` or the path of a CSV or parquet file names.

    Raises:
        NotFound: there is no such data set or file.
        Unusable, TooLarge: it cannot be read as a table.
    """
    if spec.startswith(datasets.PREFIX):
        return _table(datasets.load(spec))
    return uploaded(*csv_files.open_file(spec))


def uploaded(content: bytes, name: str) -> Table:
    """The bytes of a CSV or parquet file as a table.

    Raises:
        Unusable, TooLarge: they cannot be read as a table.
    """
    if not content.startswith(_PARQUET):
        return _table(datasets.from_csv(content, name))
    frame = _parquet(content, name)
    fingerprint = datasets.fingerprint_of(frame)
    time = time_column(frame)
    if time is not None:
        frame[time] = utc_times(frame[time])
    return Table(name, frame, fingerprint, time)


def _table(found: datasets.Dataset) -> Table:
    return Table(found.name, found.frame, found.fingerprint, found.time)


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    if len(content) > csv_files.MOST_BYTES:
        raise TooLarge(
            f"`{name}` has {len(content) >> 20:,} MB; the limit is {csv_files.MOST_BYTES >> 20} MB."
            " Compare on a sample of it."
        )
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        _check(file, name)
        names = [column for column in file.schema_arrow.names if not column.startswith(_INDEX)]
        frame: pd.DataFrame = file.read(names).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        raise Unusable(
            f"`{name}` cannot be read as parquet: {_reason(error)}. Write it again, or give a CSV"
            " file."
        ) from error
    categories = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(categories, object))


def _check(file: pq.ParquetFile, name: str) -> None:
    schema, found = file.schema_arrow, file.metadata
    cells = found.num_rows * len(schema.names)
    if cells > MOST_CELLS:
        raise TooLarge(
            f"`{name}` has {found.num_rows:,} rows of {len(schema.names):,} columns; the limit is"
            f" {MOST_CELLS:,} values. Compare on a sample of it."
        )
    reserved = [c for c in schema.names if c.startswith("__") and not c.startswith(_INDEX)]
    if reserved:
        raise Unusable(
            f"`{name}` has the columns {listed(reserved)}; names that begin with `__` are reserved."
            " Rename them."
        )
    twice = sorted({column for column in schema.names if schema.names.count(column) > 1})
    if twice:
        raise Unusable(f"`{name}` names more than one column {listed(twice)}. Rename them.")
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if nested:
        raise Unusable(
            f"The columns {listed(nested)} of `{name}` hold lists or objects; expected one value a"
            " row. Leave them out, or make columns of them."
        )


def _reason(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
