"""Hours or whole days? Decided once, on the first three whole days of the rows watched."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from backend.records import stretches
from backend.records.predictions import Window
from console.watching import cycle
from console.watching.results import Block
from console.watching.stream import ROWS, Source, up
from console.windows import DAY, HOUR


@dataclass(frozen=True)
class Choice:
    """What is judged at a time, None until it can be told; and why, in a sentence."""

    block: Block | None
    reason: str


def choose(source: Source, asked: Literal["auto", "hour", "day"], start: int, end: int) -> Choice:
    """Hours where no cycle is seen, days where one is, or where rows are too few to tell."""
    if asked != "auto":
        return Choice(asked, f"Blocks are whole {asked}s, as chosen.")
    first = stretches.first(source.database, replace(source.which, window=Window(start, end)))
    if first is None:
        return Choice(None, "There are no rows to watch yet.")
    day = up(first - HOUR + 1, DAY)  # a day whose first hour has rows counts as whole
    if end < day + cycle.DAYS * DAY:
        whole = max((end - day) // DAY, 0)
        return Choice(
            None,
            f"Hours or days are chosen when there are {cycle.DAYS} whole days to look for a daily"
            f" cycle in; there are {whole} so far. Choose hours or days to begin at once.",
        )
    return _told(source, day)


def _told(source: Source, day: int) -> Choice:
    edges = [*range(day, day + cycle.DAYS * DAY + 1, HOUR)]
    at, values, _ = source.read(edges, ROWS["hour"])
    found = source.detector.scores(values) if len(at) else []
    hours = (at - day) // HOUR
    means = cycle.profiles(np.stack([one for _, one in found]), hours) if found else None
    if means is None or not cycle.is_told(means):
        return Choice("day", "Blocks are whole days: there are too few rows an hour for less.")
    if not cycle.is_seen(means):
        return Choice("hour", "Blocks are hours: no daily cycle is seen in the first three days.")
    name = source.detector.features[found[int(np.argmax(cycle.repeats(means)))][0]].title
    return Choice(
        "day", f"Blocks are whole days: the hour of the day shows in the rows, most in `{name}`."
    )
