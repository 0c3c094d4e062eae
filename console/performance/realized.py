"""Realized performance: each metric over rows whose truth is known, with its interval."""

import pandas as pd

from backend.versions.signature import Signature
from console.performance.results import Figure, Realized


def realized(
    task: str, signature: Signature, rows: pd.DataFrame, n_answered: int, n_known: int
) -> Realized:
    """Performance on the rows whose truth is known.

    Args:
        task: binary, multiclass or regression.
        signature: of the version that answered them.
        rows: as `backend.records.log.features` gives them; those without truth are left out.
        n_answered, n_known: of the window, which may have more rows than `rows`.
    """
    return Realized(figures(task, signature, rows), n_answered, n_known)


def figures(task: str, signature: Signature, rows: pd.DataFrame) -> tuple[Figure, ...]:
    """The metrics of a task, in the order of `METRICS`, over the rows that have a truth."""
    raise NotImplementedError
