"""CSV files as people have them: read strictly, refused with a sentence."""

import csv
import io
from collections import Counter
from pathlib import Path

import pandas as pd

from backend.errors import NotFound, TooLarge, Unusable
from backend.versions.features import listed

MOST_BYTES = 200 << 20
MOST_COLUMNS = 1_000
FEWEST_ROWS = 30
LONGEST_NAME = 200
HEADER_CHARACTERS = 100_000  # under the longest field that the csv module reads
SEPARATORS = (",", ";", "\t")
UNNAMED = "Unnamed: "  # pandas' name for a column without one, most often a saved row number


def open_file(path: str) -> tuple[bytes, str]:
    """A file's bytes and name.

    Raises:
        NotFound: there is no such file.
        TooLarge: it has more than 200 MB.
        Unusable: it is a folder.
    """
    file = Path(path)
    if file.is_dir():
        raise Unusable(f"`{path}` is a folder; expected a CSV file.")
    if not file.is_file():
        raise NotFound(f"There is no file `{path}`. Give a CSV file's path or `builtin:NAME`.")
    _check_size(file.stat().st_size, file.name)
    return file.read_bytes(), file.name


def read(content: bytes, name: str) -> pd.DataFrame:
    """A CSV's bytes as a table: UTF-8, one header line, separated by comma, semicolon or tab.

    Raises:
        TooLarge: it has more than 200 MB or 1,000 columns.
        Unusable: it is empty or no table, a column's name is used twice, reserved or too long,
            or it has fewer than 30 rows.
    """
    _check_size(len(content), name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(
            f"`{name}` is not UTF-8 text (byte {error.start:,}). Save it as CSV in UTF-8."
        ) from error
    if not text.strip():
        raise Unusable(
            f"`{name}` is empty; expected a header line and at least {FEWEST_ROWS} rows."
        )
    separator, header = _header(text)
    _check_header(header, name)
    frame = _table(text, separator, name)
    if len(frame) < FEWEST_ROWS:
        raise Unusable(
            f"`{name}` has {len(frame)} row{'s' * (len(frame) != 1)}; expected at least"
            f" {FEWEST_ROWS}. Add rows."
        )
    return frame


def _check_size(size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise TooLarge(
            f"`{name}` has {size >> 20:,} MB; the limit is {MOST_BYTES >> 20} MB."
            " Train on a sample of it."
        )


def _header(text: str) -> tuple[str, list[str]]:
    """The separator that splits the first line into most names, and those names."""
    start = text.lstrip("\r\n")[:HEADER_CHARACTERS]
    found = {
        sep: next(csv.reader(io.StringIO(start, newline=None), delimiter=sep), [])
        for sep in SEPARATORS
    }
    best = max(SEPARATORS, key=lambda sep: len(found[sep]))
    return best, found[best]


def _check_header(names: list[str], name: str) -> None:
    if len(names) < 2:
        raise Unusable(
            f"`{name}` is not a table: its first line names one column. Expected a header of at"
            " least two, separated by commas, semicolons or tabs."
        )
    if len(names) > MOST_COLUMNS:
        raise TooLarge(
            f"`{name}` has {len(names):,} columns; the limit is {MOST_COLUMNS:,}. Leave some out."
        )
    twice = [column for column, n in Counter(names).items() if n > 1 and column]
    if twice:
        raise Unusable(f"`{name}` names more than one column {listed(twice)}. Rename them.")
    reserved = [column for column in names if column.startswith("__")]
    if reserved:
        raise Unusable(
            f"`{name}` has the columns {listed(reserved)}; names that begin with `__` are reserved."
            " Rename them."
        )
    long = [column for column in names if len(column) > LONGEST_NAME]
    if long:
        raise Unusable(
            f"`{name}` has a column name of {len(long[0])} characters; the limit is"
            f" {LONGEST_NAME}. Shorten it."
        )


def _table(text: str, separator: str, name: str) -> pd.DataFrame:
    try:
        # Whole columns at once, or a column's type could change half-way down.
        frame = pd.read_csv(io.StringIO(text), sep=separator, low_memory=False)
    except (pd.errors.ParserError, ValueError) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise Unusable(
            f"`{name}` is not a table: {reason}. Every row needs as many values as the header."
        ) from error
    if not isinstance(frame.index, pd.RangeIndex):
        raise Unusable(
            f"`{name}` is not a table: its rows have more values than the header names. Every row"
            " needs as many values as the header."
        )
    return frame
