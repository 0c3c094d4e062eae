"""How long the command takes over 200 windows of 500 rows of 35 features."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.simulate_drift.families import FAMILIES, names_of

ROOT = Path(__file__).resolve().parents[2]
ROWS_REFERENCE, WINDOWS, ROWS = 10_000, 200, 500


def seconds() -> float:
    """The wall time of `python -m console drift --by`, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        reference, current = Path(folder, "reference.parquet"), Path(folder, "current.parquet")
        random = np.random.default_rng(1)
        _table(random, ROWS_REFERENCE).to_parquet(reference)
        table = _table(random, WINDOWS * ROWS)
        table.assign(window=np.repeat(np.arange(WINDOWS), ROWS)).to_parquet(current)
        asked = ["--reference", str(reference), "--current", str(current), "--by", "window"]
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "console", "drift", *asked, "--json"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.monotonic() - started


def _table(random: np.random.Generator, rows: int) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for i, column in enumerate(FAMILIES["normal"].columns):
        values = column.draw(random, rows, False)
        columns[f"x{i}"] = np.array(names_of(column.levels))[values] if column.levels else values
    return pd.DataFrame(columns)
