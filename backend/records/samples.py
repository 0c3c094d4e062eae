"""Random rows of a window by their ids, without reading or sorting the window.

Where a window holds few rows their ids are listed by the index and drawn from. Where it holds
many, ids are drawn uniformly from the ranges in which the window's rows lie, and those that are
of the window are kept: rejection sampling, so that each row of the window is as likely as any
other. The ranges come from the hourly summaries, and from the rows that these do not hold yet.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from backend.records import summary_rows
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.tables import predictions

LISTED = 200_000
"""Up to so many rows all ids are listed, which takes some tenths of a second."""
_AT_ONCE = 5_000
# A row that is looked up by its id costs about as much as three that are listed.
_LOOK_UP_COST = 3
Ids = NDArray[np.int64]


def ids(
    database: Database,
    model: str,
    window: Window,
    clauses: Sequence[sa.ColumnElement[bool]],
    n: int,
    seed: int = 0,
) -> list[int] | None:
    """The ids of `n` rows drawn at random, without repetition, ascending.

    Args:
        model, window: what the rows are of; bounds where they are looked for.
        clauses: conditions on `predictions` that they fulfil, those of model and window included.
        n: how many, 1 or more.
        seed: the same draws the same rows, as long as the log and its summaries are the same.

    Returns:
        None when no more than `n` rows fulfil the conditions: all of them are the sample. (Of
        exactly `n` it may find all instead.)
    """
    generator = np.random.default_rng(seed)
    with database.snapshot() as connection:
        if not _has_more(connection, model, window):
            return _from_list(connection, clauses, n, generator)
        ranges = summary_rows.id_ranges(connection, model, window)
        found = _by_rejection(connection, ranges, clauses, n, generator)
        return _from_list(connection, clauses, n, generator) if found is None else found


def _has_more(connection: Connection, model: str, window: Window) -> bool:
    """Whether a window has more rows than are listed; looks at the index alone."""
    c = predictions.c
    within = (c.model == model, c.at >= window.start, c.at < window.end)
    some = sa.select(c.at).where(*within).offset(LISTED).limit(1)
    return connection.scalar(some) is not None


def _from_list(
    connection: Connection,
    clauses: Sequence[sa.ColumnElement[bool]],
    n: int,
    generator: np.random.Generator,
) -> list[int] | None:
    c = predictions.c
    found = connection.scalars(sa.select(c.id).where(*clauses)).all()
    if len(found) <= n:
        return None
    # Ascending first: the order in which a database lists them is its own.
    drawn: list[int] = sorted(generator.choice(sorted(found), n, replace=False).tolist())
    return drawn


def _by_rejection(
    connection: Connection,
    ranges: Sequence[tuple[int, int]],
    clauses: Sequence[sa.ColumnElement[bool]],
    n: int,
    generator: np.random.Generator,
) -> list[int] | None:
    """Draw until `n` are found; None when listing all ids costs less than going on."""
    c = predictions.c
    found: list[int] = []
    looked_up = 0
    total = sum(most - least + 1 for least, most in ranges)
    # As conditions on columns SQLite would take them for the index's, and read the whole window.
    fulfilled = sa.case((sa.and_(*clauses), 1), else_=0) == 1
    for part in _drawn(ranges, generator):
        query = sa.select(c.id).where(c.id.in_(part.tolist()), fulfilled)
        hits = set(connection.scalars(query).all())
        found += [row for row in part.tolist() if row in hits]
        looked_up += len(part)
        if len(found) >= n:
            # The first in the order of drawing: any other choice of them would favour some.
            return sorted(found[:n])
        still = (n - len(found)) * looked_up / max(len(found), 1)
        if still * _LOOK_UP_COST > total:
            return None
    return None


def _drawn(ranges: Sequence[tuple[int, int]], generator: np.random.Generator) -> Iterator[Ids]:
    """The ids of some ranges in random order, each once, some at a time."""
    starts = np.array([least for least, _ in ranges], dtype=np.int64)
    lengths = np.array([most - least + 1 for least, most in ranges], dtype=np.int64)
    ends = np.cumsum(lengths)
    seen: set[int] = set()
    while ends.size and len(seen) < ends[-1]:
        places = generator.integers(0, ends[-1], _AT_ONCE)
        fresh = [place for place in dict.fromkeys(places.tolist()) if place not in seen]
        seen.update(fresh)
        at = np.array(fresh, dtype=np.int64)
        ranged = np.searchsorted(ends, at, side="right")
        yield starts[ranged] + at - (ends - lengths)[ranged]
