"""Gates against the champion on the same rows: no metric is worse by more than is tolerated."""

from functools import partial

from console.comparison.titles import TITLES
from console.promotion.gates.case import Case
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none
from console.promotion.gates.rules import Tolerance
from console.promotion.gates.worse import worse


def checks(case: Case) -> list[Check]:
    """The gates of `no_worse`."""
    if not case.rules.no_worse:
        title = "No worse than the champion"
        return [asked_for_none("no_worse", title, "comparison with the champion")]
    return [
        Check(
            f"no_worse.{metric}",
            f"{TITLES[metric]} not worse than the champion's by more than {tolerance}",
            partial(_no_worse, case, metric, tolerance),
        )
        for metric, tolerance in case.rules.no_worse.items()
    ]


def _no_worse(case: Case, metric: str, tolerance: Tolerance) -> Found | NotApplicable:
    if case.alone is not None:
        return case.alone
    found = worse(case.pair, metric, tolerance)
    message = " ".join(filter(None, [found.sentence(TITLES[metric]), case.pair.warning]))
    return Found(found.high, found.limit, at_most=True, message=message, n=found.n)
