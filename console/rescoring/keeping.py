"""Random rows of a stream, so many at most and each as likely as any other."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_KEY = "__key__"


class Reservoir:
    """At most `size` rows of all that are offered.

    Each row draws a number, and those with the least numbers are kept: a row that will not be kept
    is never copied.

    Source: bottom-k sampling: Cohen and Kaplan (2007), "Summarizing Data Using Bottom-k Sketches",
    PODC, section 1.
    """

    def __init__(self, size: int, random: np.random.Generator) -> None:
        self._size, self._random = size, random
        self._below = 1.0
        self._parts: list[pd.DataFrame] = []
        self._held = 0

    def offer(
        self, places: NDArray[np.int64], rows_of: Callable[[NDArray[np.int64]], pd.DataFrame]
    ) -> None:
        """Offer rows.

        Args:
            places: which rows there are.
            rows_of: gives those at some of the places as a table.
        """
        keys = self._random.random(len(places))
        some = np.flatnonzero(keys < self._below)
        if len(some) > self._size:
            some = np.sort(some[np.argpartition(keys[some], self._size)[: self._size]])
        if not len(some):
            return
        self._parts.append(rows_of(places[some]).assign(**{_KEY: keys[some]}))
        self._held += len(some)
        if self._held >= 2 * self._size:
            self._cut()

    def rows(self) -> pd.DataFrame:
        """What was kept, in the order in which it was offered; without columns if nothing was."""
        self._cut()
        return self._parts[0].drop(columns=_KEY) if self._parts else pd.DataFrame()

    def _cut(self) -> None:
        if not self._parts:
            return
        held = pd.concat(self._parts, ignore_index=True)
        if len(held) > self._size:
            held = held.loc[np.sort(np.argsort(held[_KEY].to_numpy())[: self._size])]
            held = held.reset_index(drop=True)
            self._below = float(held[_KEY].max())
        self._parts, self._held = [held], len(held)
