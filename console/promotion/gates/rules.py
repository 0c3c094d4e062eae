"""The rules of a model's gates: one readable TOML text, read into checked values."""

from dataclasses import dataclass
from typing import Final

DEFAULT: Final = ""
"""What holds for a model for which nothing was written."""


@dataclass(frozen=True)
class GateRules:
    """The sections of a text, each None or empty where it says nothing."""


def parse(text: str) -> GateRules:
    """Read a text.

    Raises:
        Unusable: it is not TOML, or a key or value in it is not one of docs/gates.md.
    """
    raise NotImplementedError
