"""Many rows in one statement, on either database: how the log and the shadow's answers get in.

SQLAlchemy's own insert costs twice as much a row. On SQLite one multi-row VALUES measured best; on
PostgreSQL one array a column, so that the statement is the same for any number of rows.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# SQLite takes 32,766 parameters a statement; 200 rows of 13 measure best.
ROWS_PER_STATEMENT = 200

Values = Sequence[Any]


class Insert:
    """Inserts rows of one table.

    Args:
        table: its name.
        kinds: the columns that a row holds, in order, with PostgreSQL's types.
        often_alike: columns that most rows of a batch have in common.
    """

    def __init__(self, table: str, kinds: Mapping[str, str], often_alike: Sequence[str]) -> None:
        columns = list(kinds)
        self._into = f"INSERT INTO {table} ({', '.join(columns)})"
        self._may_share = tuple(columns.index(name) for name in often_alike)
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds.values())
        self._unnest = f"{self._into} SELECT * FROM unnest({arrays})"  # noqa: S608  # our own names

    def statements(
        self, rows: Sequence[Values], is_sqlite: bool
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The statements that insert `rows`, each with its parameters, for the driver."""
        if not is_sqlite:
            if rows:
                yield self._unnest, tuple(list(column) for column in zip(*rows, strict=True))
            return
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            yield self._statement(rows[start : start + ROWS_PER_STATEMENT])

    def _statement(self, rows: Sequence[Values]) -> tuple[str, tuple[Any, ...]]:
        """One statement for SQLite.

        What all rows have in common is one parameter: the driver takes 0.4 µs for each that it
        binds, and sharing them saves a quarter of an insert.
        """
        columns = list(zip(*rows, strict=True))
        shared = tuple(
            place
            for place in self._may_share
            if columns[place].count(columns[place][0]) == len(rows)
        )
        common = [columns[place][0] for place in shared]
        own = [column for place, column in enumerate(columns) if place not in shared]
        values = itertools.chain(common, itertools.chain.from_iterable(zip(*own, strict=True)))
        return _text(self._into, len(columns), len(rows), shared), tuple(values)


@functools.lru_cache(1_000)
def _text(into: str, width: int, rows: int, shared: tuple[int, ...]) -> str:
    numbers = itertools.count(len(shared) + 1)
    ones = []
    for _ in range(rows):
        marks = (
            f"?{shared.index(place) + 1 if place in shared else next(numbers)}"
            for place in range(width)
        )
        ones.append(f"({','.join(marks)})")
    return f"{into} VALUES {','.join(ones)}"
