"""Traffic to watch: rows of thirty columns, in which nothing changes unless asked."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from console.watching.ranks import Floats
from scripts.simulate_drift.families import moved_shares, names_of

N = 30
SHARES = ((0.5, 0.5), (0.9, 0.1), (0.4, 0.3, 0.2, 0.1), (0.7, *(0.015,) * 20))
NUMBERS = 22  # of the family `mixed`: 10 normal, 6 lognormal, 6 of six whole numbers
CORRELATION = 0.8
CATEGORY = "x24"  # four levels, one of which gives to the others when it moves


@dataclass(frozen=True)
class Traffic:
    """Where rows come from.

    Attributes:
        family: `normal`; `correlated`, normal with a correlation of 0.8 between any two columns;
            or `mixed`, normal, skewed and tied numbers, some with gaps, and categories.
    """

    family: str

    @property
    def features(self) -> list[Feature]:
        """The thirty columns."""
        numbers = NUMBERS if self.family == "mixed" else N
        return [Feature(f"x{i}", "number" if i < numbers else "category") for i in range(N)]

    def draw(
        self,
        random: np.random.Generator,
        rows: int,
        shift: Floats | float = 0.0,
        moved: bool = False,
    ) -> pd.DataFrame:
        """So many rows.

        Args:
            shift: standard deviations added to the first third of the columns: a number, or an
                array of one for each row.
            moved: whether `CATEGORY` has moved, by a Jensen-Shannon distance of 0.1.
        """
        z = random.normal(size=(N, rows))
        if self.family == "correlated":
            z = CORRELATION**0.5 * random.normal(size=rows) + (1 - CORRELATION) ** 0.5 * z
        z[: N // 3] += shift
        columns: dict[str, object] = {f"x{i}": z[i] for i in range(N)}
        if self.family == "mixed":
            columns |= self._mixed(random, z, moved)
        return pd.DataFrame(columns)

    def _mixed(
        self,
        random: np.random.Generator,
        z: Floats,
        moved: bool,
    ) -> dict[str, object]:
        rows = z.shape[1]
        made: dict[str, object] = {f"x{i}": np.exp(z[i]) for i in range(10, 16)}
        made |= {f"x{i}": 1.0 * random.binomial(5, 0.3, rows) for i in range(16, NUMBERS)}
        for i in (9, 15):
            gaps = random.random(rows) < 0.02
            made[f"x{i}"] = np.where(gaps, np.nan, z[i] if i == 9 else np.exp(z[i]))
        for i in range(NUMBERS, N):
            shares = SHARES[i % len(SHARES)]
            given = moved_shares(shares) if moved and f"x{i}" == CATEGORY else np.array(shares)
            codes = np.searchsorted(np.cumsum(given)[:-1], random.random(rows), side="right")
            made[f"x{i}"] = np.array(names_of(len(shares)), dtype=object)[codes]
        return made
