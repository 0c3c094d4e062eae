"""The gate of saved what-if scenarios: a version gives each the answer that is expected."""

from functools import partial

from backend.records import scenarios
from console.promotion.gates.case import Case
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none
from console.what_if.scenarios import judge

_MOST_SAID = 3


def checks(case: Case) -> list[Check]:
    """The gate of `scenarios`."""
    limit = case.rules.failing
    if limit is None:
        return [asked_for_none("scenarios", "Scenarios", "scenario to pass")]
    title = f"At most {limit:,} saved scenarios fail" if limit else "All saved scenarios pass"
    return [Check("scenarios", title, partial(_pass, case, limit))]


def _pass(case: Case, limit: int) -> Found | NotApplicable:
    kept = scenarios.of_model(case.database, case.version.model)
    if not kept:
        return NotApplicable(f"No scenario is kept for `{case.version.model}`.", 0)
    failing = [one for one in judge(case.scorer, kept) if not one.passed]
    said = [one.message for one in failing[:_MOST_SAID]]
    more = len(failing) - len(said)
    message = f"{len(kept) - len(failing):,} of {len(kept):,} scenarios pass; {limit:,} may fail."
    message = " ".join([message, *said, *([f"{more:,} more fail."] if more else [])])
    return Found(len(failing), limit, at_most=True, message=message, n=len(kept))
