"""`make bench-rescore`: build the log, measure each part in its own process, write the table."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time

from backend.settings import ROOT
from scripts.bench_rescore.build import prepare
from scripts.bench_rescore.parts import PARTS, Figures, Opened
from scripts.bench_rescore.table import text


def main() -> int:
    """Measure what was asked for, and write the table from all figures that there are."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000, help="rows of the log")
    asked.add_argument("--only", nargs="*", choices=PARTS, help="parts to measure again")
    asked.add_argument("--table", action="store_true", help="write the table, measure nothing")
    asked.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    args = asked.parse_args()
    folder = ROOT / ".bench" / "rescore" / str(args.rows)
    if args.part:
        opened = Opened(folder)
        print(json.dumps(PARTS[args.part](opened) | {"imported": opened.imported}))
        return 0
    folder.parent.mkdir(parents=True, exist_ok=True)
    kept = folder.parent / f"{args.rows}.json"
    figures: dict[str, Figures] = json.loads(kept.read_text()) if kept.exists() else {}
    if not args.table:
        prepare(folder, args.rows)
    for part in PARTS:
        if not args.table and (not args.only or part in args.only):
            figures[part] = _measured(part, args.rows)
            kept.write_text(json.dumps(figures, indent=1))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%F')}"
    page = text(figures, machine, args.rows)
    (ROOT / "docs" / "benchmarks" / "rescoring.md").write_text(page)
    return 0


def _measured(part: str, rows: int) -> Figures:
    """The figures of one part, measured in a fresh process on one core."""
    print(part, "…", flush=True)
    command = [sys.executable, "-m", "scripts.bench_rescore", "--rows", str(rows), "--part", part]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: Figures = json.loads(ran.stdout.splitlines()[-1]) | {"load": os.getloadavg()[0]}
    print(json.dumps(found), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
