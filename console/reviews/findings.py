"""From evidence to findings: what a meeting has to decide on, the gravest first.

Performance that is worse comes first, then the features that moved, those that change most answers
before others; then answers that moved, and requests that were refused or stayed away.
"""

import hashlib
from math import isnan
from typing import Any

import pandas as pd

from console.drift.decisions.changes import Change
from console.drift.decisions.sentences import of_change, percent
from console.drift.results import FeatureResult
from console.drift.thresholds import MISSING_FLOOR
from console.reviews import charts
from console.reviews.evidence import MOST_FEATURES, MOVED, Evidence, moved_of
from console.reviews.figures import effect_text, figure
from console.reviews.performance import of_performance
from console.reviews.traffic import of_traffic

Document = dict[str, Any]
MOST_KEY = 240


def of(found: Evidence) -> list[Document]:
    """The findings of some evidence as `console.reviews.meeting.Finding` reads them."""
    return [
        *of_performance(found.performance),
        *_features(found),
        *_answers(found),
        *of_traffic(found.counts, found.before),
    ]


def key_of(kind: str, name: str) -> str:
    """The key of a finding: the same in every review, of at most 240 characters."""
    key = f"{kind}:{name}"
    if len(key) <= MOST_KEY:
        return key
    return f"{key[: MOST_KEY - 13]}…{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _features(found: Evidence) -> list[Document]:
    changes = {change.feature: change for change in found.decisions.changes}
    results = {result.feature: result for result in found.report.results}
    moved = moved_of(found.report)
    # Those that change no answer and those that were not asked about stay in the verdict's order.
    moved.sort(key=lambda name: -changes[name].changed if name in changes else 0.0)
    return [_feature(found, results[name], changes.get(name)) for name in moved]


def _feature(found: Evidence, result: FeatureResult, change: Change | None) -> Document:
    feature = found.signature.feature(result.feature)
    began = found.onsets[found.onsets["feature"] == result.feature]
    what = result.message if not len(began) else f"{result.message} {_began(began)}"
    return {
        "key": key_of("feature", result.feature),
        "feature": result.feature,
        "title": result.title,
        "kind": "missing" if _is_missing(result) else "feature",
        "status": result.status,
        "what": what,
        "matters": _matters(found, change),
        "figures": [*_figures(result, change), *_when(began)],
        "charts": charts.of_feature(feature, found.reference, found.judged.rows, found.window),
    }


def _is_missing(result: FeatureResult) -> bool:
    """Whether it is the share of missing values that moved more than the values."""
    shift = abs(result.missing_current - result.missing_reference) / MISSING_FLOOR
    values = result.effect / result.effect_floor
    return shift >= 0.5 and (isnan(values) or shift > values)


def _matters(found: Evidence, change: Change | None) -> str:
    if change is not None:
        return of_change(found.decisions.scope, change)
    if found.decisions.changes:
        return (
            f"Not looked at: the {MOST_FEATURES} features that drifted most were put back, and it"
            " is not among them."
        )
    return found.decisions.message


def _figures(result: FeatureResult, change: Change | None) -> list[Document]:
    said = [figure("Effect", result.effect, effect_text(result))]
    said.append(figure("q-value", result.q_value, _q_value(result.q_value)))
    was, became = result.missing_reference, result.missing_current
    if max(was, became) > 0:
        said.append(figure("Missing", became, f"{percent(became)}, reference {percent(was)}"))
    if result.new_categories:
        said.append(figure("New categories", None, result.new_categories))
    if change is not None:
        interval = f"{percent(change.low)} – {percent(change.high)}"
        changed = f"{percent(change.changed)} ({interval})"
        said.append(figure("Answers that change", change.changed, changed))
    rows = f"{result.n_current:,}, reference {result.n_reference:,}"
    return [*said, figure("Values", result.n_current, rows)]


def _answers(found: Evidence) -> list[Document]:
    return [
        {
            "key": key_of("answers", result.feature),
            "title": result.title,
            "kind": "answers",
            "status": result.status,
            "what": result.message,
            "matters": _answers_matter(found),
            "figures": _figures(result, None),
            "charts": _answer_charts(found, result),
        }
        for result in found.report.outputs
        if result.status in MOVED
    ]


def _answers_matter(found: Evidence) -> str:
    together = found.decisions.together
    if together is None:
        return (
            "It is what callers got. No input moved by as much as would explain it alone: look at"
            " how inputs go together, and at the truth when it comes."
        )
    many = len(found.decisions.changes)
    what = "the feature that moved" if many == 1 else f"all {many} features that moved"
    share = f"{percent(together.changed)} ({percent(together.low)} – {percent(together.high)})"
    verb = "moves" if found.decisions.scope.task == "regression" else "changes"
    return f"It is what callers got. Putting {what} back {verb} {share} of the answers."


def _answer_charts(found: Evidence, result: FeatureResult) -> list[charts.Chart]:
    from console.drift.report import outputs_of

    feature = next(f for f in outputs_of(found.signature) if f.name == result.feature)
    if feature.name not in found.reference.columns:
        return []
    return charts.of_feature(feature, found.reference, found.judged.rows, found.window)


def _began(began: pd.DataFrame) -> str:
    at, until = began["at"].iloc[0], began["until"].iloc[0]
    day = f"{at.day} {at:%b %Y}"
    when = day if until - at >= pd.Timedelta(days=1) else f"{day} at {at:%H:%M} UTC"
    # It may have moved before the window began, so this is no beginning of the drift.
    return f"Within the window it changed most on {when}."


def _when(began: pd.DataFrame) -> list[Document]:
    if not len(began):
        return []
    distance = float(began["distance"].iloc[0])
    said = f"{began['at'].iloc[0]:%Y-%m-%d %H:%M} UTC"
    return [figure("Changed most", distance, said)]


def _q_value(value: float) -> str:
    return "–" if isnan(value) else "< .001" if value < 0.001 else f"{value:.3f}"
