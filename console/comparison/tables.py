"""Tables with the target's column: opened as training opens them, and fit to be compared on."""

import io
from collections.abc import Sequence

import pandas as pd

from backend.errors import TooLarge, Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import listed
from backend.versions.signature import Signature
from console.comparison.chosen import FEWEST_ROWS, MOST_ROWS, ROW, TRUTH, Rows, Table
from console.comparison.held_out import named, seen
from console.comparison.usable import usable
from console.training import csv_files, datasets

_PARQUET = b"PAR1"


def open_table(spec: str) -> Table:
    """The table that `builtin:NAME` or the path of a CSV or parquet file names.

    Raises:
        NotFound: there is no such data set or file.
        Unusable, TooLarge: it cannot be read as a table.
    """
    if spec.startswith(datasets.PREFIX):
        found = datasets.load(spec)
        return Table(found.name, found.frame, found.fingerprint)
    return uploaded(*csv_files.open_file(spec))


def uploaded(content: bytes, name: str) -> Table:
    """The bytes of a CSV or parquet file as a table.

    Raises:
        Unusable, TooLarge: they cannot be read as a table.
    """
    if not content.startswith(_PARQUET):
        found = datasets.from_csv(content, name)
        return Table(name, found.frame, found.fingerprint)
    if len(content) > csv_files.MOST_BYTES:
        raise TooLarge(
            f"`{name}` has {len(content) >> 20:,} MB; the limit is {csv_files.MOST_BYTES >> 20} MB."
            " Compare on a sample of it."
        )
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (ValueError, OSError) as error:  # pyarrow's own errors are ValueErrors
        raise Unusable(
            f"`{name}` cannot be read as parquet: {str(error).splitlines()[0][:200]}. Write it"
            " again, or give a CSV file."
        ) from error
    frame = frame.rename(columns=str).reset_index(drop=True)
    reserved = [column for column in frame.columns if column.startswith("__")]
    if reserved:
        raise Unusable(
            f"`{name}` has the columns {listed(reserved)}; names that begin with `__` are reserved."
            " Rename them."
        )
    return Table(name, frame, datasets.fingerprint_of(frame))


def table_rows(database: Database, versions: Sequence[Version], table: Table, store: Store) -> Rows:
    """The rows of a table that all versions can answer and none was trained on, where known.

    Of the very table that a version was trained on, only the rows that it held out are taken.

    Raises:
        Unusable: it lacks the target or a feature, or fewer than 30 rows are left.
        ArtefactDamaged: a version's held-out rows are missing or altered.
    """
    target = versions[-1].target
    _check(table, versions)
    known = table.frame[table.frame[target].notna()]
    frame, notes, warnings = known, [], []
    for version in versions:
        if not table.fingerprint or version.data.get("fingerprint") != table.fingerprint:
            continue
        kept = artefacts.table(database, version, artefacts.HELDOUT, store)[ROW]
        fair = frame[frame.index.isin(kept)]
        if len(fair) < FEWEST_ROWS:
            warnings.append(seen(version, f"it was trained on `{table.name}`"))
        elif len(fair) < len(frame):
            gone = len(frame) - len(fair)
            notes.append(
                f"{gone:,} rows are left out: {named(version)} was trained on this table and held"
                " out the others."
            )
            frame = fair
    if len(frame) > MOST_ROWS:
        notes.append(f"They were drawn at random from {len(frame):,} rows.")
        frame = frame.sample(MOST_ROWS, random_state=0).sort_index()
    named_truth = frame.drop(columns=target).assign(**{TRUTH: frame[target]})
    features = {f for one in versions for f in Signature.from_json(one.signature).names}
    columns = [name for name in named_truth.columns if name in features or name == TRUTH]
    found = usable(named_truth[columns], versions, f"rows of `{table.name}`")
    title = f"{len(found.frame):,} rows of `{table.name}`"
    return Rows("table", title, found.frame, len(known), " ".join(warnings), (*notes, *found.notes))


def _check(table: Table, versions: Sequence[Version]) -> None:
    target, columns = versions[-1].target, set(table.frame.columns)
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
