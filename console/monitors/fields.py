"""The fields of a rule: what each is called, its unit, default and range, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from backend.errors import Unusable


@dataclass(frozen=True)
class Field:
    """A field of a rule.

    Attributes:
        name: its key.
        title: for readers.
        kind: `whole` and `number` have a range, `choice` has choices, `feature` is the name of
            one of the model's inputs.
        default: what is taken where nothing is said; None: it is left out.
        least, most: the range, both included.
        unit: minutes, hours, days, weeks, looks, share (in [0, 1]), ms, …; or empty.
        choices: the values of a `choice`.
        help: what else there is to know.
    """

    name: str
    title: str
    kind: Literal["whole", "number", "choice", "feature"]
    default: int | float | str | None
    least: float = 0.0
    most: float = 0.0
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""

    def read(self, value: Any, features: Sequence[str] | None) -> int | float | str | None:
        """The value of this field, from what a form or a command line gave; None is its default.

        Raises:
            Unusable: it cannot be used.
        """
        if value is None:
            return self.default
        if isinstance(value, str) and not value.strip():
            raise Unusable(
                f"`{self.name}` has no value. Give it one, or leave it out to take its default"
                f" ({'none' if self.default is None else self.default})."
            )
        if self.kind == "choice":
            return self._chosen(str(value))
        if self.kind == "feature":
            return self._feature(str(value), features)
        return self._number(value)

    def _chosen(self, value: str) -> str:
        if value not in self.choices:
            known = " or ".join(f"`{one}`" for one in self.choices)
            raise Unusable(f"`{self.name}` is `{value[:60]}`; expected {known}.")
        return value

    def _feature(self, value: str, features: Sequence[str] | None) -> str:
        if features is not None and value not in features:
            some = ", ".join(f"`{one}`" for one in features[:20])
            more = " and others" if len(features) > 20 else ""
            raise Unusable(
                f"`{self.name}` is `{value[:60]}`, which the model does not have; expected one of"
                f" {some}{more}."
            )
        return value

    def _number(self, value: Any) -> int | float:
        try:
            found = float(value)
        except (TypeError, ValueError):
            raise self._bad(value) from None
        if not isfinite(found) or not self.least <= found <= self.most or isinstance(value, bool):
            raise self._bad(value)
        if self.kind == "number":
            return found
        if found != int(found):
            raise self._bad(value)
        return int(found)

    def _bad(self, value: Any) -> Unusable:
        what = "a whole number" if self.kind == "whole" else "a number"
        unit = f" ({self.unit})" if self.unit else ""
        return Unusable(
            f"`{self.name}` is `{str(value)[:60]}`; expected {what} from {self.least:,.10g} to"
            f" {self.most:,.10g}{unit}."
        )


def whole(name: str, title: str, default: int, least: int, most: int, unit: str) -> Field:
    """A whole number."""
    return Field(name, title, "whole", default, least, most, unit)


def number(
    name: str, title: str, default: float | None, least: float, most: float, unit: str
) -> Field:
    """A number."""
    return Field(name, title, "number", default, least, most, unit)


def choice(name: str, title: str, choices: tuple[str, ...], help: str = "") -> Field:  # noqa: A002  # what it is
    """One of some words; the first is the default."""
    return Field(name, title, "choice", choices[0], choices=choices, help=help)


def feature(name: str, title: str) -> Field:
    """One of the model's features, or all of them."""
    return Field(name, title, "feature", None, help="without one, all of them")
