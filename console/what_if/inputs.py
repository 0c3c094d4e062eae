"""The inputs of a what-if, made from the signature: what a form needs to know of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from backend.versions.features import Feature
from backend.versions.signature import Signature


@dataclass(frozen=True)
class Input:
    """One field of the form.

    Attributes:
        name, title: the feature's name, and its name for people with its unit.
        kind: number, integer, boolean or category.
        nullable: whether it may be left empty.
        value: what it starts with (JSON-ready).
        options: the values seen in training and, where it is another, the one it starts with
            (categories).
        step: about a hundredth of the range of training, rounded to 1, 2 or 5 (numbers).
        decimals: digits after the point that show a step and the value it starts with.
        about: the range or categories of training, as a sentence.
    """

    name: str
    title: str
    kind: str
    nullable: bool
    value: Any
    options: tuple[str, ...]
    step: float
    decimals: int
    about: str


def inputs(signature: Signature, values: Mapping[str, Any]) -> list[Input]:
    """The fields for a row's values, in the signature's order."""
    return [_input(feature, values.get(feature.name)) for feature in signature.features]


def outside(feature: Feature, value: Any) -> str | None:
    """How a value lies outside what was seen in training; None where it does not."""
    if value is None:
        return None if feature.nullable else "Needs a value."
    if feature.is_numeric and feature.minimum is not None and feature.maximum is not None:
        if value < feature.minimum:
            return f"Below the least value of training, {feature.minimum:,.6g}."
        if value > feature.maximum:
            return f"Above the greatest value of training, {feature.maximum:,.6g}."
        return None
    if feature.kind == "category" and str(value) not in feature.categories:
        return "Not seen in training."
    return None


def changed(start: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that differ from where the row started."""
    return {name: value for name, value in now.items() if not _same(start.get(name), value)}


def check(signature: Signature, values: Mapping[str, Any]) -> dict[str, str]:
    """What lies outside the reference, by feature name."""
    found = {f.name: outside(f, values.get(f.name)) for f in signature.features}
    return {name: text for name, text in found.items() if text}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    return bool(one == other)


def _input(feature: Feature, value: Any) -> Input:
    step = _step(feature)
    options = feature.categories if feature.kind == "category" else ()
    if isinstance(value, str) and feature.kind == "category" and value not in options:
        options = (value, *options)
    return Input(
        name=feature.name,
        title=feature.title,
        kind=feature.kind,
        nullable=feature.nullable,
        value=value,
        options=options,
        step=step,
        decimals=max(0, -floor(log10(step))) + 1 if feature.kind == "number" else 0,
        about=_about(feature),
    )


def _step(feature: Feature) -> float:
    if feature.minimum is None or feature.maximum is None or feature.kind == "integer":
        return 1.0
    rough = (feature.maximum - feature.minimum) / 100
    if rough <= 0:
        return max(abs(feature.maximum) / 100, 1e-6)
    scale = 10.0 ** floor(log10(rough))
    return scale * next(nice for nice in (1, 2, 5, 10) if rough <= nice * scale * 1.0001)


def _about(feature: Feature) -> str:
    if feature.minimum is not None and feature.maximum is not None:
        low, high = feature.quantiles[1], feature.quantiles[-2]
        return (
            f"In training from {feature.minimum:,.6g} to {feature.maximum:,.6g}; nine in ten"
            f" between {low:,.6g} and {high:,.6g}."
        )
    if feature.kind == "boolean":
        return "True or false."
    return f"{len(feature.categories):,} categories were seen in training."
