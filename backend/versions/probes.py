"""Rows at which two engines would differ if they differed anywhere.

Beside the reference sample a graph is tried on rows that nobody sent yet: columns drawn apart from
each other, values on and next to the splits of trees (halfway between two that were seen, in double
and in single precision), far outside what was seen, missing, and categories that were not seen.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.compiled import LARGEST
from backend.versions.features import Feature
from backend.versions.signature import Signature

PROBES = 2_000
SHARE_MISSING = 0.1
SHARE_UNSEEN = 0.1
SHARE_FAR = 0.25  # of the rows: one value of each is far outside

Array = np.ndarray[Any, np.dtype[Any]]
Draw = np.random.Generator


def probes(signature: Signature, frame: pd.DataFrame, seed: int = 0) -> list[list[Any]]:
    """Rows as `Signature.read` gives them, drawn from those of a table.

    Args:
        signature: of the version; it says what may be missing or unseen.
        frame: at least one row, with the signature's columns.
        seed: of all draws.
    """
    draw = np.random.default_rng(seed)
    columns = [_column(f, frame[f.name], signature.serves_unseen, draw) for f in signature.features]
    rows = [list(row) for row in zip(*columns, strict=True)]
    _put_far(signature, rows, draw)
    rows.append([_missing(f, rows[0][i]) for i, f in enumerate(signature.features)])
    return rows


def _column(
    feature: Feature, column: "pd.Series[Any]", serves_unseen: bool, draw: Draw
) -> list[Any]:
    if feature.is_numeric:
        seen = np.unique(column.to_numpy(dtype=np.float64, na_value=np.nan))
        seen = seen[np.isfinite(seen)] if np.isfinite(seen).any() else np.zeros(1)
        values: list[Any] = _numbers(seen, feature.kind == "integer", draw).tolist()
    else:
        known: list[Any] = [False, True] if feature.kind == "boolean" else [*feature.categories]
        values = [known[i] for i in draw.integers(0, len(known), PROBES)]
        if feature.kind == "category" and serves_unseen:
            unseen = draw.random(PROBES) < SHARE_UNSEEN
            values = [f"{v} (unseen)" if u else v for v, u in zip(values, unseen, strict=True)]
    if feature.nullable:
        gone = draw.random(PROBES) < SHARE_MISSING
        values = [_missing(feature, v) if g else v for v, g in zip(values, gone, strict=True)]
    return values


def _missing(feature: Feature, value: Any) -> Any:
    """A missing value, where there may be one."""
    if not feature.nullable:
        return value
    return float("nan") if feature.is_numeric else None


def _numbers(seen: Array, whole: bool, draw: Draw) -> Array:
    """Half of them as seen, half on and beside the places halfway between two neighbours."""
    values: Array = draw.choice(seen, PROBES)
    lower = draw.integers(0, max(len(seen) - 1, 1), PROBES)
    halfway = (seen[lower] + seen[np.minimum(lower + 1, len(seen) - 1)]) / 2
    if whole:
        beside = np.round(halfway) + draw.integers(-1, 2, PROBES)
    else:
        beside = np.choose(
            draw.integers(0, len(_BESIDE), PROBES), [near(halfway) for near in _BESIDE]
        )
    return np.where(draw.random(PROBES) < 0.5, values, beside)


def _single(values: Array) -> Array:
    return values.astype(np.float32)


_BESIDE: tuple[Callable[[Array], Array], ...] = (
    lambda v: v,
    lambda v: np.nextafter(v, -np.inf),
    lambda v: np.nextafter(v, np.inf),
    lambda v: _single(v).astype(np.float64),
    lambda v: np.nextafter(_single(v), np.float32(-np.inf)).astype(np.float64),
    lambda v: np.nextafter(_single(v), np.float32(np.inf)).astype(np.float64),
)


def _put_far(signature: Signature, rows: list[list[Any]], draw: Draw) -> None:
    """One far value in some rows; several at once would only measure how their sums round."""
    places = [i for i, f in enumerate(signature.features) if f.is_numeric]
    if not places:
        return
    for number in draw.permutation(len(rows))[: int(SHARE_FAR * len(rows))]:
        place = int(draw.choice(places))
        feature = signature.features[place]
        far = [0.0, 1e9, 2.0**24 + 1, -(2.0**53)]
        if feature.kind == "number":
            least, greatest = feature.quantiles[0], feature.quantiles[-1]
            far += [2 * least - greatest, 2 * greatest - least]
            far += [-0.0, 5e-324, 0.99 * LARGEST, -0.99 * LARGEST]
        rows[int(number)][place] = float(draw.choice(far))
