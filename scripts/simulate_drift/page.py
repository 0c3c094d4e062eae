"""The page that `make bench-calibration` writes."""

from collections.abc import Mapping
from pathlib import Path

from scripts.simulate_drift.command import ROWS, ROWS_REFERENCE, WINDOWS
from scripts.simulate_drift.families import FAMILIES
from scripts.simulate_drift.peer import Flags
from scripts.simulate_drift.trials import Cell, Tally, upper_bound

PATH = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "calibration.md"

HEAD = """# Calibration of the drift verdict

`make bench-calibration` draws windows in which nothing has moved and counts those with any flag
(`drifted` or `moderate`): at most 5 in 100 are promised, and the last figure of a cell is the 95 %
upper confidence bound of that rate (Clopper and Pearson 1934). Every fourth window is judged again
with its first column moved by 0.3 of its standard deviations (a category: by a Jensen-Shannon
distance of 0.1, rare levels growing): *found* is how often that column is flagged. *Stable* is the
share of quiet windows whose report says so; all others say how many rows would be enough, or show
a flag. *Enough* is that number for the first column.

Each reference of 1,000 rows serves one window, each of 10,000 rows ten. The promise is that for
fresh references; the windows of one reference share its luck, so that a model may see more false
flags than 5 in 100, or fewer, as long as it keeps its reference. Run on {machine}.
"""

TABLE = """
## {title}

| reference | current | windows | with a flag | upper bound | stable | found | enough |
|---|---|---|---|---|---|---|---|
"""

PEER = """
## Evidently's default, on the same kind of windows

`DataDriftPreset()` of evidently 0.7.23 on quiet windows of 30 normal and 5 categorical columns,
each with a reference of its own. Few windows: one takes it three seconds.

| reference | current | windows | any column drifted | 95 % upper bound | dataset drift |
|---|---|---|---|---|---|
"""

COMMAND = """
## Time

`python -m console drift --by`, from its start to its end, over {windows} windows of {rows} rows of
35 features against {reference:,} reference rows: **{seconds:.1f} s**.
"""


def write(
    found: Mapping[Cell, Tally],
    flags: Mapping[tuple[int, int], Flags],
    seconds: float,
    machine: str,
) -> None:
    """Write the page."""
    parts = [HEAD.format(machine=machine)]
    for family in FAMILIES.values():
        rows = [_row(cell, tally) for cell, tally in found.items() if cell.family == family.name]
        parts.append(TABLE.format(title=family.title.capitalize()) + "\n".join(rows) + "\n")
    parts.append(PEER + "\n".join(_peer(*one) for one in flags.items()) + "\n")
    parts.append(
        COMMAND.format(windows=WINDOWS, rows=ROWS, reference=ROWS_REFERENCE, seconds=seconds)
    )
    PATH.write_text("".join(parts))


def _row(cell: Cell, tally: Tally) -> str:
    enough = f"{tally.enough:,}" if tally.enough else "–"
    return (
        f"| {cell.n_reference:,} | {cell.n_current:,} | {tally.windows:,} | {tally.rate:.2%} |"
        f" {tally.bound:.2%} | {tally.stable / tally.windows:.0%} | {tally.power:.1%} | {enough} |"
    ).replace("%", " %")


def _peer(sizes: tuple[int, int], flags: Flags) -> str:
    n, bound = flags.windows, upper_bound(flags.any_column, flags.windows)
    return (
        f"| {sizes[0]:,} | {sizes[1]:,} | {n} | {flags.any_column / n:.0%} | {bound:.0%} |"
        f" {flags.dataset / n:.0%} |"
    ).replace("%", " %")
