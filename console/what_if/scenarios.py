"""Scenarios: rows kept from What-if with the answer that every version must give to them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.errors import Unusable, WatchdeskError
from backend.records import scenarios
from backend.records.database import Database
from backend.records.scenarios import Scenario
from backend.versions.features import listed, shown
from backend.versions.scorer import Scored, Scorer
from backend.versions.signature import Signature

MOST_NAME: Final = 100


@dataclass(frozen=True)
class Outcome:
    """What a version answers to a scenario.

    Attributes:
        passed: whether it is what is expected.
        answer: the label or value in words; empty where the row is refused.
        message: the outcome as a sentence.
    """

    scenario: Scenario
    passed: bool
    answer: str
    message: str


def keep(
    database: Database,
    signature: Signature,
    model: str,
    name: str,
    features: Mapping[str, Any],
    expected: Mapping[str, Any],
    *,
    actor: str,
) -> Scenario:
    """Check a row and what is expected of it, and keep them.

    Args:
        signature: of a version that takes the row.
        expected: `{"label": ...}`, or for a regression `{"low": ..., "high": ...}` where one of
            the two may be None or left out.

    Raises:
        NotFound: there is no such model.
        Refused: the model has a scenario of that name.
        Unusable: the name, the row or what is expected cannot be used.
    """
    wanted = name.strip()
    if not wanted or len(wanted) > MOST_NAME or not wanted.isprintable():
        raise Unusable(
            f"`{name[:110]}` cannot be a scenario's name; expected 1 to {MOST_NAME} characters that"
            " can be printed."
        )
    row = signature.as_object(signature.read(dict(features)))
    checked = _expected(signature, expected)
    return scenarios.add(database, model, wanted, row, checked, actor=actor)


def said(expected: Mapping[str, Any]) -> str:
    """What is expected, in words: `yes`, `from 10 to 20`, `at least 10`."""
    if "label" in expected:
        return f"`{expected['label']}`"
    low, high = expected.get("low"), expected.get("high")
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"from {low:g} to {high:g}"


def judge(scorer: Scorer, kept: Sequence[Scenario]) -> tuple[Outcome, ...]:
    """Answer each scenario with a version; one whose row is refused does not pass."""
    return tuple(_judge(scorer, one) for one in kept)


def _judge(scorer: Scorer, one: Scenario) -> Outcome:
    try:
        scored = _scored(scorer, one.features)
    except Unusable as error:
        return Outcome(one, False, "", f"`{one.name}` is refused: {error.detail}")
    if scored.labels is not None:
        label = scored.labels[0]
        passed, answer = str(label) == str(one.expected.get("label")), f"`{label}`"
    else:
        value = float(scored.values[0]) if scored.values is not None else math.nan
        passed, answer = _within(value, one.expected), f"{value:.4g}"
    verb = "is" if passed else "is not"
    message = f"`{one.name}` is answered {answer}, which {verb} {said(one.expected)}."
    return Outcome(one, passed, answer, message)


def _scored(scorer: Scorer, features: Mapping[str, Any]) -> Scored:
    row = scorer.signature.read(dict(features))
    try:
        return scorer.score([row])
    except WatchdeskError:
        raise
    except Exception as error:  # an estimator raises what it likes
        raise Unusable(
            f"The version cannot answer it ({type(error).__name__}: {str(error)[:200]})."
        ) from error


def _within(value: float, expected: Mapping[str, Any]) -> bool:
    if "label" in expected:
        return False
    low, high = expected.get("low"), expected.get("high")
    return not (
        math.isnan(value)
        or (low is not None and value < low)
        or (high is not None and value > high)
    )


def _expected(signature: Signature, expected: Mapping[str, Any]) -> dict[str, Any]:
    if signature.task != "regression":
        if set(expected) != {"label"}:
            raise Unusable(
                f"A scenario of this model expects a label: one of {listed(signature.labels)}."
            )
        return {"label": _label(signature, expected["label"])}
    ends = {side: _end(side, expected.get(side)) for side in ("low", "high")}
    unknown = [side for side in expected if side not in ends]
    if unknown or (ends["low"] is None and ends["high"] is None):
        raise Unusable(
            "A scenario of a regression expects a range: give `low`, `high` or both, in the unit of"
            f" `{signature.target}`."
        )
    if ends["low"] is not None and ends["high"] is not None and ends["low"] > ends["high"]:
        raise Unusable(
            f"The range from {ends['low']:g} to {ends['high']:g} ends before it begins. Give the"
            " smaller number as `low`."
        )
    return ends


def _label(signature: Signature, label: Any) -> Any:
    try:
        return signature.label_of(label)
    except Unusable:
        raise Unusable(
            f"The expected label is {shown(label)}; expected one of {listed(signature.labels)}."
        ) from None


def _end(side: str, value: Any) -> float | None:
    if value is None:
        return None
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not plain or not math.isfinite(value):
        raise Unusable(f"`{side}` is {shown(value)}; expected a finite number, or nothing.")
    return float(value)
