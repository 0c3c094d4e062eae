"""Drift of a version from its summaries: any window in milliseconds, however many rows it has."""

from collections.abc import Sequence

import pandas as pd

from backend.records import summary_rows
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from backend.versions.features import Feature
from console.drift.columns import Measured
from console.drift.over_time import COLUMNS, bucket_width
from console.drift.report import NOUN
from console.drift.sketches.measuring import measure
from console.drift.verdict import DriftReport, judge
from console.summaries.prepared import Prepared, prepared
from console.summaries.vectors import Vectors, stretches, window_vectors


def report(database: Database, version: Version, window: Window, store: Store) -> DriftReport:
    """The verdict on all that `version` was asked, and on what it answered, in `window`.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    return verdict_on(
        window_vectors(database, version, window, store), ready(database, version, store)
    )


def ready(database: Database, version: Version, store: Store) -> Prepared:
    """A version ready to be compared with; kept in memory for the next time.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    with database.read() as connection:
        kept = summary_rows.cells(connection, version.id)
    return prepared(database, version, store, kept)


def verdict_on(found: Vectors, reference: Prepared, noun: str = NOUN) -> DriftReport:
    """The verdict on the sketches of some rows of a version, of all its columns."""
    measured: list[tuple[Feature, Measured]] = [
        (cells.feature, measure(cells, was, became, novel))
        for cells, was, became, novel in zip(
            found.cells, reference.reference, found.vectors, found.novel, strict=True
        )
    ]
    n = reference.frozen.n_inputs
    return judge(measured[:n], measured[n:], reference.rows, found.rows, noun)


def over_time(
    database: Database, version: Version, window: Window, store: Store, most: int = 24
) -> pd.DataFrame:
    """The verdict on each stretch of a window, as `console.drift.over_time.over_time` gives it.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    width = bucket_width(window, most)
    found = stretches(database, version, window, width, store)
    reference = ready(database, version, store)
    parts: Sequence[pd.DataFrame] = [
        _results(verdict_on(found.at(place), reference), int(start), width)
        for place, start in enumerate(found.starts)
        if found.rows[place]
    ]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)


def _results(found: DriftReport, start: int, width: int) -> pd.DataFrame:
    results = pd.DataFrame([vars(result) for result in found.results])
    return results.assign(
        at=pd.Timestamp(start, unit="us", tz="UTC"),
        until=pd.Timestamp(start + width, unit="us", tz="UTC"),
        floors=results["effect"] / results["effect_floor"],
    )[COLUMNS]
