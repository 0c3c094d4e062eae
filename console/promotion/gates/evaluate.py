"""All gates of a version, each judged by itself."""

from collections.abc import Callable

from backend.records.database import Database
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console import windows
from console.promotion.gates import (
    against,
    artefact,
    fairness,
    quality,
    scenarios,
    segments,
    traffic,
)
from console.promotion.gates.case import Case
from console.promotion.gates.found import Check, settle
from console.promotion.gates.results import Gate
from console.promotion.gates.rules import GateRules
from console.promotion.gates.saved import rules_of

Report = Callable[[float, str], None]

FAMILIES = (artefact, quality, against, segments, fairness, traffic, scenarios)
"""In the order in which gates are shown."""


def silent(share: float, message: str) -> None:
    """A report that nobody reads."""


def evaluate(
    database: Database,
    version: Version,
    store: Store,
    *,
    champion: Version | None,
    window: Window | None = None,
    report: Report = silent,
    rules: GateRules | None = None,
) -> tuple[Gate, ...]:
    """Judge a version by the rules of its model.

    A gate whose figures cannot be had fails with the reason, and the others go on.

    Args:
        champion: the version that it would replace; None where nothing answers yet.
        window: of the log; without one the last 7 days of it.
        report: told the share that is done, in [0, 1], and what comes next; may raise to stop.
        rules: to try instead of the model's.

    Returns:
        The gates in the order of docs/gates.md; never none.

    Raises:
        NotFound: there is no such model.
        Unusable: the rules of the model cannot be read.
    """
    chosen = rules_of(database, version.model) if rules is None else rules
    case = Case(database, version, champion, store, chosen, window or _window(database, version))
    checks = checks_of(case)
    found = []
    for place, check in enumerate(checks):
        report(place / len(checks), check.title)
        found.append(settle(check))
    report(1.0, "All gates are judged")
    return tuple(found)


def checks_of(case: Case) -> list[Check]:
    """The gates that the rules ask for, and one for each section that they leave out."""
    return [check for family in FAMILIES for check in family.checks(case)]


def _window(database: Database, version: Version) -> Window | None:
    span = windows.span(database, version.model)
    return None if span is None else windows.Choice().window(span)
