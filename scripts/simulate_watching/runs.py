"""One run each: a reference, and weeks of traffic watched against it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from console.drift import Reference
from console.watching import cycle
from console.watching.detector import Detector, Step
from console.watching.ranks import Floats
from scripts.simulate_watching.traffic import Traffic

HOURS, DAYS = 168, 7  # of a week
ROWS, DAY_ROWS = 200, 500


def opened(traffic: Traffic, reference: pd.DataFrame, seed: int) -> Detector:
    """A detector against a reference."""
    return Detector(traffic.features, reference, seed)


def watched(
    detector: Detector,
    rows: pd.DataFrame,
    per_block: int,
    threshold: float,
    random: np.random.Generator,
) -> Iterator[Step]:
    """The steps over rows in blocks of equal size."""
    ties = random.random((2, len(detector.features), len(rows)))
    values, missing = detector.codes(rows, ties)
    for place in range(0, len(rows), per_block):
        part = slice(place, place + per_block)
        yield detector.step(values[:, part], missing[:, part], place // per_block, threshold)


def quiet(family: str, n_reference: int, weeks: int, seed: int) -> int:
    """The hours with an alarm in so many quiet weeks, on a budget of as many."""
    random = np.random.default_rng([1, n_reference, weeks, seed])
    traffic = Traffic(family)
    detector = opened(traffic, traffic.draw(random, n_reference), seed)
    threshold = np.log(weeks * HOURS)
    return sum(
        bool(step.alarmed.any())
        for _ in range(weeks)
        for step in watched(detector, traffic.draw(random, HOURS * ROWS), ROWS, threshold, random)
    )


def fixed(n_reference: int, weeks: int, seed: int) -> int:
    """The same with rows ranked among the reference alone, block after block."""
    random = np.random.default_rng([2, n_reference, weeks, seed])
    traffic = Traffic("mixed")
    detector = opened(traffic, traffic.draw(random, n_reference), seed)
    untouched = detector.state["pools"]
    alarms = 0
    for _ in range(weeks * HOURS):
        rows = traffic.draw(random, ROWS)
        [step] = watched(detector, rows, ROWS, np.log(weeks * HOURS), random)
        alarms += bool(step.alarmed.any())
        detector.restore({**detector.state, "pools": untouched})
    return alarms


def verdicts(n_reference: int, weeks: int, seed: int) -> int:
    """The hours in which the drift verdict shows a flag, looked at each hour."""
    random = np.random.default_rng([3, n_reference, weeks, seed])
    traffic = Traffic("mixed")
    reference = Reference.of(traffic.draw(random, n_reference), traffic.features)
    reports = (reference.compare(traffic.draw(random, ROWS)) for _ in range(weeks * HOURS))
    return sum(report.n_drifted + report.n_moderate > 0 for report in reports)


def delays(n_reference: int, seed: int) -> dict[str, float]:
    """Hours from a change to the alarm, after a quiet week, on a budget of 12 weeks.

    Returns:
        By the change; NaN where a week was not enough. `before`: alarms of the quiet week.
    """
    random = np.random.default_rng([4, n_reference, seed])
    traffic = Traffic("mixed")
    detector = opened(traffic, traffic.draw(random, n_reference), seed)
    threshold = np.log(12 * HOURS)
    first = traffic.draw(random, HOURS * ROWS)
    before = [step.alarmed.any() for step in watched(detector, first, ROWS, threshold, random)]
    kept, found = detector.state, {"before": float(sum(before))}
    for change in (0.1, 0.2, 0.3, "category"):
        detector.restore(kept)
        found[str(change)] = _delay(detector, traffic, change, threshold, random)
    return found


def _delay(
    detector: Detector,
    traffic: Traffic,
    change: float | str,
    threshold: float,
    random: np.random.Generator,
) -> float:
    for hour in range(1, HOURS + 1):
        rows = traffic.draw(random, ROWS, moved=change == "category")
        if not isinstance(change, str):
            rows["x0"] += change
        [step] = watched(detector, rows, ROWS, threshold, random)
        if step.alarmed.any():
            return float(hour)
    return np.nan


def hours_of_a_day(at: Floats, amplitude: float) -> Floats:
    """A daily cycle: standard deviations at so many hours since midnight."""
    found: Floats = amplitude * np.sin(2 * np.pi * at / 24)
    return found


def cycled(block: str, pattern: str, size: float, weeks: int, seed: int) -> int:
    """Blocks with an alarm in so many weeks that follow a pattern, on a budget of as many.

    Args:
        pattern: `daily` cycle, `weekly` (weekends differ by `size`), `days` (each day has a mean
            of its own, of standard deviation `size`) or `none`.
    """
    random = np.random.default_rng([5, weeks, seed])
    traffic = Traffic("normal")
    n_days = weeks * DAYS
    rows = DAY_ROWS if block == "day" else ROWS * 24
    past = random.uniform(0, 10_000, 10_000)
    reference = traffic.draw(random, len(past), _shifts(past, pattern, size, random))
    detector = opened(traffic, reference, seed)
    threshold = np.log(weeks * (DAYS if block == "day" else HOURS))
    alarms = 0
    for day in range(n_days):
        at = np.sort(random.uniform(0, 1, rows))
        if block == "hour":
            at = (np.repeat(np.arange(24), ROWS) + random.uniform(0, 1, rows)) / 24
        drawn = traffic.draw(random, rows, _shifts(10_000 + day + at, pattern, size, random))
        steps = watched(detector, drawn, DAY_ROWS if block == "day" else ROWS, threshold, random)
        alarms += sum(bool(step.alarmed.any()) for step in steps)
    return alarms


def _shifts(days: Floats, pattern: str, size: float, random: np.random.Generator) -> Floats:
    """Standard deviations at times in days."""
    if pattern == "daily":
        return hours_of_a_day(days % 1 * 24, size)
    if pattern == "weekly":
        return np.where(days % 7 >= 5, size, 0.0)
    if pattern == "days":
        each, place = np.unique(days.astype(int), return_inverse=True)
        found: Floats = random.normal(0, size, len(each))[place]
        return found
    return np.zeros(len(days))


def is_seen(amplitude: float, seed: int) -> bool:
    """Whether three days of traffic with a daily cycle are told from three without."""
    random = np.random.default_rng([6, seed])
    traffic = Traffic("mixed")
    detector = opened(traffic, traffic.draw(random, 2_000), seed)
    hours = np.repeat(np.arange(cycle.DAYS * 24, dtype=np.int64), ROWS)
    rows = traffic.draw(
        random, len(hours), hours_of_a_day((hours % 24).astype(np.float64), amplitude)
    )
    values, _ = detector.codes(rows, random.random((2, len(detector.features), len(rows))))
    scores = np.stack([one for _, one in detector.scores(values)])
    return cycle.is_seen(cycle.profiles(scores, hours))
