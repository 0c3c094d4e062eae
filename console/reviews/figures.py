"""Figures of findings: a number for programs, and the same with its unit for readers."""

from datetime import date
from math import isnan
from typing import Any

from console.drift.results import FeatureResult


def figure(title: str, value: float | None, text: str) -> dict[str, Any]:
    """A figure as the document has it."""
    return {"title": title, "value": value, "text": text}


def number(value: float | None) -> str:
    """A number in four significant digits; `–` where there is none."""
    if value is None or isnan(value):
        return "–"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def day(text: str | None) -> str:
    """An ISO date for readers: `7 Apr 2011`; `–` where there is none."""
    if not text:
        return "–"
    found = date.fromisoformat(text)
    return f"{found.day} {found:%b %Y}"


def effect_text(result: FeatureResult) -> str:
    """An effect with its unit and how many floors it measures."""
    if isnan(result.effect):
        return "–"
    unit = "sd" if result.kind in {"number", "integer"} else "Jensen-Shannon"
    floors = result.effect / result.effect_floor
    times = f"{floors:.2g}" if floors < 10 else f"{floors:,.0f}"
    return f"{number(result.effect)} {unit}, {times}× the floor"
