"""What a verdict says aloud: one sentence a feature, one a report."""

from collections.abc import Sequence

from backend.versions.features import Feature
from console.drift.columns import LEAST_VALUES, Measured


def of_feature(
    feature: Feature, found: Measured, status: str, because_missing: bool, q_value: float
) -> str:
    """The sentence for one feature; `because_missing` when its missing values decide."""
    name = f"`{feature.display_name or feature.name}`"
    if status == "not_enough_rows":
        return _too_few(name, found)
    if because_missing:
        return (
            f"{name} {_verb(status)}: {_share(found.missing_current)} of its values are missing,"
            f" against {_share(found.missing_reference)} in the reference."
        )
    if status == "stable":
        return f"{name} is stable: {_how_far(feature, found)}.{_new(found)}"
    certain = f"q = {q_value:.3f}" if q_value >= 0.001 else "q < .001"
    return f"{name} {_verb(status)}: {_how_far(feature, found)} ({certain}).{_new(found)}"


def of_report(
    drifted: Sequence[str], moderate: int, tested: int, n_features: int, n_current: int
) -> str:
    """The sentence for all features of a window with enough rows."""
    if not tested:
        return f"None of {n_features} features has enough values to compare in {n_current:,} rows."
    if drifted:
        verb = "has" if len(drifted) == 1 else "have"
        return f"{len(drifted)} of {n_features} features {verb} drifted: {_named(drifted)}."
    if moderate:
        verb = "has" if moderate == 1 else "have"
        return f"No feature has drifted; {moderate} of {n_features} {verb} moved moderately."
    if n_features == 1:
        return "The only feature has not drifted."
    return f"None of {n_features} features has drifted."


def too_few_rows(n_reference: int, n_current: int, noun: str) -> str:
    """Why there is no verdict for a window."""
    if n_reference < LEAST_VALUES:
        return f"Drift needs at least {LEAST_VALUES} reference rows; there are {n_reference}."
    return f"Drift needs at least {LEAST_VALUES} {noun}; there are {n_current}."


def _too_few(name: str, found: Measured) -> str:
    where, there = "window", found.n_current
    if found.n_reference < min(LEAST_VALUES, found.n_current + 1):
        where, there = "reference", found.n_reference
    values = "value" if there == 1 else "values"
    return f"{name} has {there} {values} in the {where}; drift needs at least {LEAST_VALUES}."


def _how_far(feature: Feature, found: Measured) -> str:
    if not feature.is_numeric:
        return (
            f"`{found.mover}` makes up {_share(found.became)} of its values, against"
            f" {_share(found.was)} in the reference"
        )
    unit = f" {feature.unit}" if feature.unit else ""
    if found.constant:
        return (
            f"{_share(found.effect)} of its values differ from {found.was:.4g}{unit}, the only"
            " value in the reference"
        )
    medians = f"median {found.became:.4g}{unit} against {found.was:.4g}{unit}"
    effect = f"{found.effect:.2f}" if found.effect < 100 else f"{found.effect:.3g}"
    return f"its values lie {effect} standard deviations from the reference, {medians}"


def _new(found: Measured) -> str:
    if not found.new_categories:
        return ""
    count = len(found.new_categories)
    what = "category is" if count == 1 else "categories are"
    return f" {count} {what} new: {_named(found.new_categories)}."


def _verb(status: str) -> str:
    return {"drifted": "has drifted", "moderate": "has moved moderately"}[status]


def _share(share: float) -> str:
    percent = 100 * share
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def _named(names: Sequence[str], most: int = 5) -> str:
    shown = [f"`{name[:60]}`" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
