"""Gates on a version's own held-out rows: how many, how good, and how well calibrated."""

from functools import partial

from backend.versions import artefacts
from console.comparison.titles import TITLES
from console.promotion.gates.case import Case
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none
from console.promotion.gates.rules import is_lower_better


def checks(case: Case) -> list[Check]:
    """The gates of `minimum_rows`, `floors` and `calibration`."""
    return [_rows(case), *_floors(case), _calibration(case)]


def bound(metric: str) -> str:
    """How a floor of a metric is said: by what it may not fall below, or rise above."""
    return "at most" if is_lower_better(metric) else "at least"


def _rows(case: Case) -> Check:
    title, least = "Held-out rows", case.rules.heldout_rows
    if least is None:
        return asked_for_none("minimum_rows", title, "minimum of rows")
    return Check("minimum_rows", title, partial(_enough_rows, case, least))


def _enough_rows(case: Case, least: int) -> Found:
    table = artefacts.table(case.database, case.version, artefacts.HELDOUT, case.store)
    n = len(table)
    message = f"{case.name} has {n:,} held-out rows; at least {least:,} are asked for."
    return Found(n, least, at_most=False, message=message, n=n)


def _floors(case: Case) -> list[Check]:
    floors = case.rules.floors
    if not floors:
        return [asked_for_none("floors", "Metric floors", "floor of a metric")]
    return [
        Check(
            f"floors.{metric}",
            f"{TITLES[metric]} {bound(metric)} {limit:g}",
            partial(_floor, case, metric, limit),
        )
        for metric, limit in floors.items()
    ]


def _floor(case: Case, metric: str, limit: float) -> Found:
    figure, n = case.judged.figure(metric), len(case.judged)
    message = (
        f"{TITLES[metric]} is {figure:.4g} on {n:,} held-out rows; {bound(metric)} {limit:g} is"
        " asked for."
    )
    return Found(figure, limit, is_lower_better(metric), message, n)


def _calibration(case: Case) -> Check:
    title, limit = "Calibration", case.rules.ece
    if limit is None:
        return asked_for_none("calibration", title, "calibration")
    title = f"Expected calibration error at most {limit:g}"
    return Check("calibration", title, partial(_calibrated, case, limit))


def _calibrated(case: Case, limit: float) -> Found | NotApplicable:
    if case.signature.task == "regression":
        return NotApplicable("A regression gives no probabilities to calibrate.")
    figure, n = case.judged.figure("calibration_error"), len(case.judged)
    message = (
        f"Scores differ from the shares observed by {figure:.4g} on average over {n:,} held-out"
        f" rows in ten bins; at most {limit:g} is asked for."
    )
    return Found(figure, limit, at_most=True, message=message, n=n)
