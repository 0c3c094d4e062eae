"""`python -m scripts.sketch_errors`: how far sketches are off, as docs/benchmarks/sketches.md.

Each population is sampled as a reference and again as a window, the window is changed in each of
the ways below, and what the sketch of the window measures is held against the statistics on its
rows, SciPy's own. An error of the Wasserstein distance is in reference standard deviations, and
of the distance itself where that is greater than 1 (a change of unit moves values by thousands).
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from backend.versions.features import feature_of
from console.drift.sketches import freeze, measure
from console.drift.statistics import Floats

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "sketches.md"
Random = np.random.Generator
HEAD = """# How far summaries are off

Drift of a long window is read from sketches: counts and sums in cells that are frozen for a
version (`console/drift/sketches/`: `edges.py` says where they lie, `measuring.py` what follows
from them). The population stability index, missing values and values out of range are exact, and
so is everything about categories with at most 50 new ones. `python -m scripts.sketch_errors` holds
the other two against SciPy's `wasserstein_distance` and `ks_2samp` on the rows, over references
of 1,000, 3,000 and 10,000 rows and windows of 1,000 to 1,000,000: {n:,} comparisons. The
greatest error is {wasserstein:.4f} reference standard deviations of the Wasserstein
distance (of the distance itself where that is greater than 1) and {ks:.4f} of the
Kolmogorov-Smirnov distance, which is never too great.

"""

POPULATIONS: dict[str, Callable[[Random, int], Floats]] = {
    "normal": lambda random, n: random.normal(size=n),
    "lognormal, σ = 1": lambda random, n: random.lognormal(sigma=1, size=n),
    "lognormal, σ = 2": lambda random, n: random.lognormal(sigma=2, size=n),
    "exponential": lambda random, n: random.exponential(size=n),
    "Pareto, α = 2.1": lambda random, n: random.pareto(2.1, size=n),
    "two humps with a gap": lambda random, n: np.where(
        random.random(n) < 0.5, random.normal(-5, 0.5, n), random.normal(5, 1, n)
    ),
    "60 % zeros, else lognormal": lambda random, n: np.where(
        random.random(n) < 0.6, 0.0, random.lognormal(sigma=1, size=n)
    ),
    "whole numbers 0 to 4": lambda random, n: random.integers(0, 5, n).astype(np.float64),
    "about 900 whole numbers": lambda random, n: np.round(random.gamma(2, 100, n)),
    "normal, rounded to 0.1": lambda random, n: np.round(random.normal(size=n), 1),
}

Change = Callable[[Floats, float, Random], Floats]


def _shift(deviations: float) -> Change:
    return lambda values, deviation, _: values + deviations * deviation


def _scale(factor: float) -> Change:
    return lambda values, *_: values * factor


def _constant(share: float) -> Change:
    return lambda values, deviation, _: np.full(
        len(values), np.quantile(values, share) + 0.013 * deviation
    )


def _outliers(value: float) -> Change:
    return lambda values, _, random: np.where(random.random(len(values)) < 0.002, value, values)


def _two_values(values: Floats, deviation: float, random: Random) -> Floats:
    middle = values.mean()
    first = random.random(len(values)) < 0.5
    both: Floats = np.where(first, middle - 0.3 * deviation, middle + 0.2 * deviation)
    return both


CHANGES: dict[str, dict[str, Change]] = {
    "none": {"": _shift(0.0)},
    "shifts of 0.01 to 3 sd": {str(by): _shift(by) for by in (0.01, 0.05, 0.1, 0.3, 1.0, 3.0)},
    "scale × 0.001 to 2": {str(by): _scale(by) for by in (0.001, 0.1, 0.5, 0.9, 1.1, 2.0)},
    "another unit": {"× 1,000": _scale(1_000), "+ 1e6": lambda values, *_: values + 1e6},
    "one value only": {str(at): _constant(at) for at in (0.01, 0.1, 0.3, 0.5, 0.77, 0.95, 0.999)},
    "two values only": {"": _two_values},
    "outliers of ±1e9": {"1e9": _outliers(1e9), "-1e9": _outliers(-1e9)},
}


def errors(references: Iterable[int], windows: Iterable[int], repeats: int) -> pd.DataFrame:
    """Compare each population with each of its changes.

    Args:
        references, windows: numbers of rows.
        repeats: draws of each.

    Returns:
        A row a comparison: population, change, n_reference, n_window; wasserstein and ks, the
        errors in the units that the module states; size, the figures in a vector.
    """
    rows = [
        (name, change, n_reference, n_window, *found)
        for name, draw in POPULATIONS.items()
        for n_reference in references
        for n_window in windows
        for repeat in range(repeats)
        for change, found in _compared(draw, n_reference, n_window, repeat)
    ]
    columns = ["population", "change", "n_reference", "n_window", "wasserstein", "ks", "size"]
    return pd.DataFrame(rows, columns=columns)


def _compared(
    draw: Callable[[Random, int], Floats], n_reference: int, n_window: int, repeat: int
) -> Iterator[tuple[str, tuple[float, float, int]]]:
    random = np.random.default_rng([repeat, n_reference, n_window])
    reference = draw(random, n_reference)
    column = pd.Series(reference, name="x")
    (cells,) = freeze([feature_of(column)], column.to_frame())
    was, deviation = cells.vector(column), float(reference.std())
    for change, ways in CHANGES.items():
        for way in ways.values():
            window = way(draw(random, n_window), deviation, random)
            found = measure(cells, was, cells.vector(pd.Series(window)))
            distance = stats.wasserstein_distance(reference, window) / deviation
            ks = stats.ks_2samp(reference, window, method="asymp").statistic
            sketched = found.distribution.statistic if found.distribution else np.nan
            error = (found.effect - distance) / max(1.0, distance)
            yield change, (error, sketched - ks, cells.size)


def table(found: pd.DataFrame) -> str:
    """The greatest errors by population and by change, as Markdown."""
    lines = []
    for by in ("population", "change"):
        lines += [
            f"| {by} | Wasserstein, sd | Kolmogorov-Smirnov | figures in a vector |",
            "|---|---|---|---|",
        ]
        for name, part in found.groupby(by, sort=False):
            worst = part[["wasserstein", "ks"]].abs().max()
            sizes = f"{part['size'].min():,} to {part['size'].max():,}"
            lines.append(f"| {name} | {worst.wasserstein:.4f} | {worst.ks:.4f} | {sizes} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    found = errors((1_000, 3_000, 10_000), (1_000, 10_000, 100_000), repeats=3)
    million = errors((10_000,), (1_000_000,), repeats=1)
    every = pd.concat([found, million], ignore_index=True)
    worst = every[["wasserstein", "ks"]].abs().max()
    PAGE.write_text(
        HEAD.format(n=len(every), wasserstein=worst.wasserstein, ks=worst.ks) + table(every)
    )


if __name__ == "__main__":
    main()
