"""Reading a section of the rules: every key is known, every value of its type and in its range."""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from backend.errors import Unusable
from backend.versions.features import listed, shown

_PERCENT: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


class Section:
    """A table of the rules, which remembers the keys that were asked for.

    `name` is its place, such as `segments.region`; empty for the whole text. `table` is None where
    it was not written.
    """

    def __init__(self, name: str, table: Mapping[str, Any] | None) -> None:
        self.name = name
        self._written = table is not None
        self._table = table or {}
        self._asked: list[str] = []

    @property
    def keys(self) -> tuple[str, ...]:
        """What is there, in the order written."""
        return tuple(self._table)

    def path(self, key: str) -> str:
        """The place of a key, for a sentence."""
        return _joined(self.name, key)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._table

    def value(self, key: str) -> Any:
        """The value as TOML gives it; None where it is not there."""
        self._asked.append(key)
        return self._table.get(key)

    def section(self, key: str) -> "Section":
        """A table inside this one; empty where it is not there.

        Raises:
            Unusable: it is a value.
        """
        found = self.value(key)
        if found is None:
            return Section(self.path(key), None)
        if not isinstance(found, dict):
            raise Unusable(
                f"`{self.path(key)}` is {shown(found)}; expected a section: write"
                f" `[{self.path(key)}]` on a line of its own and its keys below."
            )
        return Section(self.path(key), found)

    def sections(self, key: str) -> list[tuple[str, "Section"]]:
        """The tables inside a table, with their names.

        Raises:
            Unusable: one of them is a value.
        """
        inside = self.section(key)
        return [(name, inside.section(name)) for name in inside.keys]

    def names(self, known: Collection[str], what: str) -> list[str]:
        """The keys, all of which are known.

        Raises:
            Unusable: one is not.
        """
        for key in self._table:
            if key not in known:
                raise Unusable(
                    f"`{self.path(key)}` is not {what} that gates know; expected one of"
                    f" {listed(list(known), 20)}."
                )
        return list(self._table)

    def number(self, key: str, least: float, most: float, otherwise: str = "") -> float | None:
        """A finite number in a range, both ends included; None where it is not there.

        Args:
            otherwise: what else was expected, for the sentence.

        Raises:
            Unusable: it is none.
        """
        value = self.value(key)
        if value is None:
            return None
        plain = isinstance(value, (int, float)) and not isinstance(value, bool)
        # NaN lies in no range, and a whole number may be too great for a float.
        if not plain or not least <= value <= most:
            expected = f"a number {_range(least, most)}{otherwise}"
            raise Unusable(f"`{self.path(key)}` is {shown(value)}; expected {expected}.")
        return float(value)

    def certain(self, key: str, least: float, most: float, otherwise: str = "") -> float:
        """`number`, of a key that is there."""
        found = self.number(key, least, most, otherwise)
        return math.nan if found is None else found

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number in a range, both ends included; None where it is not there.

        Raises:
            Unusable: it is none.
        """
        value = self.value(key)
        if value is None:
            return None
        plain = isinstance(value, int) and not isinstance(value, bool)
        if not plain or not least <= value <= most:
            expected = f"a whole number {_range(least, most)}"
            raise Unusable(f"`{self.path(key)}` is {shown(value)}; expected {expected}.")
        return int(value)

    def percent(self, key: str) -> float:
        """A text such as `5 %`, as its number.

        Raises:
            Unusable: it is none.
        """
        value = self.value(key)
        found = _PERCENT.fullmatch(str(value))
        if found is None:
            raise Unusable(
                f"`{self.path(key)}` is {shown(value)}; expected a number in the metric's unit, or"
                " a share of the champion's figure as a text such as `5 %`."
            )
        return float(found.group(1))

    def check_asks(self, *keys: str) -> None:
        """Check that a section that was written asks for something: else nothing is checked.

        Args:
            keys: one of which asks; without them any key does.

        Raises:
            Unusable: it holds none of them.
        """
        if not self._written or any(self.has(key) for key in keys or self.keys):
            return
        wanted = f"; add {listed(list(keys))}" if keys else ": add a line"
        raise Unusable(f"`[{self.name}]` asks for nothing{wanted}, or leave the section out.")

    def finish(self) -> None:
        """Check that nothing is left over.

        Raises:
            Unusable: there is a key that was not asked for.
        """
        for key in self._table:
            if key not in self._asked:
                kind = "a key" if self.name else "a section"
                where = f" of `[{self.name}]`" if self.name else ""
                raise Unusable(
                    f"`{self.path(key)}` is not {kind} that gates know; expected one of"
                    f" {listed(list(dict.fromkeys(self._asked)), 12)}{where}."
                )


def _joined(name: str, key: str) -> str:
    bare = key if _BARE.fullmatch(key) else f'"{key}"'
    return f"{name}.{bare}" if name else bare


def _range(least: float, most: float) -> str:
    if most >= 10**6:
        return f"of {least:g} or more" if least > -(10**6) else "of any size"
    return f"of at most {most:g}" if least <= -(10**6) else f"from {least:g} to {most:g}"
