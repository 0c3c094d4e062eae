"""On which rows versions are compared: held-out ones, logged ones with truth, or a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store


@dataclass(frozen=True)
class HeldOut:
    """The held-out rows of the last version, those that no other of them may have seen."""


@dataclass(frozen=True)
class Logged:
    """The rows of a window of the model's log whose truth is known, whoever answered them."""

    window: Window


@dataclass(frozen=True)
class Table:
    """A table with the target's column, as training reads one.

    Attributes:
        name: of the file, for sentences.
        frame: the rows.
        fingerprint: as `console.training.datasets` gives it; empty when not known.
    """

    name: str
    frame: pd.DataFrame
    fingerprint: str = ""


Chosen = HeldOut | Logged | Table


@dataclass(frozen=True)
class Rows:
    """Rows with truth that all versions compared can answer.

    Attributes:
        kind: `held-out`, `log` or `table`.
        title: what they are, for people: `171 held-out rows of version 2`.
        frame: the features of all versions, and `__truth__` (a label of the target's own, or a
            value). Rows of the log have `__prediction_id__` and `__at__` (UTC µs) too.
        n_found: rows with truth before any was left out or drawn.
        warning: why the rows may favour a version; empty when none was trained on them.
        notes: which rows were left out, and why, in sentences.
        window: of rows of the log, else None.
    """

    kind: str
    title: str
    frame: pd.DataFrame
    n_found: int
    warning: str = ""
    notes: tuple[str, ...] = field(default=())
    window: Window | None = None

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.frame)


def open_table(spec: str) -> Table:
    """The table that `builtin:NAME` or the path of a CSV or parquet file names.

    Raises:
        NotFound: there is no such data set or file.
        Unusable, TooLarge: it cannot be read as a table.
    """
    raise NotImplementedError(Path(spec))


def uploaded(content: bytes, name: str) -> Table:
    """The bytes of a CSV or parquet file as a table.

    Raises:
        Unusable, TooLarge: they cannot be read as a table.
    """
    raise NotImplementedError(name)


def rows(database: Database, versions: Sequence[Version], chosen: Chosen, store: Store) -> Rows:
    """The rows that were chosen, as far as all of the versions can answer them.

    Of more than 50,000 rows a random 50,000 are taken.

    Args:
        versions: of one task; held-out rows are those of the last.

    Raises:
        Unusable: a column is missing, or fewer than 30 rows are left.
        ArtefactDamaged: a version's held-out rows are missing or altered.
    """
    raise NotImplementedError(database, versions, chosen, store)
