"""The report: `docs/benchmarks/serving.md`, from the figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.bench_serving.figures import Figures, ratio
from scripts.bench_serving.floors import FLOORS, Floor
from scripts.bench_serving.machine import Machine
from scripts.bench_serving.models import TITLES
from scripts.bench_serving.rounds import BATCH
from scripts.bench_serving.services import SERVICES, Service

NOTHING = "–"
HEAD = """# The prediction service against its peers

`make bench-serving` installs the peers, each in an environment of its own, trains two models on
the 30 numeric features of scikit-learn's breast cancer data, and serves the same two artefacts with
every service. One service runs at a time: it is started, asked whether it answers the right labels,
warmed for two seconds, and measured with 1, 16 and 64 connections, and with batches of 1,000 rows
over 4. Then comes the next service, and after the last one the next round. The figures are medians
of {rounds} of {seconds} seconds each. The client is wrk {wrk} on one thread, on the same machine.

**Watchdesk writes every row to its log and commits before it answers; no other service here writes
anything.** In each turn it begins with an empty log.{checked}

## Floors

| floor | needed | measured | met |
|---|---|---|---|
{floors}

The best peer is the best of those with one worker, as Watchdesk has.
"""
TABLE = """
## {title}

One row a request, over so many connections. The last column is Watchdesk's requests/s at 64
connections over the line's.{engine}

| service | logs | req/s: 1 | 16 | 64 | range at 64 | p50 ms: 1 | p99 ms: 1 | 16 | 64 | × |
|---|---|---|---|---|---|---|---|---|---|---|
{lines}
"""
BATCHES = """
## Batches of 1,000 rows

Rows per second over 4 connections; Watchdesk logs each row. The last columns are Watchdesk's rows/s
over the line's.

| service | logs | forest | logistic | × forest | × logistic |
|---|---|---|---|---|---|
{lines}
"""
FOOT = """
## What ran

{notes}

All listen on 127.0.0.1, with one worker unless the line says otherwise, and no access log.{failed}

## On what

{date}. {cores} cores ({processor}), {memory} GiB of memory, {kernel}, Python {python}. The load
average before the first round was {load:.2f}. The SQLite file is on {filesystem}, and commits with
`synchronous=NORMAL` (they survive a killed process) unless the line says FULL (a power cut too).

{versions}
"""


@dataclass(frozen=True)
class Circumstances:
    """What stands around the figures.

    Attributes:
        rounds, seconds: how often and how long each run was.
        partial: whether only some of the services were asked for.
        wrk, date: the client's version, and the day.
        versions: of packages, by environment.
        engines: what ours answered each model with.
        failed: why turns of a service failed.
        checked: rows of ours found in the log.
    """

    machine: Machine
    rounds: int
    seconds: int
    partial: bool
    wrk: str
    date: str
    versions: dict[str, dict[str, str]]
    engines: dict[str, str]
    failed: dict[str, list[str]]
    checked: int


def write(figures: Figures, around: Circumstances) -> str:
    """The whole document."""
    measured = {sample.service for sample in figures.samples}
    services = [each for each in SERVICES if each.name in measured]
    rounds = f"{around.rounds} rounds" if around.rounds > 1 else "one round"
    parts = [
        HEAD.format(
            rounds=rounds,
            seconds=around.seconds,
            wrk=around.wrk,
            checked=_checked(around.checked),
            floors="\n".join(_floor(floor, figures) for floor in FLOORS),
        ),
        *(_table(figures, services, model, around.engines.get(model, "")) for model in TITLES),
        _batches(figures, services),
        _foot(services, around),
    ]
    return "".join(parts)


def number(value: float | None) -> str:
    """A figure with about three digits."""
    if value is None:
        return NOTHING
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def _checked(rows: int) -> str:
    return (
        f" After each run the log was read:\nall of the {rows:,} rows that were answered are in it."
        if rows
        else ""
    )


def _floor(floor: Floor, figures: Figures) -> str:
    sign = "≤" if floor.at_most else "≥"
    met = {True: "yes", False: "**no**", None: "not measured"}[floor.met(figures)]
    needed = f"{sign} {floor.needed:g}"
    return _line([floor.text, needed, number(floor.measure(figures)), met])


def _table(figures: Figures, services: Sequence[Service], model: str, engine: str) -> str:
    lines = []
    ours = figures.median("ours", model, "64")
    for each in services:
        rates = [figures.median(each.name, model, load) for load in ("1", "16", "64")]
        if rates[-1] is None:
            continue
        spread = figures.spread(each.name, model, "64")
        latencies = [
            figures.median(each.name, model, "1", "p50_ms"),
            *(figures.median(each.name, model, load, "p99_ms") for load in ("1", "16", "64")),
        ]
        lines.append(
            _line(
                [
                    _title(each, figures.errors(each.name, model)),
                    _logs(each),
                    *map(number, rates),
                    "–".join(map(number, spread)) if spread else NOTHING,
                    *map(number, latencies),
                    number(ratio(ours, rates[-1])),
                ]
            )
        )
    said = (
        f" Watchdesk answers\nwith {engine}, but where the line says that it is not compiled."
        if engine
        else ""
    )
    return TABLE.format(title=TITLES[model], engine=said, lines="\n".join(lines))


def _batches(figures: Figures, services: Sequence[Service]) -> str:
    lines = []
    for each in services:
        rates = [figures.median(each.name, model, BATCH) for model in TITLES]
        ours = [figures.median("ours", model, BATCH) for model in TITLES]
        if any(rates):
            ratios = [number(ratio(*pair)) for pair in zip(ours, rates, strict=True)]
            lines.append(_line([each.title, _logs(each), *map(number, rates), *ratios]))
    return BATCHES.format(lines="\n".join(lines))


def _foot(services: Sequence[Service], around: Circumstances) -> str:
    machine = around.machine
    listed = [
        f"- {name or 'Watchdesk and the bare routes'}: "
        + ", ".join(f"{package} {version}" for package, version in packages.items())
        for name, packages in around.versions.items()
    ]
    failed = [
        f"\n\n{len(reasons)} turns of `{name}` failed: {reasons[0]}"
        for name, reasons in around.failed.items()
    ]
    return FOOT.format(
        notes="\n".join(f"- **{each.title}**: {each.note}" for each in services),
        failed="".join(failed),
        date=around.date,
        cores=machine.cores,
        processor=machine.processor,
        memory=machine.memory_gib,
        kernel=machine.kernel,
        filesystem=machine.filesystem,
        python=machine.python,
        load=machine.load,
        versions="\n".join(listed),
    )


def _title(service: Service, errors: int) -> str:
    return f"{service.title} ({errors:,} errors)" if errors else service.title


def _logs(service: Service) -> str:
    return "each row, first" if service.kind == "ours" else "no"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
