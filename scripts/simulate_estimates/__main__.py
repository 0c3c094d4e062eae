"""`make bench-estimates`: estimates and splits against known truth, as a table in docs/."""

import argparse
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes share the cores

from scripts.simulate_estimates import page, peer
from scripts.simulate_estimates.trials import Cell, run
from scripts.simulate_estimates.worlds import worlds

SEED = 20_250_105
SIZES = {"digits": (100, 300), "penalised digits": (100, 300)}
COMMON = (200, 1_000)
LARGE = (200, 1_000, 4_000)


def main() -> int:
    """Simulate, measure and write the page, again after each round of versions."""
    given = _asked()
    started = time.monotonic()
    names = list(worlds())
    # A round is a version of each world, so that a run that is cut short has some of all.
    tasks = [
        (name, number, given.windows, given.splits)
        for number in range(given.versions)
        for name in names
    ]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    found: dict[str, dict[tuple[str, int], Cell]] = {name: {} for name in names}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        compared = pool.submit(peer.compare, given.nannyml, SEED) if given.nannyml else None
        for (name, number, *_), cells in zip(tasks, pool.map(_run, tasks), strict=True):
            page.merge(found[name], cells)
            print(f"{time.monotonic() - started:,.0f} s: {name}, version {number + 1}", flush=True)
            if name == names[-1]:
                last = number + 1 == given.versions
                beside = compared.result() if compared and (last or compared.done()) else None
                minutes = (time.monotonic() - started) / 60
                page.write(found, beside, f"{machine}, {minutes:.0f} minutes", number + 1)
    return 0


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--versions", type=int, default=40, help="of each world (40)")
    asked.add_argument("--windows", type=int, default=8, help="of each version and cell (8)")
    asked.add_argument("--splits", type=int, default=2, help="of each version and case (2)")
    asked.add_argument(
        "--nannyml", type=Path, help="a Python that has nannyml: its CBPE and DLE on the same rows"
    )
    return asked.parse_args()


def _run(task: tuple[str, int, int, int]) -> dict[tuple[str, int], Cell]:
    name, number, windows, splits = task
    world = worlds()[name]
    sizes = SIZES.get(name, LARGE if "changed relation" in world.cases else COMMON)
    seed = [SEED, list(worlds()).index(name), number]
    return dict(run(world, sizes, windows, seed, splits if name in page.SPLIT else 0))


if __name__ == "__main__":
    sys.exit(main())
