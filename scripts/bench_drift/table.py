"""The figures as the document `docs/benchmarks/drift.md`."""

from typing import Any

HEAD = """# Drift over {rows:,} logged predictions

`make bench-drift` builds a log of {rows:,} predictions of one model over thirty days (thirty
features; SQLite, {size:.1f} GB), derives its summaries, and measures each part in a process of its
own. In the last two days three features lie elsewhere. Everything is in `scripts/bench_drift`;
`ARGS="--rows 1000000"` makes a smaller log, `ARGS="--only reading"` measures one part again.
Measured on {machine}. Times are of a machine that does other things too: trust the ratios.

| what | target | measured |
|---|---|---|
"""

FOOT = """
Worst differences are over all thirty features. A page's first drawing is in a process that has
drawn none, its imports made, as the console makes them before anybody comes; nothing of the log is
in the process's memory. `again` is a rerun, as every click causes one. CPU is user and system time
of the one process. Evidently runs its `DataDriftPreset` on frames in memory and draws nothing; the
reference has 10,000 rows on both sides, and the scores compared are its own per column (its
default for a reference of that size, the Wasserstein distance divided by the standard deviation).
"""


def text(figures: dict[str, Any], machine: str, rows: int, size: int) -> str:
    """The document; a part that was not measured has no rows."""
    found = HEAD.format(rows=rows, machine=machine, size=size / 1e9)
    for what, target, measured in _rows(figures):
        found += f"| {what} | {target} | {measured} |\n"
    return found + FOOT


def _rows(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    for name, make in (
        ("reading", _reading),
        ("pages-overview", lambda found: _page("Overview", found)),
        ("pages-drift", lambda found: _page("Drift", found)),
        ("sampling", _sampling),
        ("exactness", _exactness),
        ("derive", _derive),
    ):
        if name in figures:
            rows += make(figures[name])
    return rows + _beside_evidently(figures)


def _reading(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    report, week = found["report"], found["week_hourly"]
    ratio = found["week_log"] / week["median"]
    return [
        (
            "verdict on 30 days from summaries",
            "< 50 ms",
            f"{_ms(report['median'])} ({_ms(report['first'])} the first time)",
        ),
        ("traffic of 30 days from summaries", "", _ms(found["traffic"]["median"])),
        (
            "hourly counts of a week, summaries / the log itself",
            "",
            f"{_ms(week['median'])} / {_ms(found['week_log'])}: {ratio:,.0f} times less",
        ),
    ]


def _page(name: str, found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (
            f"{name} page, {window}, first drawing / again",
            "< 1,000 ms",
            f"{_ms(times['first'])} / {_ms(times['again'])}",
        )
        for window, times in found.items()
    ]


def _sampling(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    ratio = found["order_by_random"] / found["by_id"]["median"]
    return [
        (
            "20,000 random rows of a week: by id / `ORDER BY random()`",
            "",
            (
                f"{_ms(found['by_id']['median'])} / {_ms(found['order_by_random'])}:"
                f" {ratio:.1f} times less"
            ),
        )
    ]


def _exactness(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for days, one in found.items():
        title = f"{days} days, {one['rows']:,} rows: summaries against every row"
        rows += [
            (f"{title}, worst error of W1 (reference sd)", "< 0.002", f"{one['effect']:.5f}"),
            (f"{title}, worst error of KS", "< 0.002", f"{one['statistic']:.5f}"),
            (f"{title}, verdicts that differ", "0", str(one["statuses"])),
            (
                f"exact run over {one['rows']:,} rows",
                "< 1 GB",
                (
                    f"{one['seconds']:.0f} s, {one['cpu']:.0f} CPU s,"
                    f" {one['memory'] / 1e6:,.0f} MB at most"
                ),
            ),
        ]
    return rows


def _derive(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    each = found["cpu"] / found["rows"] * 1e6
    return [
        ("deriving the summaries, CPU a row", "", f"{each:.1f} µs"),
        ("sketches, hours and days of 30 days", "", f"{found['sketches'] / 1e6:,.0f} MB"),
    ]


def _beside_evidently(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    if not {"native", "evidently", "from_log"} <= set(figures):
        return []
    ours, theirs, log = figures["native"], figures["evidently"], figures["from_log"]
    a_row = log["cpu"] / log["rows"]
    apart = max(abs(ours["scores"][name] - score) for name, score in theirs["scores"].items())
    return [
        (
            f"{ours['rows']:,} rows in memory, CPU: Watchdesk / Evidently",
            "50 times less",
            (
                f"{ours['cpu']:.2f} s / {theirs['cpu']:.1f} s:"
                f" **{theirs['cpu'] / ours['cpu']:.0f} times less**"
            ),
        ),
        ("the same, worst difference of a score", "the same", f"{apart:.1e}"),
        (
            f"{log['rows']:,} rows from the log, exact, CPU, against Evidently in memory",
            "15 times less",
            (
                f"{log['cpu']:.2f} s:"
                f" **{theirs['cpu'] / theirs['rows'] / a_row:.1f} times less** a row"
            ),
        ),
    ]


def _ms(seconds: float) -> str:
    return f"{1_000 * seconds:,.0f} ms"
