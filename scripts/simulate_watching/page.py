"""The page that `make bench-watching` writes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from scripts.simulate_watching.cells import Cell

PATH = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "watching.md"
Found = Mapping[Cell, Sequence[Any]]

HEAD = """# Watching all the time, simulated

`make bench-watching` watches traffic of 30 features in blocks of 200 rows an hour, or 500 a day,
each run against a reference of its own. *Mixed* is 10 normal, 6 lognormal and 6 tied numbers, two
of them with gaps, and 8 categories; *correlated* is 30 normal numbers with correlations of 0.8.
What is promised and for what traffic is in [../watching.md](../watching.md). Run on {machine}.

## Quiet weeks

The budget is one false alarm in the length of a run, so at most 1.00 a run is promised on average.
The bound is the 95 % upper confidence bound of that average if alarms come as a Poisson process
(Garwood 1936).

| traffic | reference | weeks | runs | runs with a false alarm | false alarms a run | upper bound |
|---|---|---|---|---|---|---|
"""

CONTRAST = """
## The same mixed traffic by other means, a quiet week each

Of the 168 hours of a quiet week, those with an alarm or a flag. *Fixed* makes the same bets with
rows ranked among the reference alone, hour after hour; *verdict* is the drift verdict of each hour
by itself, 5 % of which may show a flag.

| reference | weeks | fixed: hours | weeks with any | verdict: hours | weeks with any |
|---|---|---|---|---|---|
"""

DELAYS = """
## From a change to its alarm

Hours of 200 rows until the alarm, after a quiet week, on a budget of one false alarm in 12 weeks:
the median, and the slowest run. One of the 30 features changes: a normal number by so many standard
deviations, or the shares of a category's four levels by a Jensen-Shannon distance of 0.1. In whole
days of 500 rows the rows count the same, so that what takes 3 hours here takes 2 days.

| reference | runs | 0.1 sd | 0.2 sd | 0.3 sd | category | found within a week |
|---|---|---|---|---|---|---|
"""

CYCLES = """
## Traffic that follows the clock or the calendar

Ten of 30 normal features follow it together. The reference has the same cycles and is drawn over
all their times. Kept means at most 1.00 false alarms a run on average.

| traffic | blocks | weeks | runs | false alarms a run | runs with any |
|---|---|---|---|---|---|
"""

SEEN = """
## Is a daily cycle seen?

Three days of 72 hours of 200 rows, in which ten features of the mixed traffic follow the hour.

| amplitude (sd) | runs | seen |
|---|---|---|
"""

PATTERNS = {
    "none": "no cycle",
    "daily": "daily cycle, amplitude {} sd",
    "weekly": "weekends differ by {} sd",
    "days": "each day its own mean, {} sd",
}


def write(found: Found, machine: str) -> None:
    """Write the page."""
    parts = [
        HEAD.format(machine=machine) + _lines(found, "quiet", _quiet),
        CONTRAST + _contrast(found),
        DELAYS + _lines(found, "delays", _delays),
        CYCLES + _lines(found, "cycled", _cycled),
        SEEN + _lines(found, "is_seen", _seen),
    ]
    PATH.write_text("".join(parts))


def upper_bound(count: int, runs: int) -> float:
    """The exact one-sided 95 % upper bound of a Poisson mean of which `count` in `runs` were seen.

    Source: Garwood (1936), "Fiducial limits for the Poisson distribution", Biometrika 28(3/4).
    """
    return float(stats.chi2.ppf(0.95, 2 * (count + 1)) / 2 / runs)


def _lines(found: Found, function: str, line: Any) -> str:
    lines = [line(cell, given) for cell, given in found.items() if cell.function == function]
    return "\n".join(lines).replace("%", " %") + "\n"


def _quiet(cell: Cell, counts: Sequence[int]) -> str:
    family, reference, weeks = cell.given
    some = sum(count > 0 for count in counts)
    return (
        f"| {family} | {reference:,} | {weeks} | {len(counts)} | {some} | {np.mean(counts):.2f} |"
        f" {upper_bound(sum(counts), len(counts)):.2f} |"
    )


def _contrast(found: Found) -> str:
    by_size: dict[int, dict[str, Sequence[int]]] = {}
    for cell, counts in found.items():
        if cell.function in {"fixed", "verdicts"}:
            by_size.setdefault(cell.given[0], {})[cell.function] = counts
    lines = [
        f"| {size:,} | {len(both['fixed'])} |"
        f" {_hours(both['fixed'])} | {_hours(both['verdicts'])} |"
        for size, both in by_size.items()
    ]
    return "\n".join(lines).replace("%", " %") + "\n"


def _hours(counts: Sequence[int]) -> str:
    return f"{np.mean(counts):.1f} | {sum(count > 0 for count in counts)} of {len(counts)}"


def _delays(cell: Cell, runs: Sequence[Mapping[str, float]]) -> str:
    shown, all_found = [], []
    for change in ("0.1", "0.2", "0.3", "category"):
        hours = np.array([run[change] for run in runs])
        all_found.append(int(np.isfinite(hours).sum()))
        slowest = f"{np.max(hours):.0f}" if np.isfinite(hours).all() else "> 168"
        middle = np.median(np.where(np.isnan(hours), np.inf, hours))
        shown.append(f"{middle:.0f}, {slowest}" if np.isfinite(middle) else "> 168")
    within = " / ".join(f"{n}" for n in all_found)
    return f"| {cell.given[0]:,} | {len(runs)} | {' | '.join(shown)} | {within} |"


def _cycled(cell: Cell, counts: Sequence[int]) -> str:
    block, pattern, size, weeks = cell.given
    some = sum(count > 0 for count in counts)
    return (
        f"| {PATTERNS[pattern].format(size)} | {block}s | {weeks} | {len(counts)} |"
        f" {np.mean(counts):.2f} | {some} |"
    )


def _seen(cell: Cell, counts: Sequence[bool]) -> str:
    return f"| {cell.given[0]} | {len(counts)} | {np.mean(counts):.0%} |"
