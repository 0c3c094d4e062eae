"""Any number of versions on the same rows, in a table."""

from collections.abc import Sequence

import pandas as pd

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.comparison.sets import Rows


def table(
    database: Database,
    versions: Sequence[Version],
    rows: Rows,
    store: Store,
    *,
    timing: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    """Each version's metrics on the same rows, the best by the first metric first.

    Args:
        rows: `sets.rows` of these versions.
        timing: whether to measure how fast they answer.

    Returns:
        version (number; None for a draft), algorithm, aliases (text), features (how many), a
        column for each metric (`titles.FIRST` names the first of each task), behind, low, high
        (how much worse than the first row in its first metric, 0 or more where it is worse, with
        the 95 % interval of a paired bootstrap), clear (whether that interval leaves 0 out), n,
        and single_ms, batch_us_per_row, size_bytes (`speed.measure`; NaN when not measured).

    Raises:
        Unusable: the versions have different tasks, or a column is missing.
        ArtefactDamaged: a version's files are missing or altered.
    """
    raise NotImplementedError(database, versions, rows, store, timing, seed)
