"""The columns of a version as they are summarised: its inputs and its answers, in frozen bins."""

from dataclasses import dataclass

import pandas as pd

from backend.errors import ArtefactDamaged
from backend.records.columns import Layout
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.summaries import Cells
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.drift.report import outputs_of
from console.drift.sketches.cells import ColumnCells, freeze
from console.drift.sketches.encoding import from_bytes, to_bytes

_ANSWERS = {"__score__": "score", "__value__": "value", "__label__": "label"}


@dataclass(frozen=True)
class Frozen:
    """A version's columns.

    Attributes:
        version_id: of its row.
        layout: how the log holds its features.
        cells: of the inputs in signature order, then of the answers; empty with a `problem`.
        n_inputs: how many of them are inputs.
        problem: why there are none; None if there are.
        stored: whether the database has them already.
    """

    version_id: int
    layout: Layout
    cells: tuple[ColumnCells, ...]
    n_inputs: int
    problem: str | None
    stored: bool

    @property
    def names(self) -> list[str]:
        """The columns' names, in the order of `cells`."""
        return [cells.feature.name for cells in self.cells]

    @property
    def row(self) -> Cells:
        """What the database keeps of them."""
        content = to_bytes(self.cells) if self.problem is None else None
        return Cells(self.version_id, content, self.problem)

    def columns(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of the log as a table with a column for each of `cells`, in the rows' order.

        Args:
            rows: answered by the version; `features` as stored, `label`, `value`, `score`.

        Raises:
            ValueError, TypeError, msgspec.MsgspecError: features that cannot be read.
        """
        found = self.layout.frame(rows["features"].tolist())
        for cells in self.cells[self.n_inputs :]:
            name = cells.feature.name
            found[name] = rows[_ANSWERS[name]].to_numpy()
        return found


def frozen(database: Database, version: Version, store: Store, kept: Cells | None) -> Frozen:
    """The frozen bins of a version: the kept ones, else made from its reference as it is now.

    A reference that cannot be read is a `problem`, not an error.

    Raises:
        Unavailable: the database, or the key that signs versions, cannot be used.
    """
    signature = Signature.from_json(version.signature)
    features = (*signature.features, *outputs_of(signature))
    layout, n_inputs = Layout.of(version.signature), len(signature.features)
    cells: tuple[ColumnCells, ...] = ()
    problem = None if kept is None else kept.problem
    try:
        if kept is None:
            table = artefacts.table(database, version, artefacts.REFERENCE, store)
            cells = freeze(features, table)
        elif kept.cells is not None:
            cells = from_bytes(kept.cells, features)
    except ArtefactDamaged as error:
        problem = error.detail
    return Frozen(version.id, layout, cells, n_inputs, problem, stored=kept is not None)
