"""A version's log as blocks: whole hours or days, merged until they hold enough rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.records import stretches
from backend.records.database import Database
from backend.records.log import Filter
from console.watching.detector import Detector
from console.watching.ranks import Floats, Ints
from console.watching.results import Block
from console.windows import DAY, HOUR

WIDTHS: dict[Block, int] = {"hour": HOUR, "day": DAY}
ROWS: dict[Block, int] = {"hour": 200, "day": 500}
"""At most so many rows of an hour or a day, drawn at random."""
LEAST_ROWS = 30
"""Of a block; with fewer it is merged with those that follow."""
AT_ONCE = 168  # blocks read at a time, so that a long stretch takes no more memory than a short one


@dataclass(frozen=True)
class Piece:
    """A block: from `start` to `end` (UTC µs), and its rows' bins, each (features, rows)."""

    start: int
    end: int
    values: Ints
    missing: Ints

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return int(self.values.shape[1])


@dataclass(frozen=True)
class Source:
    """Where rows come from: the log of `which` (its window aside), ranked by `detector`."""

    database: Database
    which: Filter
    detector: Detector
    seed: int

    def read(self, edges: list[int], limit: int) -> tuple[Ints, Ints, Ints]:
        """At most `limit` rows of each stretch between edges: their times, and their bins."""
        names = [feature.name for feature in self.detector.features]
        rows = stretches.sampled(self.database, self.which, names, edges, limit)
        at = rows["__at__"].to_numpy(dtype=np.int64)
        return at, *self.detector.codes(rows, self._ties(at, edges))

    def pieces(self, kind: Block, start: int, end: int) -> Iterator[Piece]:
        """The blocks between two times; what is left at the end with too few rows is not one."""
        width = WIDTHS[kind]
        edges = [*range(up(start, width), end + 1, width)]
        held: list[Piece] = []
        for place in range(0, len(edges) - 1, AT_ONCE):
            part = edges[place : place + AT_ONCE + 1]
            for piece in self._cut(part, ROWS[kind]):
                held.append(piece)
                if sum(one.rows for one in held) >= LEAST_ROWS:
                    yield _merged(held)
                    held = []

    def _cut(self, edges: list[int], limit: int) -> Iterator[Piece]:
        at, values, missing = self.read(edges, limit)
        places = np.searchsorted(at, edges)
        for i in range(len(edges) - 1):
            rows = slice(places[i], places[i + 1])
            yield Piece(edges[i], edges[i + 1], values[:, rows], missing[:, rows])

    def _ties(self, at: Ints, edges: list[int]) -> Floats:
        """Tie-breakers that are a stretch's own, whatever is read beside it."""
        counts = np.diff(np.searchsorted(at, edges)).tolist()
        shape = 2, len(self.detector.features)
        return np.concatenate(
            [
                np.random.default_rng([self.seed, start]).random((*shape, n))
                for start, n in zip(edges[:-1], counts, strict=True)
            ],
            axis=2,
        )


def up(moment: int, width: int) -> int:
    """The first multiple of `width` at or after a time."""
    return -(-moment // width) * width


def _merged(held: list[Piece]) -> Piece:
    return Piece(
        held[0].start,
        held[-1].end,
        np.concatenate([one.values for one in held], axis=1),
        np.concatenate([one.missing for one in held], axis=1),
    )


def frame_of(rows: list[tuple[int, int, int, float, float, str]]) -> pd.DataFrame:
    """The judged blocks as `Evidence.frame`."""
    names = ["start", "end", "n", "log_evidence", "e_value", "leading"]
    kinds = ["int64", "int64", "int64", "float64", "float64", "object"]
    return pd.DataFrame(rows, columns=names).astype(dict(zip(names, kinds, strict=True)))
