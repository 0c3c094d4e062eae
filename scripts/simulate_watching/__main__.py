"""`make bench-watching`: false alarms and delays of watching, as a table in docs/."""

import argparse
import os
import platform
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from scripts.simulate_watching import page
from scripts.simulate_watching.cells import Cell, cells


def main() -> int:
    """Simulate and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--share", type=float, default=1.0, help="of the runs of each cell (1)")
    given = asked.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # the processes share the cores
    started = time.monotonic()
    tasks = [
        (cell, seed) for cell in cells() for seed in range(max(1, int(cell.times * given.share)))
    ]
    found: dict[Cell, list[Any]] = defaultdict(list)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for (cell, seed), one in zip(tasks, pool.map(_run, tasks), strict=True):
            found[cell].append(one)
            print(cell.function, *cell.given, seed, one, flush=True)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    minutes = (time.monotonic() - started) / 60
    page.write(found, f"{machine}, {minutes:.0f} minutes")
    return 0


def _run(task: tuple[Cell, int]) -> Any:
    cell, seed = task
    return cell.run(seed)


if __name__ == "__main__":
    sys.exit(main())
