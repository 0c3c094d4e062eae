"""A document as bytes that do not depend on who writes them, so that a hash can stand for it."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

DIGITS = 9
"""Significant ones of a number: sums in another order of threads differ after some fifteen."""


def packed(document: Mapping[str, Any]) -> bytes:
    """The canonical JSON of a document: keys sorted, no spaces, UTF-8, NaN and infinity null.

    Numbers that are not whole have 9 significant digits.
    """
    plain = _plain(document)
    text = json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def sha256(content: bytes) -> str:
    """The hash that stands for some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON knows it.

    Raises:
        TypeError: it is of another kind.
    """
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or isinstance(value, (bool, int, str)):
        return None if value is pd.NaT else value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    raise TypeError(f"{type(value).__name__} cannot stand in a review's document")
