"""McNemar's exact test: is one version right where the other is wrong, more often than not?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from console.comparison.held_out import started

Bools = NDArray[np.bool_]
LEVEL = 0.05


@dataclass(frozen=True)
class McNemar:
    """The rows that one version alone has right, and the test of their halves.

    Attributes:
        only_a, only_b: rows whose label a alone, or b alone, has right.
        n: all rows.
        p_value: two-sided: how probable so uneven a split is if both are equally good.
        message: the outcome as a sentence.
    """

    only_a: int
    only_b: int
    n: int
    p_value: float
    message: str

    def to_json(self) -> dict[str, Any]:
        """As a document."""
        return {
            "only_a": self.only_a,
            "only_b": self.only_b,
            "n": self.n,
            "p_value": self.p_value,
            "message": self.message,
        }


def mcnemar(right_a: Bools, right_b: Bools, names: tuple[str, str]) -> McNemar:
    """The exact test: of the rows that one alone has right, each is either's with chance 1/2.

    Args:
        right_a, right_b: whether each has the label of each row right, shape (n,).
        names: of the two, in a sentence.

    Source: McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages", Psychometrika 12; the exact form: Fleiss, Levin and Paik (2003),
    "Statistical Methods for Rates and Proportions", chapter 13.
    """
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    unlike = only_a + only_b
    p_value = float(stats.binomtest(only_a, unlike).pvalue) if unlike else 1.0
    message = _sentence(only_a, only_b, p_value, names)
    return McNemar(only_a, only_b, len(right_a), p_value, message)


def _sentence(only_a: int, only_b: int, p_value: float, names: tuple[str, str]) -> str:
    if not only_a + only_b:
        return "Each row that one has right, the other has right too."
    plural = "s" * (only_a != 1)
    counted = (
        f"{started(names[0])} alone is right in {only_a:,} row{plural}, {names[1]} alone in"
        f" {only_b:,}"
    )
    p = f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"
    if p_value > LEVEL:
        return f"{counted}: no more uneven than chance makes them ({p})."
    winner = names[0] if only_a > only_b else names[1]
    return f"{counted}: more uneven than chance makes them, in favour of {winner} ({p})."
