"""The sketches of a version's columns over a window, or over each stretch of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy.engine import Connection

from backend.errors import ArtefactDamaged, Unusable
from backend.records import summary_rows
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.records.summaries import Sketch
from backend.versions.artefacts import Store
from console.drift.sketches.cells import ColumnCells, Groups
from console.drift.sketches.encoding import decode
from console.drift.statistics import Floats
from console.summaries.cut import Cut, Rest, cut, rest, within
from console.summaries.frozen import Frozen
from console.summaries.hourly import tidy
from console.summaries.prepared import prepared
from console.summaries.sketched import Novel, merged, novel_by, read_novel, readable
from console.windows import DAY, HOUR

MOST_STRETCHES = 10_000


@dataclass(frozen=True)
class Vectors:
    """The sketches of some rows that a version answered.

    Attributes:
        cells: of each column: the inputs in signature order, then the answers.
        vectors: the additive figures of each column, shape (cells.size,).
        novel: of each column, its new categories with their counts, at most 50.
        rows: how many rows they are of; those whose features cannot be read are not among them.
        pending: how many newer rows of the log (of any model) are not summarised yet and left
            out, at most; 0 when the answer is up to date.
    """

    cells: tuple[ColumnCells, ...]
    vectors: tuple[Floats, ...]
    novel: tuple[Novel, ...]
    rows: int
    pending: int


@dataclass(frozen=True)
class Stretches:
    """The sketches of each stretch of a window.

    Attributes:
        starts: of the stretches, UTC µs, multiples of their width, shape (n,).
        cells: of each column.
        vectors: of each column, shape (n, cells.size).
        novel: of each column, the new categories of each stretch.
        pending: as in `Vectors`.
    """

    starts: Groups
    cells: tuple[ColumnCells, ...]
    vectors: tuple[Floats, ...]
    novel: tuple[tuple[Novel, ...], ...]
    pending: int

    @property
    def rows(self) -> Groups:
        """The rows behind each stretch, shape (n,)."""
        if not self.vectors:
            return np.zeros(len(self.starts), dtype=np.int64)
        return self.vectors[0][:, 0].astype(np.int64)

    def at(self, place: int) -> Vectors:
        """One of the stretches."""
        return Vectors(
            self.cells,
            tuple(vectors[place] for vectors in self.vectors),
            tuple(novel[place] for novel in self.novel),
            int(self.rows[place]),
            self.pending,
        )


def window_vectors(database: Database, version: Version, window: Window, store: Store) -> Vectors:
    """The sketches of all rows that a version answered in a window; exactly those, to the row.

    Raises:
        ArtefactDamaged: the version has no sketches, as its reference could not be read.
    """
    start = np.array([window.start])
    return _gather(database, version, window, store, _Stretching(start, 0), None).at(0)


def stretches(
    database: Database,
    version: Version,
    window: Window,
    width_us: int,
    store: Store,
    columns: Sequence[str] | None = None,
) -> Stretches:
    """The sketches of each stretch of a window: empty ones too, the first and last cut to it.

    Args:
        width_us: of a stretch; each begins at a multiple of it. A multiple of an hour is read
            from the summaries, anything else from the log.
        columns: only these, inputs or `__score__`, `__value__`, `__label__`; None means all.

    Raises:
        ArtefactDamaged: the version has no sketches, as its reference could not be read.
        Unusable: more than 10,000 stretches.
    """
    first = window.start // width_us
    starts = np.arange(first, -(-window.end // width_us), dtype=np.int64) * width_us
    if len(starts) > MOST_STRETCHES:
        raise Unusable(
            f"{len(starts):,} stretches are too many to show; expected at most"
            f" {MOST_STRETCHES:,}. Choose longer ones."
        )
    return _gather(database, version, window, store, _Stretching(starts, width_us), columns)


@dataclass(frozen=True)
class _Stretching:
    """Stretches by their starts; `width` 0 means a single one."""

    starts: Groups
    width: int

    def places(self, times: Groups) -> Groups:
        """The stretch of each time."""
        if not self.width:
            return np.zeros(len(times), dtype=np.int64)
        places: Groups = (times - self.starts[0]) // self.width
        return places

    def cut(self, connection: Connection, model: str, window: Window) -> Cut:
        """The window in parts that lie in one stretch each."""
        if self.width % HOUR:
            return Cut(Window(0, 0), (), (window,))
        return cut(connection, model, window, days=self.width % DAY == 0)


def _gather(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    into: _Stretching,
    columns: Sequence[str] | None,
) -> Stretches:
    with database.snapshot() as connection:
        kept = summary_rows.cells(connection, version.id)
        parts = into.cut(connection, version.model, window)
        left = rest(connection)
        found = prepared(database, version, store, kept).frozen
        _refuse_a_problem(found)
        chosen = [c for c in found.cells if columns is None or c.feature.name in columns]
        sums = _Sums(chosen, into)
        for grain, windows in (("day", (parts.days,)), ("hour", parts.hours)):
            for one in windows:
                names = list(sums.places)
                sums.add(
                    summary_rows.sketches_between(connection, version.id, grain, one, names)
                    if one.start < one.end
                    else []
                )
        rows = _live(connection, version, window, parts, left)
    sums.add_rows(found, rows)
    return sums.found(left.pending)


def _live(
    connection: Connection, version: Version, window: Window, parts: Cut, left: Rest
) -> pd.DataFrame:
    """The answered rows that no summary holds: those of the edges, and the rest."""
    edges = summary_rows.rows_within(
        connection, version.model, parts.edges, left.summarised, features=True
    )
    beyond = left.rows[left.rows["model"] == version.model]
    # Concatenating what is empty would change the types of what is not.
    both = [tidy(part) for part in (edges, within(beyond, [window]))]
    some = [part[edges.columns] for part in both if len(part)] or both[:1]
    rows: pd.DataFrame = pd.concat(some, ignore_index=True)
    # A draft has no number, and 0 is none's.
    mine = (rows["version"] == (version.number or -1)) & (rows["outcome"] == "answered")
    return rows[mine]


class _Sums:
    """Vectors and new categories of some columns, added up by stretch."""

    def __init__(self, cells: Sequence[ColumnCells], into: _Stretching) -> None:
        self.places = {one.feature.name: place for place, one in enumerate(cells)}
        self._cells = tuple(cells)
        self._into = into
        n = len(into.starts)
        self._vectors = tuple(np.zeros((n, one.size)) for one in cells)
        self._novel: tuple[list[Novel], ...] = tuple([{} for _ in range(n)] for _ in cells)

    def add(self, sketches: Sequence[Sketch]) -> None:
        """Add stored sketches of hours or days."""
        starts = np.array([sketch.start for sketch in sketches], dtype=np.int64)
        for sketch, at in zip(sketches, self._into.places(starts).tolist(), strict=True):
            column = self.places[sketch.feature]
            vector = self._vectors[column][at]
            vector += decode(sketch.vector, len(vector))
            if sketch.novel:
                self._add_novel(column, at, read_novel(sketch.novel))

    def add_rows(self, version: Frozen, rows: pd.DataFrame) -> None:
        """Add rows of the log."""
        if rows.empty:
            return
        columns, kept = readable(version, rows)
        groups = self._into.places(kept["at"].to_numpy(dtype=np.int64))
        for column, cells in enumerate(self._cells):
            values = columns[cells.feature.name]
            vectors = cells.vectors_by(values, groups, len(self._into.starts))
            self._vectors[column][:] += vectors
            for at, novel in enumerate(novel_by(cells, values, vectors, groups)):
                if novel:
                    self._add_novel(column, at, novel)

    def found(self, pending: int) -> Stretches:
        """What was added up."""
        novel = tuple(map(tuple, self._novel))
        return Stretches(self._into.starts, self._cells, self._vectors, novel, pending)

    def _add_novel(self, column: int, at: int, novel: Novel) -> None:
        self._novel[column][at] = merged([self._novel[column][at], novel])


def _refuse_a_problem(version: Frozen) -> None:
    if version.problem is not None:
        raise ArtefactDamaged(
            f"{version.problem} Its predictions are counted, but have no sketches. Once it can be"
            " read again, derive them with `python -m console summaries --rebuild`."
        )
