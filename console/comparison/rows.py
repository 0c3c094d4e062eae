"""The rows on which two versions are compared, and whether they are fair to both."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.records.database import Database
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import listed
from backend.versions.signature import Signature

FEWEST_ROWS = 30
MOST_ROWS = 50_000  # resampling more takes minutes and narrows no interval that matters
ROW = "__row__"
TRUTH = "__truth__"


@dataclass(frozen=True)
class CommonRows:
    """Held-out rows that both versions can answer.

    Attributes:
        frame: the columns of both signatures, and `__truth__`.
        warning: why the rows may favour the first version; empty when neither has seen them.
    """

    frame: pd.DataFrame
    warning: str


def common_rows(database: Database, a: Version, b: Version, store: Store) -> CommonRows:
    """The held-out rows of `b`, without those that `a` may have been trained on where it is known.

    Versions of the same data (by fingerprint) are compared on the rows that both held out, and
    columns that `b` does not use come from the rows of `a`. Of more than 50,000 rows a random
    50,000 are taken.

    Raises:
        Unusable: a column that `a` needs is in neither, or fewer than 30 rows are left.
        ArtefactDamaged: a version's held-out rows are missing or altered.
    """
    theirs = artefacts.table(database, b, artefacts.HELDOUT, store)
    frame, warning = theirs, ""
    if _same_data(a, b):
        ours = artefacts.table(database, a, artefacts.HELDOUT, store)
        both = np.intersect1d(ours[ROW], theirs[ROW])
        if len(both) >= FEWEST_ROWS:
            frame = _joined(theirs, ours)
        elif len(both) < len(theirs):
            warning = _seen(a, "it held out other rows of the same data")
    else:
        warning = _seen(a, "the two were trained on different data")
    _check(frame, a, b)
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=0)
    return CommonRows(frame.reset_index(drop=True), warning)


def named(version: Version) -> str:
    """A version in a sentence."""
    return f"draft {version.id}" if version.number is None else f"version {version.number}"


def _same_data(a: Version, b: Version) -> bool:
    fingerprints = {version.data.get("fingerprint") for version in (a, b)}
    return len(fingerprints) == 1 and None not in fingerprints


def _joined(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """The shared rows with every column that either table has."""
    extra = [name for name in ours.columns if name not in theirs.columns]
    return theirs.merge(ours[[ROW, *extra]], on=ROW, how="inner", validate="1:1")


def _seen(a: Version, reason: str) -> str:
    name = named(a)
    return (
        f"{name[0].upper()}{name[1:]} may have been trained on some of these rows ({reason}), which"
        " flatters it."
    )


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
