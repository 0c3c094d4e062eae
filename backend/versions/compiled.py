"""A version's ONNX graph at work: what training has proven to answer as scikit-learn does.

`compiling.py` makes and proves it. onnxruntime is imported when the first graph is loaded.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from backend.versions.signature import Signature

log = logging.getLogger(__name__)

INPUT = "rows"
LARGEST = 1e30  # forests round to single precision, which ends at 3.4e38

Array = np.ndarray[Any, np.dtype[np.float64]]


class Codes(dict[Any, int]):
    """The code of each value of a category or boolean; the last code is that of any other."""

    def __missing__(self, value: Any) -> int:
        return len(self)


def codes_of(feature: Feature) -> Codes:
    """The codes of the values seen in training, in the signature's order, and of None."""
    seen = (False, True) if feature.kind == "boolean" else feature.categories
    return Codes({value: code for code, value in enumerate([*seen, None])})


@dataclass(frozen=True)
class Compiled:
    """A loaded graph. Thread-safe: running it changes nothing.

    Attributes:
        signature: the version's.
        session: onnxruntime's.
        steps: scikit-learn's transformers to run before it; none where the whole pipeline is in
            the graph.
        tie: a row whose two best probabilities lie closer than this is left to scikit-learn.
    """

    signature: Signature
    session: Any
    steps: tuple[Any, ...] = ()
    tie: float = 0.0
    _codes: tuple[Codes | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        coded = (None if f.is_numeric else codes_of(f) for f in self.signature.features)
        object.__setattr__(self, "_codes", tuple(coded))

    def read(self, rows: Sequence[Sequence[Any]]) -> Array:
        """Rows that `Signature.read` gave, as the matrix that the graph takes."""
        if self.signature.all_numeric or self.steps:
            return self._prepared(self.signature.matrix(rows))
        return self._coded(len(rows), zip(*rows, strict=True))

    def read_table(self, frame: pd.DataFrame) -> Array:
        """A table that has the signature's columns, as the matrix that the graph takes.

        Raises:
            Unusable: a column is missing.
        """
        matrix = self.signature.matrix_of(frame)
        if self.signature.all_numeric or self.steps:
            return self._prepared(matrix)
        return self._coded(len(matrix), (matrix[name].array for name in matrix.columns))

    def run(self, matrix: Array, instead: Callable[[Any], Any]) -> Array:
        """Answers to what `read` gave: probabilities of shape (rows, labels), or values (rows,).

        Args:
            matrix: at least one row.
            instead: called with the places of the rows that are not left to the graph; gives
                scikit-learn's answers to them.
        """
        found: Array = self.session.run(None, {INPUT: matrix})[0]
        if self.signature.task == "regression":
            found = found.reshape(-1)
        doubtful = self._doubtful(matrix, found)
        if doubtful is not None:
            places = np.flatnonzero(doubtful)
            found[places] = instead(places)
        return found

    def _prepared(self, matrix: Any) -> Array:
        for step in self.steps:
            matrix = step.transform(matrix)
        return np.ascontiguousarray(matrix, dtype=np.float64)

    def _coded(self, n: int, columns: Any) -> Array:
        """Categories and booleans by their codes."""
        matrix = np.empty((n, len(self._codes)))
        for place, (codes, column) in enumerate(zip(self._codes, columns, strict=True)):
            matrix[:, place] = column if codes is None else [codes[value] for value in column]
        return matrix

    def _doubtful(self, matrix: Array, found: Array) -> Any:
        """Which rows to leave to scikit-learn, or None: nearly always there is none."""
        doubtful = None
        # One number for all rows: with a missing value or a very large one in them, look closer.
        if not np.vdot(matrix, matrix) < LARGEST:
            far = (np.abs(matrix) > LARGEST).any(axis=1)
            doubtful = far if far.any() else None
        if not math.isfinite(found.sum()):
            lost = ~np.isfinite(found.reshape(len(found), -1)).all(axis=1)
            doubtful = lost if doubtful is None else doubtful | lost
        if self.tie:
            close = margins(found) < self.tie
            if close.any():
                doubtful = close if doubtful is None else doubtful | close
        return doubtful


def margins(shares: Array) -> Array:
    """By how much each row's best probability is ahead of its second."""
    if shares.shape[1] == 2:
        return np.abs(shares[:, 0] - shares[:, 1])
    best = np.partition(shares, -2, axis=1)
    return np.asarray(best[:, -1] - best[:, -2])


def load(
    content: bytes, signature: Signature, estimator: Any, compilation: Mapping[str, Any]
) -> Compiled | None:
    """A version's graph, or None with a sentence in the log where it cannot be loaded here."""
    try:
        session = open_session(content)
    except Exception as error:  # noqa: BLE001  # onnxruntime raises its own; scikit-learn answers
        log.warning(
            "A compiled version cannot be loaded here (%s: %s); scikit-learn answers in its place.",
            type(error).__name__,
            str(error)[:200],
        )
        return None
    part, tie = compilation["part"], float(compilation["tie"])
    return Compiled(signature, session, steps_before(estimator, part), tie)


def steps_before(estimator: Any, part: str) -> tuple[Any, ...]:
    """What scikit-learn does before the graph of `part`: `whole` or `estimator`."""
    if part == "whole":
        return ()
    return tuple(step for _, step in estimator.steps[:-1])


def open_session(content: bytes) -> Any:
    """An onnxruntime session on one thread of the caller's own.

    Raises:
        Exception: onnxruntime's own, where it cannot run the graph.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 4  # fatal: what is wrong is raised
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
