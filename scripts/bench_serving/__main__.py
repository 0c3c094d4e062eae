"""`python -m scripts.bench_serving`: measure, and write `docs/benchmarks/serving.md`."""

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from backend.settings import ROOT
from scripts.bench_serving import environments, kept, machine, models, report
from scripts.bench_serving.calls import Bodies
from scripts.bench_serving.client import require_wrk
from scripts.bench_serving.figures import Figures
from scripts.bench_serving.logged import LostRows
from scripts.bench_serving.places import Places
from scripts.bench_serving.rounds import Rounds
from scripts.bench_serving.services import QUICK, SERVICES, Service

DOCUMENT = ROOT / "docs" / "benchmarks" / "serving.md"
# A turn of ours logs up to this much; the next one begins with an empty log.
FREE_BYTES = 6 << 30


def main(arguments: Sequence[str]) -> int:
    """Measure as asked, and write the report."""
    chosen = _parser().parse_args(arguments)
    services = _services(chosen.only, chosen.quick)
    # A person's Ctrl+C and a supervisor's request end the servers alike, also where a shell that
    # started this in the background had it ignore the first.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    places = Places(environments.FOLDER)
    try:
        if not chosen.again:
            _measure(chosen, services, places)
    except KeyboardInterrupt:
        return 130
    except LostRows as lost:
        raise SystemExit(f"The benchmark stops: {lost}") from lost
    samples, around = kept.load(places.figures)
    document = places.folder / "serving.md" if around.partial else DOCUMENT
    document.write_text(report.write(Figures(samples), around))
    print(f"Written to {document.relative_to(ROOT)}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-serving ARGS=…", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one round of 2 seconds with few peers, into .bench/serving.md",
    )
    parser.add_argument(
        "--only",
        metavar="NAME,…",
        help=f"these services, into .bench/serving.md: {', '.join(s.name for s in SERVICES)}",
    )
    parser.add_argument(
        "--again", action="store_true", help="only write the last run's report again"
    )
    parser.add_argument("--rounds", type=int, help="default 3; a round takes about 12 minutes")
    parser.add_argument("--seconds", type=int, help="of each run of the client; default 4")
    return parser


def _services(only: str | None, quick: bool) -> list[Service]:
    names = only.split(",") if only else QUICK if quick else [each.name for each in SERVICES]
    known = {each.name: each for each in SERVICES}
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"There is no service `{unknown[0]}`; expected {', '.join(known)}.")
    return [each for each in SERVICES if each.name in names]


def _measure(chosen: argparse.Namespace, services: list[Service], places: Places) -> None:
    """Measure, and keep the figures."""
    wrk = require_wrk()
    count = chosen.rounds or (1 if chosen.quick else 3)
    seconds = chosen.seconds or (2 if chosen.quick else 4)
    found = machine.describe(_clean(places))
    if found.load > found.cores / 4:
        print(f"The machine is busy (load {found.load:.2f}): expect noise.", flush=True)
    used = dict.fromkeys(each.environment for each in services)
    for name in used:
        if name:
            environments.install(name)
    trained = [
        models.train(name, places.template, places.exported(name)) for name in models.ALGORITHMS
    ]
    rounds = Rounds(places, Bodies(places.bodies, *models.rows()), seconds)
    rounds.measure(services, trained, count)
    around = report.Circumstances(
        machine=found,
        rounds=count,
        seconds=seconds,
        partial=bool(chosen.quick or chosen.only),
        wrk=wrk,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        versions={name: environments.versions(name) for name in used},
        engines={each.name: each.engine for each in trained},
        failed=rounds.failed,
        checked=rounds.checked,
    )
    kept.save(places.figures, rounds.samples, around)
    shutil.rmtree(places.work)


def _clean(places: Places) -> Path:
    """An empty working folder, with room for what a turn logs."""
    shutil.rmtree(places.work, ignore_errors=True)
    for folder in (places.work, places.prepared_models, places.outputs):
        folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(places.work).free
    if free < FREE_BYTES:
        raise SystemExit(
            f"{places.work} has {free >> 20:,} MiB free; a turn's log needs {FREE_BYTES >> 20:,}."
        )
    return places.work


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
