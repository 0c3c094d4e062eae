"""The kinds of monitor and what a rule of each may say; a rule is checked here before it is kept.

A form or a command line needs no more than this table: names, units, defaults and ranges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backend.errors import Unusable
from console.monitors.fields import Field, choice, feature, number, whole

KindName = Literal["drift", "evidence", "missing", "refused", "latency", "performance", "traffic"]


@dataclass(frozen=True)
class Kind:
    """A kind of monitor.

    Attributes:
        name: drift, evidence, missing, refused, latency, performance or traffic.
        title: for readers.
        question: what it watches, as a question.
        fields: what its rule says, the important ones first.
    """

    name: KindName
    title: str
    question: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field of that name; None if there is none."""
        return next((one for one in self.fields if one.name == name), None)


def _common(every: int) -> tuple[Field, ...]:
    return (
        whole("every_minutes", "Look every", every, 1, 10_080, "minutes"),
        whole("after_looks", "Fire after looks in a row", 1, 1, 100, "looks"),
        whole("calm_looks", "Resolve after calm looks in a row", 2, 1, 100, "looks"),
        choice("source", "Rows", ("live", "all"), "`all` counts replayed history as well"),
    )


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "drift",
            "Drift",
            "Has live data moved from the reference?",
            (
                whole("window_hours", "Window", 24, 1, 2_160, "hours"),
                choice("least_status", "Fires from", ("drifted", "moderate")),
                feature("feature", "Feature"),
                *_common(60),
            ),
        ),
        Kind(
            "evidence",
            "Evidence of drift",
            "Is there drift, looked for again and again, with few false alarms?",
            (
                number("weeks", "At most one false alarm in", 12.0, 1.0, 520.0, "weeks"),
                choice("block", "Blocks", ("auto", "hour", "day"), "days where traffic has cycles"),
                *_common(60),
            ),
        ),
        Kind(
            "missing",
            "Missing values",
            "Do features come without values?",
            (
                number("by", "More than the reference by", 0.05, 0.001, 1.0, "share"),
                number("limit", "Or a share above", None, 0.0, 0.999, "share"),
                feature("feature", "Feature"),
                whole("window_minutes", "Window", 360, 5, 43_200, "minutes"),
                *_common(5),
            ),
        ),
        Kind(
            "refused",
            "Refused requests",
            "Are requests refused, or do they fail?",
            (
                number("limit", "Share above", 0.05, 0.0, 0.999, "share"),
                whole("window_minutes", "Window", 60, 5, 43_200, "minutes"),
                *_common(5),
            ),
        ),
        Kind(
            "latency",
            "Latency",
            "Are answers slow?",
            (
                number("limit_ms", "95 % of answers within", 100.0, 0.01, 600_000.0, "ms"),
                whole("window_minutes", "Window", 60, 5, 43_200, "minutes"),
                *_common(5),
            ),
        ),
        Kind(
            "performance",
            "Performance",
            "Is it still right, where truth is known?",
            (
                number("floor", "Worse than", None, -1e12, 1e12, "of the metric"),
                whole("window_days", "Window", 28, 1, 730, "days"),
                *_common(60),
            ),
        ),
        Kind(
            "traffic",
            "Traffic",
            "Do requests still come?",
            (
                whole("quiet_minutes", "No request for", 30, 1, 43_200, "minutes"),
                number("least_per_hour", "Or fewer an hour than", None, 0.001, 1e9, "requests"),
                *_common(5),
            ),
        ),
    )
}
"""By name, in the order in which they are offered."""


def kind_of(name: str) -> Kind:
    """The kind of that name.

    Raises:
        Unusable: there is none.
    """
    if name not in KINDS:
        known = ", ".join(f"`{one}`" for one in KINDS)
        raise Unusable(f"There is no kind of monitor `{name[:60]}`; expected one of {known}.")
    return KINDS[name]


def checked(
    kind: str, rule: Mapping[str, Any], features: Sequence[str] | None = None
) -> dict[str, Any]:
    """A rule with its defaults filled in and every value in its range.

    Args:
        kind: its kind's name.
        rule: values by field; a text is read as its field needs, and None means the default.
        features: the names that a feature may have; None takes any.

    Raises:
        Unusable: a field is unknown, or a value cannot be used; the sentence names both.
    """
    found = kind_of(kind)
    unknown = [name for name in rule if found.field(name) is None]
    if unknown:
        known = ", ".join(f"`{one.name}`" for one in found.fields)
        raise Unusable(f"A {kind} monitor has no `{unknown[0][:60]}`; expected some of {known}.")
    return {one.name: one.read(rule.get(one.name), features) for one in found.fields}


def in_words(kind: str, rule: Mapping[str, Any]) -> str:
    """A rule as a sentence."""
    from console.monitors import sentences

    return sentences.of_rule(kind, rule)
