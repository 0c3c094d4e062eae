"""Gates in each group of a column: floors and no-worse, where the worst group decides."""

from collections.abc import Iterator
from functools import partial

from console.comparison.titles import TITLES
from console.promotion.gates.case import Case
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none
from console.promotion.gates.groups import groups
from console.promotion.gates.quality import bound
from console.promotion.gates.rules import SegmentRules, Tolerance, is_lower_better
from console.promotion.gates.worse import Worse, worse

_MOST_NAMED = 4


def checks(case: Case) -> list[Check]:
    """The gates of `segments`: one for each column and metric."""
    if not case.rules.segments:
        return [asked_for_none("segments", "Segments", "metric by segment")]
    return [check for rules in case.rules.segments for check in _column(case, rules)]


def _column(case: Case, rules: SegmentRules) -> Iterator[Check]:
    for metric, limit in rules.floors.items():
        yield Check(
            f"segments.{rules.column}.floors.{metric}",
            f"{TITLES[metric]} {bound(metric)} {limit:g} in each group by {rules.column}",
            partial(_floor, case, rules.column, metric, limit),
        )
    for metric, tolerance in rules.no_worse.items():
        yield Check(
            f"segments.{rules.column}.no_worse.{metric}",
            f"{TITLES[metric]} not worse than the champion's by more than {tolerance} in each"
            f" group by {rules.column}",
            partial(_no_worse, case, rules.column, metric, tolerance),
        )


def _floor(case: Case, column: str, metric: str, limit: float) -> Found:
    down = is_lower_better(metric)
    by = groups(case.judged, column, case.rules.segment_rows)
    found = [(name, part.figure(metric), len(part)) for name, part in by.parts]
    # What is undefined in a group cannot be said to hold there: it comes first.
    found.sort(key=lambda one: (one[1] == one[1], -one[1] if down else one[1]))
    name, figure, n = found[0]
    beyond = [each for each, value, _ in found if not (value <= limit if down else value >= limit)]
    message = (
        f"The worst of {len(found)} groups is `{name}`: {TITLES[metric]} is {figure:.4g} on {n:,}"
        f" rows; {bound(metric)} {limit:g} is asked for.{_others(beyond)}{by.sentence}"
    )
    return Found(figure, limit, down, message, n)


def _no_worse(case: Case, column: str, metric: str, tolerance: Tolerance) -> Found | NotApplicable:
    if case.alone is not None:
        return case.alone
    by = groups(case.pair, column, case.rules.segment_rows)
    found = [(name, worse(part, metric, tolerance)) for name, part in by.parts]
    found.sort(key=lambda one: -_beyond(one[1]))
    name, worst = found[0]
    beyond = [each for each, one in found if _beyond(one) > 0]
    message = f"The worst of {len(found)} groups is `{name}`. {worst.sentence(TITLES[metric])}"
    said = f"{message}{_others(beyond)}{by.sentence} {case.pair.warning}".rstrip()
    return Found(worst.high, worst.limit, at_most=True, message=said, n=worst.n)


def _beyond(found: Worse) -> float:
    """How far the bad end lies beyond the limit, which differs where it is relative."""
    return float("inf") if found.high != found.high else found.high - found.limit


def _others(beyond: list[str]) -> str:
    """The groups that fail beside the worst."""
    if len(beyond) < 2:
        return ""
    more = len(beyond) - 1 - _MOST_NAMED
    names = ", ".join(f"`{name}`" for name in beyond[1 : 1 + _MOST_NAMED])
    return f" It is not met either in {names}{f' and {more} more' if more > 0 else ''}."
