"""Tables with the target's column, fit to be compared on: which rows are fair to all versions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import listed
from backend.versions.signature import Signature
from console.comparison.chosen import FEWEST_ROWS, MOST_ROWS, ROW, TRUTH, Rows, Table
from console.comparison.held_out import named, seen
from console.comparison.usable import Bools, usable


def table_rows(database: Database, versions: Sequence[Version], table: Table, store: Store) -> Rows:
    """The rows of a table that all versions can answer and none was trained on, where known.

    Of the very table that a version was trained on, only the rows that it held out are taken, and
    those from the time on up to which it was trained.

    Raises:
        Unusable: it lacks the target or a feature, or fewer than 30 rows are left.
        ArtefactDamaged: a version's held-out rows are missing or altered.
    """
    target = Signature.from_json(versions[-1].signature).target
    _check(table, versions, target)
    known = table.frame[table.frame[target].notna()]
    frame, notes, warnings = known, [], []
    for version in versions:
        if not table.fingerprint or version.data.get("fingerprint") != table.fingerprint:
            continue
        fair = frame[_unseen(database, version, frame, table.time, store)]
        if len(fair) < FEWEST_ROWS:
            warnings.append(seen(version, f"it was trained on `{table.name}`"))
        elif len(fair) < len(frame):
            gone = len(frame) - len(fair)
            notes.append(
                f"{gone:,} row{'s' * (gone != 1)} of `{table.name}` are left out: {named(version)}"
                " was trained on them."
            )
            frame = fair
    if len(frame) > MOST_ROWS:
        notes.append(f"They were drawn at random from {len(frame):,} rows.")
        frame = frame.sample(MOST_ROWS, random_state=0).sort_index()
    truth = frame[target]
    features = dict.fromkeys(
        f for one in versions for f in Signature.from_json(one.signature).names
    )
    found = usable(
        frame[list(features)].assign(**{TRUTH: truth}), versions, f"rows of `{table.name}`"
    )
    title = f"{len(found.frame):,} rows of `{table.name}`"
    return Rows("table", title, found.frame, len(known), " ".join(warnings), (*notes, *found.notes))


def _unseen(
    database: Database, version: Version, frame: pd.DataFrame, time: str | None, store: Store
) -> Bools:
    """Which rows of its own table a version was not trained on."""
    kept = artefacts.table(database, version, artefacts.HELDOUT, store)[ROW]
    unseen = frame.index.isin(kept)
    until = version.data.get("until")
    if until and time is not None and version.data.get("time") == time:
        later = frame[time] >= pd.to_datetime(str(until), utc=True)
        unseen |= later.to_numpy(dtype=bool)
    return np.asarray(unseen, dtype=bool)


def _check(table: Table, versions: Sequence[Version], target: str) -> None:
    columns = set(table.frame.columns)
    if target not in columns:
        raise Unusable(
            f"`{table.name}` has no column `{target}`, which says what was true. Add it, or choose"
            " another table."
        )
    for version in versions:
        names = Signature.from_json(version.signature).names
        missing = [name for name in names if name not in columns]
        if missing:
            raise Unusable(
                f"`{table.name}` lacks the columns {listed(missing)}, which {named(version)}"
                " needs. Add them."
            )
