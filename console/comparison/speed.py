"""How fast a version answers here and now, and how large it is."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from backend.records.registry import Version
from backend.versions import artefacts, manifests
from backend.versions.artefacts import Store
from backend.versions.engines import COMPILED, TITLES
from backend.versions.features import Feature, is_nan
from backend.versions.scorer import Scorer

BATCH_ROWS = 1_000
_BATCHES = 5
_SINGLES = 50
_SECONDS = 1.0  # a slow version is measured fewer times


@dataclass(frozen=True)
class Speed:
    """A version's speed on this machine, measured a moment ago, and its size.

    Attributes:
        engine: what answered, `ONNX` or `scikit-learn`.
        single_ms: the median time of one row.
        batch_us_per_row: the median time of a batch, for each row of it.
        batch_rows: rows of that batch.
        size_bytes: of the files that are loaded to answer.
    """

    engine: str
    single_ms: float
    batch_us_per_row: float
    batch_rows: int
    size_bytes: int

    def to_json(self) -> dict[str, Any]:
        """As a document."""
        return asdict(self)


def measure(version: Version, scorer: Scorer, frame: pd.DataFrame, store: Store) -> Speed:
    """Time a loaded version on rows that it can answer, 1,000 at most.

    What it takes to read a request, to wait for others and to log is not in it.

    Args:
        frame: with the signature's columns, at least one row.

    Raises:
        ArtefactDamaged, Unavailable: as `backend.versions.manifests.check`.
    """
    some = frame[scorer.signature.names].head(BATCH_ROWS)
    rows = [_values(scorer.signature.features, row) for row in some.head(_SINGLES).to_numpy(object)]
    single = _median(lambda i: scorer.score([rows[i % len(rows)]]), _SINGLES)
    batch = _median(lambda _: scorer.score_frame(some), _BATCHES)
    files = manifests.check(version, store.key)
    loaded = [artefacts.ESTIMATOR, *([COMPILED] if scorer.compiled is not None else [])]
    return Speed(
        engine=TITLES["sklearn" if scorer.compiled is None else "onnx"],
        single_ms=single * 1e3,
        batch_us_per_row=batch * 1e6 / len(some),
        batch_rows=len(some),
        size_bytes=sum(files[name].size for name in loaded),
    )


def _median(run: Callable[[int], object], times: int) -> float:
    """The median of some runs in seconds, after one that warms up."""
    run(0)
    took: list[float] = []
    while len(took) < times and (len(took) < 3 or sum(took) < _SECONDS):
        started = time.perf_counter()
        run(len(took))
        took.append(time.perf_counter() - started)
    return float(np.median(took))


def _values(features: tuple[Feature, ...], row: Any) -> list[Any]:
    """A table's row as `Signature.read` gives one."""
    return [_value(feature, value) for feature, value in zip(features, row, strict=True)]


def _value(feature: Feature, value: Any) -> Any:
    if feature.is_numeric:
        return float("nan") if value is None or value is pd.NA else float(value)
    if value is None or value is pd.NA or is_nan(value):
        return None
    return bool(value) if feature.kind == "boolean" else str(value)
