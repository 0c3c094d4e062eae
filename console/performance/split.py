"""A change of performance, split into other inputs and a changed relation."""

import pandas as pd

from backend.records.registry import Version
from console.performance.results import Split


def split(version: Version, reference: pd.DataFrame, rows: pd.DataFrame) -> Split:
    """Split the change of the loss between the reference and logged rows with truth."""
    raise NotImplementedError
