"""Versions that were really fitted to tables whose relation of inputs and truth is known."""

from functools import cache

import numpy as np
import pandas as pd

from backend.versions.signature import Signature
from console.performance.estimated import Estimator
from console.performance.realized import figures
from console.performance.results import Figure
from scripts.simulate_estimates.worlds import Made, worlds


@cache
def made(world: str, seed: int = 0) -> Made:
    """A version of one of the simulation's worlds, and how more rows are drawn."""
    return worlds()[world].make(np.random.default_rng(seed))


@cache
def estimator(world: str, seed: int = 0) -> Estimator:
    """What that version's own rows teach."""
    one = made(world, seed)
    return Estimator.of(one.version, one.reference, one.heldout)


def draw(world: str, n: int, case: str = "as learned", seed: int = 0, of: int = 0) -> pd.DataFrame:
    """Answered rows with truth for version `of`; cases are those of the world."""
    return made(world, of).draw(np.random.default_rng([7, seed]), n, case)


def named(found: tuple[Figure, ...]) -> dict[str, Figure]:
    """Figures by the names of their metrics."""
    return {figure.metric.name: figure for figure in found}


def realized(world: str, rows: pd.DataFrame) -> dict[str, float]:
    """The metrics that truth gives."""
    signature = Signature.from_json(made(world).version.signature)
    found = named(figures(signature.task, signature, rows, count=1))
    return {name: figure.value for name, figure in found.items() if figure.value is not None}
