"""Drift of a version: a window of its log against the reference it was trained on."""

import pandas as pd

from backend.records import log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.drift.over_time import over_time
from console.drift.verdict import DriftReport, Reference

SAMPLE = 20_000
NOUN = "logged predictions"


def drift(
    database: Database, version: Version, window: Window, store: Store, sample: int = SAMPLE
) -> DriftReport:
    """The verdict on what `version` was asked, and on what it answered, in `window`.

    At most `sample` rows are taken, at random if there are more; `n_current` says how many. Too
    few rows are a report whose status says so.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    reference = reference_of(database, version, store)
    return reference.compare(rows(database, version, window, sample), NOUN)


def drift_over_time(
    database: Database,
    version: Version,
    window: Window,
    store: Store,
    most: int = 24,
    sample: int = SAMPLE,
) -> pd.DataFrame:
    """The verdict on each stretch of `window`, as `over_time.over_time` gives it.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    reference = reference_of(database, version, store)
    return over_time(reference, rows(database, version, window, sample), window, most)


def reference_of(database: Database, version: Version, store: Store) -> Reference:
    """A version's reference, made ready for any number of windows.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    signature = Signature.from_json(version.signature)
    table = artefacts.table(database, version, artefacts.REFERENCE, store)
    return Reference.of(table, signature.features, outputs_of(signature))


def rows(
    database: Database, version: Version, window: Window, sample: int = SAMPLE
) -> pd.DataFrame:
    """The window's rows that the version answered, as `log.features` gives them.

    A draft has answered nothing: it gets no rows.
    """
    # No version has the number 0, and None would mean all of them.
    which = log.Filter(version.model, window, version=version.number or 0)
    names = Signature.from_json(version.signature).names
    return log.features(database, which, names, limit=sample)


def outputs_of(signature: Signature) -> tuple[Feature, ...]:
    """A version's answers as columns to compare: the value, or the score and the label."""
    target = signature.target
    if signature.task == "regression":
        return (Feature("__value__", "number", display_name=f"Predicted {target}"),)
    score = f"Score of {signature.positive}" if signature.task == "binary" else "Score of the label"
    return (
        Feature("__score__", "number", display_name=score),
        Feature(
            "__label__",
            "category",
            categories=tuple(str(label) for label in signature.labels),
            display_name=f"Predicted {target}",
        ),
    )
