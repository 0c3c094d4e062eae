"""`make bench-drift`: build the log, measure each part in a process of its own, write the table."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from backend.settings import ROOT
from scripts.bench_drift.build import build
from scripts.bench_drift.table import text

PARTS = [
    ("derive",),
    ("reading",),
    ("pages", "overview"),
    ("pages", "drift"),
    ("sampling",),
    ("exactness",),
    ("from_log",),
    ("native",),
    ("evidently",),
]


def main() -> int:
    """Measure what was asked for, and write the table from all figures that there are."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=10_000_000, help="rows of the log")
    asked.add_argument("--only", nargs="*", help="parts to measure again")
    asked.add_argument("--table", action="store_true", help="write the table, measure nothing")
    args = asked.parse_args()
    folder = ROOT / ".bench" / "drift" / str(args.rows)
    folder.parent.mkdir(parents=True, exist_ok=True)
    kept = folder.parent / f"{args.rows}.json"
    figures: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    if not args.table:
        build(folder, args.rows)
        for part in PARTS:
            if not args.only or part[0] in args.only:
                figures["-".join(part)] = measure(part, folder)
                kept.write_text(json.dumps(figures, indent=1))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%F')}"
    size = (folder / "watchdesk.db").stat().st_size
    (ROOT / "docs" / "benchmarks" / "drift.md").write_text(text(figures, machine, args.rows, size))
    return 0


def measure(part: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """The figures of one part, measured in a fresh process."""
    print(" ".join(part), "…", flush=True)
    name, *more = part
    command = [sys.executable, "-m", "scripts.bench_drift.parts", name, str(folder), *more]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    print(json.dumps(found)[:400], flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
