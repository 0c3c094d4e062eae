"""The page that `make bench-estimates` writes."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scripts.simulate_estimates.trials import Cell
from scripts.simulate_estimates.worlds import HELDOUT, REFERENCE, SHIFT, worlds

PATH = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "estimates.md"
SPLIT = ("logistic", "boosted regression")
Cells = dict[tuple[str, int], Cell]

HEAD = """# Estimated performance, held against truth

`make bench-estimates` makes versions, lets each estimate windows whose truth it does not see, and
then looks. A band is promised to hold the metric realized on the very rows of the window 95 times
in 100, if the relation of inputs and truth is the one that was learned. How estimates are made, and
when not to believe them, is in [../performance-estimates.md](../performance-estimates.md).

A cell says how often the realized figure was inside the band, and in brackets the mean of estimate
less realized ± half the width of the band. *Broken* is how often the test of the assumption said so
when all truths of the window had come: it is to be rare (0.01) while the relation is as learned,
and the rule once it has changed.

Each cell has {versions} versions with {windows} windows each. A share of 0.95 of {total:,} is known
to ±{margin:.3f}, and less well as far as the windows of a version share its luck.

The simulated worlds have {reference:,} reference rows with out-of-fold answers and {heldout} held
out, of five normal inputs. *Other inputs* moves two of them by {shift} standard deviations, and one
of these enters the truth through a square or a product, which the linear versions do not know:
their errors grow. *Changed relation* leaves the inputs and changes the truth. Of the real tables
one half trains; windows are drawn from the other without replacement, for *other inputs* with
chances that rise e²-fold from the lowest to the highest value of one feature. Run on {machine}.
"""

NOTES = {
    "penalised digits": """
A version of a kind that estimates are not good for: the penalty weighs the more the fewer rows
there are, so the models of the folds, from whose answers the estimate learns, are less sure than
the version, and its surer scores are taken for more than they are.
"""
}

TABLE = """
## {title}
{note}
| windows are | rows | {names} | broken |
|---|---|{lines}---|
"""

SPLITS = """
## The split of a change

Of windows of 1,000 rows; the intervals are 95 % ones. Where only inputs move, that of the relation
should hold 0 95 times in 100, and where only the relation changes, that of the inputs. Fold models
learn from fewer rows than the version: a flexible version is a little better than they are, which
the split takes for a changed relation.

| world | windows are | splits | inputs: mean | holds 0 | relation: mean | holds 0 |
|---|---|---|---|---|---|---|
"""

PEER = """
## Beside NannyML

CBPE and DLE of nannyml {version} on the same rows: windows of {size:,} rows of *simulated, logistic
regression* and *simulated, linear regression*, {windows} of each. Figures are the mean absolute
error of the estimate. NannyML's CBPE calibrates scores and does not correct for the inputs.

| windows are | metric | Watchdesk | NannyML |
|---|---|---|---|
"""


def merge(into: Cells, more: Mapping[tuple[str, int], Cell]) -> None:
    """Add the windows of one part of a simulation to those of others."""
    for key, cell in more.items():
        whole = into.setdefault(key, Cell())
        for name, seen in cell.inside.items():
            whole.inside[name].extend(seen)
            whole.errors[name].extend(cell.errors[name])
            whole.reach[name].extend(cell.reach[name])
        whole.broken.extend(cell.broken)
        whole.splits.extend(cell.splits)


def write(
    found: Mapping[str, Cells],
    compared: "tuple[str, int, int, list[tuple[str, str, float, float]]] | None",
    machine: str,
    versions: int,
) -> None:
    """Write the page: so many versions of each world were tried on this machine."""
    total = min(len(cell.broken) for cells in found.values() for cell in cells.values())
    head = HEAD.format(
        machine=machine,
        reference=REFERENCE,
        heldout=HELDOUT,
        shift=SHIFT,
        versions=versions,
        windows=total // versions,
        total=total,
        margin=1.96 * np.sqrt(0.95 * 0.05 / total),
    )
    parts = [head, *(_table(name, cells) for name, cells in found.items()), SPLITS]
    parts += [_splits(name, found.get(name, {})) for name in SPLIT]
    if compared is not None:
        version, size, windows, rows = compared
        parts.append(PEER.format(version=version, size=size, windows=windows))
        parts += [f"| {case} | {metric} | {a:.4f} | {b:.4f} |\n" for case, metric, a, b in rows]
    PATH.write_text("".join(parts))


def _table(name: str, cells: Cells) -> str:
    metrics = list(next(iter(cells.values())).inside)
    text = TABLE.format(
        title=worlds()[name].title,
        note=NOTES.get(name, ""),
        names=" | ".join(metrics),
        lines="---|" * len(metrics),
    )
    for (case, size), cell in cells.items():
        figures = " | ".join(
            f"{np.mean(cell.inside[metric]):.2f}"
            f" ({_sized(float(np.mean(cell.errors[metric])), float(np.mean(cell.reach[metric])))})"
            for metric in metrics
        )
        text += f"| {case} | {size:,} | {figures} | {np.mean(cell.broken):.2f} |\n"
    return text


def _sized(error: float, reach: float) -> str:
    """Both with as many decimals as the reach has two digits."""
    decimals = max(0, 1 - math.floor(math.log10(reach))) if reach > 0 else 3
    return f"{_signed(error, decimals)} ± {reach:.{decimals}f}"


def _signed(value: float, decimals: int) -> str:
    """What rounds to nothing has no sign."""
    text = f"{value:+.{decimals}f}"
    return text if float(text) else text[1:]


def _splits(name: str, cells: Cells) -> str:
    text = ""
    for (case, _), cell in cells.items():
        if cell.splits:
            inputs, relation, moved, changed = np.mean(np.array(cell.splits, dtype=float), axis=0)
            text += (
                f"| {worlds()[name].title} | {case} | {len(cell.splits)} | {_signed(moved, 3)} |"
                f" {inputs:.2f} | {_signed(changed, 3)} | {relation:.2f} |\n"
            )
    return text
