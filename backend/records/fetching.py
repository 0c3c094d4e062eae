"""Many rows as the driver gives them, without what SQLAlchemy and the collector add to each."""

import contextlib
import gc
from collections.abc import Iterator
from typing import Any

from sqlalchemy.engine import CursorResult


def columns_of(result: "CursorResult[Any]", width: int) -> list[tuple[Any, ...]]:
    """All rows of a result of `width` columns, by column; a tuple each, empty without rows.

    SQLAlchemy's own rows cost as much again as the driver's tuples.
    """
    with _uncollected():
        found = list(zip(*result.cursor.fetchall(), strict=True))
    return found or [()] * width


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which walks ten thousands of new tuples again and again.

    That is two thirds of the time of reading them, and there is no cycle in plain values.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
