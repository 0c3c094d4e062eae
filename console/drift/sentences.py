"""What a verdict says aloud: one sentence a feature, one or two a report."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.versions.features import Feature
from console.drift.columns import LEAST_VALUES, Measured
from console.drift.thresholds import CATEGORY_FLOOR, NUMBER_FLOOR, POWER, SHIFT

if TYPE_CHECKING:
    from console.drift.results import DriftReport


def of_feature(
    feature: Feature, found: Measured, status: str, because_missing: bool, q_value: float
) -> str:
    """The sentence for a feature with a verdict; `because_missing` when missing values decide."""
    name = _name(feature)
    if because_missing:
        return (
            f"{name} {_verb(status)}: {_share(found.missing_current)} of its values are missing,"
            f" against {_share(found.missing_reference)} in the reference."
        )
    if status == "stable":
        return f"{name} is stable: {_how_far(feature, found)}.{_new(found)}"
    certain = f"q = {q_value:.3f}" if q_value >= 0.001 else "q < .001"
    return f"{name} {_verb(status)}: {_how_far(feature, found)} ({certain}).{_new(found)}"


def of_unknown(
    feature: Feature, found: Measured, enough: int | None, enough_reference: int | None
) -> str:
    """The sentence for a feature without a verdict: what there is, and what would be enough.

    `enough` rows in a window, or where none are, `enough_reference` in the reference.
    """
    name = _name(feature)
    would = f"would show {_what(feature, found)} with {POWER:.0%} probability".replace("%", " %")
    if min(found.n_reference, found.n_current) < LEAST_VALUES:
        said = _too_few(name, found)
        return said if enough is None else f"{said} About {enough:,} rows {would}."
    seen = f"No drift of {name} was seen, but its"
    if enough is not None:
        return (
            f"{seen} {found.n_current:,} values are too few to rule it out: about {enough:,} rows"
            f" {would}."
        )
    return (
        f"{seen} {found.n_reference:,} values in the reference are too few to rule it out: about"
        f" {enough_reference:,}, and as many in the window, {would}."
    )


def of_report(report: "DriftReport") -> str:
    """The verdict on all features of a window, and what keeps the others from one."""
    if min(report.n_reference, report.n_current) < LEAST_VALUES:
        return _too_few_rows(report)
    judged = report.n_features - len(report.unknown)
    if report.n_drifted or report.n_moderate:
        return " ".join(filter(None, [_flagged(report), _others(report)]))
    if not report.is_measured:
        return (
            f"None of {report.n_features} features has enough values to compare in"
            f" {report.n_current:,} rows."
        )
    if not judged:
        return f"No drift was seen, but it cannot be ruled out: {_lack(report)}."
    if report.unknown:
        only = "The one judged feature" if judged == 1 else f"None of {judged} judged features"
        has = "has not drifted" if judged == 1 else "has drifted"
        return f"{only} {has}. {_others(report)}"
    if report.n_features == 1:
        return "The only feature has not drifted."
    return f"None of {report.n_features} features has drifted."


def _flagged(report: "DriftReport") -> str:
    n, moderate = report.n_features, report.n_moderate
    # Most drifted first, by the names that the charts and tables use.
    drifted = report.frame.query("status == 'drifted'")["title"].tolist()
    if drifted:
        verb = "has" if len(drifted) == 1 else "have"
        return f"{len(drifted)} of {n} features {verb} drifted: {_named(drifted)}."
    verb = "has" if moderate == 1 else "have"
    return f"No feature has drifted; {moderate} of {n} {verb} moved moderately."


def _others(report: "DriftReport") -> str:
    """How many features have no verdict, and why; empty where all have one."""
    unknown = len(report.unknown)
    if not unknown:
        return ""
    return f"{unknown} of {report.n_features} cannot be judged yet: {_lack(report)}."


def _lack(report: "DriftReport") -> str:
    """What those features lack: rows of the window, values in the reference, or any values."""
    longer = [one for one in report.unknown if (one.enough or 0) > report.n_current]
    thin = [one for one in report.unknown if one.enough is None and one.n_reference >= LEAST_VALUES]
    empty = [one.title for one in report.unknown if one not in longer and one not in thin]
    said = []
    if longer:
        rows = max(one.enough or 0 for one in longer)
        said.append(f"there are {report.n_current:,} {report.noun}, about {rows:,} would be enough")
    if thin:
        values = max(one.enough_reference or 0 for one in thin)
        where = (
            f"for {_named([one.title for one in thin])} " if len(thin) < report.n_features else ""
        )
        said.append(
            f"{where}the reference has {report.n_reference:,} rows, about {values:,} would be"
            " enough"
        )
    if empty:
        said.append(f"{_named(empty)} {'has' if len(empty) == 1 else 'have'} too few values")
    return "; ".join(said)


def _too_few_rows(report: "DriftReport") -> str:
    """Why there is no verdict for a window."""
    if report.n_reference < LEAST_VALUES:
        return (
            f"Drift needs at least {LEAST_VALUES} reference rows; there are {report.n_reference}."
        )
    said = f"Drift needs at least {LEAST_VALUES} {report.noun}; there are {report.n_current}."
    return (
        said
        if report.enough is None
        else f"{said} About {report.enough:,} would show whether anything moved."
    )


def _too_few(name: str, found: Measured) -> str:
    where, there = "window", found.n_current
    if found.n_reference < min(LEAST_VALUES, found.n_current + 1):
        where, there = "reference", found.n_reference
    values = "value" if there == 1 else "values"
    return f"{name} has {there} {values} in the {where}; drift needs at least {LEAST_VALUES}."


def _what(feature: Feature, found: Measured) -> str:
    """The change that would have shown."""
    if not feature.is_numeric:
        return f"a Jensen-Shannon distance of {CATEGORY_FLOOR}"
    if found.constant:
        return f"{_share(NUMBER_FLOOR)} of values that differ"
    return f"a shift of {SHIFT} standard deviations"


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


def _name(feature: Feature) -> str:
    return f"`{feature.display_name or feature.name}`"


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
