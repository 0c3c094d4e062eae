"""What drift compares of a version: its reference, and random rows of its log."""

import pandas as pd

from backend.records import log
from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.drift.verdict import Reference

SAMPLE = 20_000
NOUN = "logged predictions"


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
