"""The page of figures: docs/benchmarks/rescoring.md."""

from collections.abc import Mapping
from typing import Any

TARGET = 20_000  # rows a second, of a compiled version
MEGABYTE = 1_000_000

Figures = Mapping[str, Any]


def text(figures: Mapping[str, Figures], machine: str, rows: int) -> str:
    """The page: one line for each part that was measured, and what the peer's figures say."""
    lines = [
        f"| {name} | {f['engine']} | {f['rows']:,} | {f['seconds']:.1f} | {f['cpu']:.1f}"
        f" | {f['rows'] / f['seconds']:,.0f} | {f['rows'] / f['cpu']:,.0f}"
        f" | {f['memory'] / MEGABYTE:,.0f} |"
        for name, f in figures.items()
    ]
    return PAGE.format(
        rows=rows,
        machine=machine,
        lines="\n".join(lines),
        target=_targets(figures),
        least=min(f["load"] for f in figures.values()),
        most=max(f["load"] for f in figures.values()),
        imported=max(f["imported"] for f in figures.values()) / MEGABYTE,
        same="\n".join(_same(figures, name) for name in ("logistic", "forest")).strip(),
    )


def _targets(figures: Mapping[str, Figures]) -> str:
    said = []
    for name in ("logistic", "forest"):
        if (found := figures.get(name)) is not None:
            speeds = [found["rows"] / found[spent] for spent in ("seconds", "cpu")]
            met = [
                "yes" if speed >= TARGET and found["engine"] == "onnx" else "**no**"
                for speed in speeds
            ]
            said.append(
                f"| {name} | ≥ {TARGET:,} | {speeds[0]:,.0f}: {met[0]} | {found['load']:.1f}"
                f" | {speeds[1]:,.0f}: {met[1]} |"
            )
    return "\n".join(said)


def _same(figures: Mapping[str, Figures], name: str) -> str:
    mine, theirs = figures.get(name), figures.get(f"{name}, peer")
    if mine is None or theirs is None:
        return ""
    return (
        f"- {name}: {mine['changed']:,} changed answers and {mine['newly_wrong']:,} newly wrong"
        f" ones; the peer counts {theirs['changed']:,} and {theirs['newly_wrong']:,}. The mean"
        f" shifts of the score differ by {abs(mine['shift'] - theirs['shift']):.1e}. It takes"
        f" {theirs['cpu'] / mine['cpu']:.1f} times our CPU time and"
        f" {theirs['memory'] / mine['memory']:.1f} times our memory."
    )


PAGE = """# Rescoring {rows:,} logged requests

`make bench-rescore` builds a log of {rows:,} answered requests of one model (thirty features; the
log of `make bench-drift`, the truth of every tenth row known) and answers it again with two other
versions: a logistic regression, and a forest of 100 trees. It reads rows and truths, answers,
counts flips, shifts and who is right, and finds the segments: everything that
[rescoring](../rescoring.md) shows. `ARGS="--rows 100000"` takes a smaller log, `ARGS="--only
logistic"` measures one part again. Each part runs in a process of its own, with one thread for
scikit-learn; `memory` is the most that the process held, its imports ({imported:,.0f} MB) included.
Measured on {machine}. The machine's load was {least:.1f} to
{most:.1f} meanwhile. Above the number of cores parts wait for each other: then seconds are upper
bounds, and what can be compared is CPU seconds.

| version | needed, rows/s | measured, met | at a load of | rows/CPU s, met |
|---|---|---|---|---|
{target}

| part | engine | rows | seconds | CPU s | rows/s | rows/CPU s | memory, MB |
|---|---|---|---|---|---|---|---|
{lines}

The peer is what one would write by hand: `pandas.read_sql_query` of the same rows with their
truths, `json.loads` of each row, `predict_proba` of all rows in one call, and the same counts. It
has neither intervals nor segments nor rows to show, and it holds all rows at once.

{same}
"""
