"""The held-out rows on which versions are compared, and whether they are fair to all."""

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
from console.comparison.chosen import FEWEST_ROWS, MOST_ROWS, ROW, Rows


def held_out(database: Database, versions: Sequence[Version], store: Store) -> Rows:
    """The held-out rows of the last version, without those that others may have been trained on.

    Versions of the same data (by fingerprint) are compared on the rows that all held out, and
    columns that the last does not use come from the rows of the others. Of more than 50,000 rows
    a random 50,000 are taken.

    Raises:
        Unusable: a column that one needs is in none, or fewer than 30 rows are left.
        ArtefactDamaged: a version's held-out rows are missing or altered.
    """
    b = versions[-1]
    frame = artefacts.table(database, b, artefacts.HELDOUT, store)
    n_found, warnings = len(frame), []
    for a in versions[:-1]:
        if not same_data(a, b):
            warnings.append(seen(a, "the two were trained on different data"))
            continue
        ours = artefacts.table(database, a, artefacts.HELDOUT, store)
        both = np.intersect1d(ours[ROW], frame[ROW])
        if len(both) >= FEWEST_ROWS:
            frame = _joined(frame, ours)
        elif len(both) < len(frame):
            warnings.append(seen(a, "it held out other rows of the same data"))
    for a in versions[:-1]:
        _check(frame, a, b)
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=0)
    title = held_out_title(len(frame), b)
    return Rows("held-out", title, frame.reset_index(drop=True), n_found, " ".join(warnings))


def held_out_title(n: int, version: Version) -> str:
    """What `n` held-out rows of a version are, for people."""
    return f"{n:,} held-out row{'s' * (n != 1)} of {named(version)}"


def named(version: Version) -> str:
    """A version in a sentence."""
    return f"draft {version.id}" if version.number is None else f"version {version.number}"


def started(name: str) -> str:
    """A name at the start of a sentence."""
    return f"{name[0].upper()}{name[1:]}"


def same_data(a: Version, b: Version) -> bool:
    """Whether two versions were trained on the same table."""
    fingerprints = {version.data.get("fingerprint") for version in (a, b)}
    return len(fingerprints) == 1 and None not in fingerprints


def seen(version: Version, reason: str) -> str:
    """The warning that a version may know the rows already."""
    return (
        f"{started(named(version))} may have been trained on some of these rows ({reason}), which"
        " flatters it."
    )


def _joined(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """The shared rows with every column that either table has."""
    extra = [name for name in ours.columns if name not in theirs.columns]
    return theirs.merge(ours[[ROW, *extra]], on=ROW, how="inner", validate="1:1")


def _check(frame: pd.DataFrame, a: Version, b: Version) -> None:
    needed = Signature.from_json(a.signature).names
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise Unusable(
            f"{named(a).capitalize()} and {named(b)} of `{b.model}` cannot be compared: the"
            f" held-out rows of {named(b)} lack {listed(missing)}. Train both on the same data."
        )
    if len(frame) < FEWEST_ROWS:
        raise Unusable(
            f"A comparison needs at least {FEWEST_ROWS} held-out rows; {named(b)} of `{b.model}`"
            f" has {len(frame)}. Train it with a greater test share."
        )
