"""Families of columns to draw references and windows from, in which nothing moves unless asked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from backend.versions.features import Feature
from console.drift.statistics import Floats, jensen_shannon

SHIFT = 0.3  # standard deviations; of categories, a Jensen-Shannon distance of 0.1
Draw = Callable[[np.random.Generator, int, bool], NDArray[Any]]


@dataclass(frozen=True)
class Column:
    """A column: how it is drawn, and of which kind it is.

    Attributes:
        draw: `draw(random, n, moved)` gives n values: of the reference's distribution, or of one
            that has moved by 0.3 of its standard deviations (categories: a Jensen-Shannon distance
            of 0.1, rare ones growing). A category is its number from 0 on.
        levels: how many categories; 0 for numbers.
    """

    draw: Draw
    levels: int = 0

    def feature(self, name: str) -> Feature:
        """The column as a feature of that name."""
        if not self.levels:
            return Feature(name, "number")
        return Feature(name, "category", categories=names_of(self.levels))


@dataclass(frozen=True)
class Family:
    """Columns that are judged together, and what a reader calls them."""

    name: str
    title: str
    columns: tuple[Column, ...]


def names_of(levels: int) -> tuple[str, ...]:
    """The texts of so many categories."""
    return tuple(f"k{i}" for i in range(levels))


def _normal(random: np.random.Generator, n: int, moved: bool) -> Floats:
    return random.normal(SHIFT if moved else 0.0, size=n)


def _lognormal(random: np.random.Generator, n: int, moved: bool) -> Floats:
    deviation = np.sqrt((np.e - 1) * np.e)
    return random.lognormal(size=n) + (SHIFT * deviation if moved else 0.0)


def _exponential(random: np.random.Generator, n: int, moved: bool) -> Floats:
    return random.exponential(size=n) + (SHIFT if moved else 0.0)


def _few_integers(random: np.random.Generator, n: int, moved: bool) -> Floats:
    """Whole numbers from 0 to 5: binomial of mean 1.5 and deviation 1.02."""
    chance = 0.3 + (SHIFT * np.sqrt(5 * 0.3 * 0.7) / 5 if moved else 0.0)
    return random.binomial(5, chance, n).astype(np.float64)


def _many_zeros(random: np.random.Generator, n: int, moved: bool) -> Floats:
    """Zero four times in five, else exponential: of mean 0.2 and deviation 0.6."""
    share = 0.2 + (SHIFT * 0.6 if moved else 0.0)
    return np.where(random.random(n) < share, random.exponential(size=n), 0.0)


def _with_gaps(random: np.random.Generator, n: int, moved: bool) -> Floats:
    return np.where(random.random(n) < 0.02, np.nan, _normal(random, n, moved))


def _category(shares: tuple[float, ...]) -> Column:
    def draw(random: np.random.Generator, n: int, moved: bool) -> NDArray[Any]:
        # Counts would do for the statistics; rows keep to the path that a table takes.
        weights = moved_shares(shares) if moved else np.array(shares)
        return np.searchsorted(np.cumsum(weights)[:-1], random.random(n), side="right")

    return Column(draw, len(shares))


@cache
def moved_shares(shares: tuple[float, ...]) -> Floats:
    """Shares at a Jensen-Shannon distance of 0.1, the first category losing to all others."""
    was = np.array(shares)

    def at(loss: float) -> Floats:
        kept = 1 - loss * was[0]
        others: Floats = was * kept / (1 - was[0]) if was[0] < 1 else was
        became = was[0] * (1 - loss)
        scaled = others * (1 - became) / kept
        return np.concatenate(([became], scaled[1:]))

    loss = optimize.brentq(lambda x: jensen_shannon(was, at(x)) - 0.1, 1e-6, 0.99)
    return at(float(loss))


def _shares(first: float, others: int) -> tuple[float, ...]:
    return (first,) + ((1 - first) / others,) * others


_SPARSE = _category(_shares(0.7, 20))
_FIVE = tuple(
    _category(shares)
    for shares in (
        (0.5, 0.5),
        (0.9, 0.1),
        (0.4, 0.3, 0.2, 0.1),
        (0.4, 0.3, 0.15, 0.1, 0.03, 0.02),
        (0.1,) * 10,
    )
)

FAMILIES = {
    family.name: family
    for family in (
        Family("normal", "30 normal, 5 categorical", (Column(_normal),) * 30 + _FIVE),
        Family(
            "skewed",
            "18 lognormal, 17 exponential",
            (Column(_lognormal),) * 18 + (Column(_exponential),) * 17,
        ),
        Family(
            "tied",
            "18 of six whole numbers, 17 mostly zero",
            (Column(_few_integers),) * 18 + (Column(_many_zeros),) * 17,
        ),
        Family("gaps", "35 normal with 2 % missing", (Column(_with_gaps),) * 35),
        Family("sparse", "35 categorical with 20 rare levels", (_SPARSE,) * 35),
        Family("few sparse", "5 categorical with 20 rare levels", (_SPARSE,) * 5),
    )
}
