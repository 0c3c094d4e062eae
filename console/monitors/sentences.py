"""Rules and findings in words."""

from collections.abc import Mapping
from typing import Any


def of_rule(kind: str, rule: Mapping[str, Any]) -> str:
    """A checked rule as a sentence."""
    text = _RULES[kind](rule)
    more = []
    if rule["after_looks"] > 1:
        more.append(f"for {rule['after_looks']} looks in a row")
    if rule["source"] == "all":
        more.append("replayed history included")
    return f"{', '.join([text, *more])}; looked at every {minutes(rule['every_minutes'])}."


def share(value: float) -> str:
    """A share as a percentage."""
    return f"{100 * value:.3g} %"


def count(n: int, noun: str) -> str:
    """`1 request`, `1,204 requests`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def were(n: int) -> str:
    """The verb that fits a number of things."""
    return "was" if n == 1 else "were"


def minutes(value: float) -> str:
    """A number of minutes in the unit in which it is said."""
    for size, unit in ((1_440, "day"), (60, "hour")):
        if value >= size and value % size == 0:
            n = int(value // size)
            return unit if n == 1 else f"{n} {unit}s"
    return "minute" if value == 1 else f"{value:g} minutes"


def last(value: float) -> str:
    """`the last 24 hours`, from minutes."""
    said = minutes(value)
    return f"the last {said}"


def _drift(rule: Mapping[str, Any]) -> str:
    what = f"`{rule['feature']}`" if rule["feature"] else "Any feature"
    how = "drifted" if rule["least_status"] == "drifted" else "drifted or moved moderately"
    return f"{what} {how} in {last(60 * rule['window_hours'])}"


def _evidence(rule: Mapping[str, Any]) -> str:
    blocks = "" if rule["block"] == "auto" else f", by the {rule['block']}"
    return (
        f"The evidence of drift says so, with at most one false alarm in {rule['weeks']:g}"
        f" weeks{blocks}"
    )


def _missing(rule: Mapping[str, Any]) -> str:
    what = f"`{rule['feature']}`" if rule["feature"] else "any feature"
    more = (
        f"more than {share(rule['limit'])} of the values of {what} are missing"
        if rule["limit"] is not None
        else f"{share(rule['by'])} more of the values of {what} are missing than in the reference"
    )
    return f"Over {last(rule['window_minutes'])} {more}"


def _refused(rule: Mapping[str, Any]) -> str:
    return (
        f"More than {share(rule['limit'])} of the requests of {last(rule['window_minutes'])} were"
        " refused or failed"
    )


def _latency(rule: Mapping[str, Any]) -> str:
    return (
        f"The 95 % quantile of the latency of {last(rule['window_minutes'])} is above"
        f" {rule['limit_ms']:,.4g} ms"
    )


def _performance(rule: Mapping[str, Any]) -> str:
    than = "it promised" if rule["floor"] is None else f"{rule['floor']:,.4g}"
    return f"Where truth is known, {last(1_440 * rule['window_days'])} are worse than {than}"


def _traffic(rule: Mapping[str, Any]) -> str:
    few = rule["least_per_hour"]
    more = "" if few is None else f", or there were fewer than {few:,.4g} in the last hour"
    return f"No request came for {minutes(rule['quiet_minutes'])}{more}"


_RULES = {
    "drift": _drift,
    "evidence": _evidence,
    "missing": _missing,
    "refused": _refused,
    "latency": _latency,
    "performance": _performance,
    "traffic": _traffic,
}
