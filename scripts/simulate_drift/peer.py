"""Evidently's drift preset, as it comes, on a few of the same quiet windows."""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scripts.simulate_drift.families import FAMILIES, Family, names_of


@dataclass(frozen=True)
class Flags:
    """Of so many quiet windows, those with a column called drifted, and with dataset drift."""

    windows: int
    any_column: int
    dataset: int


def run(n_reference: int, n_current: int, windows: int, seed: int) -> Flags:
    """Judge quiet windows of the family `normal`, each with a reference of its own."""
    os.environ |= {"DO_NOT_TRACK": "1", "ITERATIVE_DO_NOT_TRACK": "1"}
    import warnings

    warnings.simplefilter("ignore")  # evidently's own imports warn of numpy's and litestar's
    from evidently import Report
    from evidently.presets import DataDriftPreset

    random = np.random.default_rng([seed, n_reference, n_current])
    family, any_column, dataset = FAMILIES["normal"], 0, 0
    for _ in range(windows):
        reference, current = (_table(family, random, n) for n in (n_reference, n_current))
        metrics = Report([DataDriftPreset()]).run(current, reference).dict()["metrics"]
        counted = next(one["value"] for one in metrics if isinstance(one["value"], dict))
        any_column += counted["count"] > 0
        dataset += counted["share"] >= 0.5  # the preset's own line
    return Flags(windows, any_column, dataset)


def _table(family: Family, random: np.random.Generator, n: int) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for i, column in enumerate(family.columns):
        values = column.draw(random, n, False)
        columns[f"x{i}"] = np.array(names_of(column.levels))[values] if column.levels else values
    return pd.DataFrame(columns)
