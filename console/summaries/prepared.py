"""A version's bins with the sketch of its whole reference, kept for the next reader."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from backend.records.database import Database
from backend.records.registry import Version
from backend.records.summaries import Cells
from backend.versions import artefacts
from backend.versions.artefacts import REFERENCE, Store
from console.drift.statistics import Floats
from console.drift.values import column_of
from console.summaries.frozen import Frozen, frozen

MOST_KEPT = 16


@dataclass(frozen=True)
class Prepared:
    """A version ready to be compared with.

    Attributes:
        frozen: its columns.
        reference: the vector of the whole reference, of each column; empty with a problem.
        rows: of the reference.
    """

    frozen: Frozen
    reference: tuple[Floats, ...]
    rows: int


_Key = tuple[int, int, str | None]
_kept: OrderedDict[_Key, tuple[bytes | None, Prepared]] = OrderedDict()
_lock = threading.Lock()


def prepared(database: Database, version: Version, store: Store, kept: Cells | None) -> Prepared:
    """The version, with the bins that `kept` has or else new ones.

    A reference that cannot be read is a `problem` of what is found, not an error.

    Raises:
        ArtefactDamaged: the bins are kept, and the reference cannot be read any more.
        Unavailable: the database, or the key that signs versions, cannot be used.
    """
    # Ids begin anew in every database; the rest tells them apart.
    key = (version.id, version.created_at, version.files.get(REFERENCE))
    content = None if kept is None else kept.cells
    with _lock:
        known = _kept.get(key)
        if known is not None and (kept is None or known[0] == content):
            _kept.move_to_end(key)
            return known[1]
    found = _prepare(database, version, store, kept)
    if found.frozen.problem is None:
        with _lock:
            _kept[key] = (content or found.frozen.row.cells, found)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return found


def _prepare(database: Database, version: Version, store: Store, kept: Cells | None) -> Prepared:
    found = frozen(database, version, store, kept)
    if found.problem is not None:
        return Prepared(found, (), 0)
    table = artefacts.table(database, version, REFERENCE, store)
    vectors = tuple(cells.vector(column_of(table, cells.feature.name)) for cells in found.cells)
    return Prepared(found, vectors, len(table))
