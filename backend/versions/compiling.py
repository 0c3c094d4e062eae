"""Scikit-learn to ONNX, adopted when proven equal; else scikit-learn answers, and it is said why.

Tried in this order: the whole pipeline as a graph; scikit-learn's preprocessing before a graph of
the last step; scikit-learn alone. Equal means on every row of the reference and on every probe: the
same label, and each probability, or value, closer than a limit.
"""

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from backend.versions.compiled import Compiled, margins, open_session, steps_before
from backend.versions.engines import runtime
from backend.versions.probes import probes
from backend.versions.scorer import Scored, Scorer
from backend.versions.signature import Signature

LIMIT = 1e-5  # of probabilities; of values it is times the target's standard deviation
MOST_BYTES = 256 << 20
CLOSEST_TIE = 1e-9
TIES_PER_DIFFERENCE = 10

OFF = "It was trained with `WATCHDESK_COMPILE` set to `off`."


@dataclass(frozen=True)
class Compilation:
    """What became of it: the graph's bytes, if it was adopted, and the evidence.

    The evidence has `engine` (`onnx` or `sklearn`) and `reason`, a full sentence. If adopted also
    `part` (`whole` or `estimator`), `rows`, `probes`, `changed_labels`, `largest_difference` and
    its `limit`, `tie` (see `Compiled`) and `near_ties`, the rows of the reference left to
    scikit-learn for it, `bytes`, `seconds`, and the versions of `onnxruntime` and `skl2onnx`.
    """

    content: bytes | None
    evidence: dict[str, Any]


class NotAdopted(Exception):
    """A graph that is not used; the text says what it does, beginning with the verb."""


def not_compiled(reason: str = OFF) -> Compilation:
    """What a version says that was not compiled at all."""
    return Compilation(None, {"engine": "sklearn", "reason": reason})


def compile_version(
    signature: Signature, estimator: Any, reference: pd.DataFrame, spread: float = 1.0
) -> Compilation:
    """Compile a fitted estimator, prove it, and say which engine answers.

    Args:
        signature: the version's.
        estimator: as it will be kept.
        reference: the version's reference rows, at least one.
        spread: for a regression the standard deviation of the target.
    """
    began = time.perf_counter()
    trial = Trial(signature, estimator, reference, spread)
    against: list[str] = []
    for part, title, convert in _parts(signature, estimator):
        try:
            content = _converted(convert)
            graph = Compiled(signature, _opened(content), steps_before(estimator, part))
            proof = trial.prove(graph)
        except NotAdopted as why:
            against.append(f"{title} {why}")
            continue
        size = {"bytes": len(content), "seconds": round(time.perf_counter() - began, 3)}
        return Compilation(content, _adopted(part, proof) | size)
    return not_compiled(f"It is not compiled: {'; '.join(against)}.")


def _parts(signature: Signature, estimator: Any) -> list[tuple[str, str, Callable[[], bytes]]]:
    from backend.versions import onnx_graphs

    parts: list[tuple[str, str, Callable[[], bytes]]] = [
        ("whole", "the whole pipeline", lambda: onnx_graphs.whole(signature, estimator)),
        ("estimator", "its last step alone", lambda: onnx_graphs.last_step(estimator)),
    ]
    return parts if len(getattr(estimator, "steps", ())) > 1 else parts[:1]


def _converted(convert: Callable[[], bytes]) -> bytes:
    try:
        content = convert()
    except Exception as error:
        raise NotAdopted(f"cannot be converted ({_said(error)})") from error
    if len(content) > MOST_BYTES:
        raise NotAdopted(f"would take {len(content) >> 20} MB; the limit is {MOST_BYTES >> 20} MB")
    return content


def _opened(content: bytes) -> Any:
    try:
        return open_session(content)
    except Exception as error:
        raise NotAdopted(f"cannot be loaded ({_said(error)})") from error


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if len(text) <= 150 else text[:149] + '…'}"


@dataclass(frozen=True)
class Proof:
    """That a graph answers as scikit-learn; the fields are described with `Compilation`."""

    rows: int
    probes: int
    largest_difference: float
    limit: float
    tie: float
    near_ties: int


class Trial:
    """What scikit-learn answers to the reference and the probes, and graphs held against it."""

    def __init__(
        self, signature: Signature, estimator: Any, reference: pd.DataFrame, spread: float
    ) -> None:
        self._scorer = Scorer(signature, estimator)
        self._reference = reference
        self._probes = probes(signature, reference)
        self._limit = LIMIT * spread if signature.task == "regression" else LIMIT
        self._expected: tuple[Scored, Scored] | None = None

    def prove(self, graph: Compiled) -> Proof:
        """That `graph` answers as scikit-learn.

        Raises:
            NotAdopted: it does not, or one of them cannot answer.
        """
        if self._expected is None:
            self._expected = self._answers(self._scorer, "meets rows that scikit-learn refuses")
        found = self._answers(replace(self._scorer, compiled=graph), "fails when it runs")
        difference = self._difference(self._expected, found)
        if not (difference < self._limit or difference == 0):
            raise NotAdopted(
                f"differs from scikit-learn by {difference:.2g}, and {self._limit:.2g} is the limit"
            )
        classifies = self._scorer.signature.task != "regression"
        tie = (
            max(CLOSEST_TIE, TIES_PER_DIFFERENCE * difference) if difference and classifies else 0.0
        )
        served = replace(self._scorer, compiled=replace(graph, tie=tie))
        changed = _changed(self._expected, self._answers(served, "fails when it runs"))
        if changed:
            raise NotAdopted(f"gives {changed:,} rows another label than scikit-learn")
        shares = found[0].probabilities
        near = 0 if shares is None else int((margins(shares) < tie).sum())
        n = len(self._reference)
        return Proof(n, len(self._probes), difference, self._limit, tie, near)

    def _answers(self, scorer: Scorer, failing: str) -> tuple[Scored, Scored]:
        try:
            return scorer.score_frame(self._reference), scorer.score(self._probes)
        except Exception as error:
            raise NotAdopted(f"{failing} ({_said(error)})") from error

    def _difference(self, expected: tuple[Scored, Scored], found: tuple[Scored, Scored]) -> float:
        """The largest difference; NaN where a graph answers with no number."""
        pairs = [(_numbers(e), _numbers(f)) for e, f in zip(expected, found, strict=True)]
        # Of a value beyond all of the reference's, the leading digits are compared.
        size = np.abs(pairs[0][0]).max() or 1.0
        return max(
            float((np.abs(e - f) / np.maximum(1.0, np.abs(e) / size)).max()) for e, f in pairs
        )


def _numbers(scored: Scored) -> Any:
    return scored.values if scored.probabilities is None else scored.probabilities


def _changed(expected: tuple[Scored, Scored], found: tuple[Scored, Scored]) -> int:
    """How many rows have another label."""
    return sum(
        a != b
        for e, f in zip(expected, found, strict=True)
        for a, b in zip(e.labels or (), f.labels or (), strict=True)
    )


def _adopted(part: str, proof: Proof) -> dict[str, Any]:
    how = "" if part == "whole" else "Scikit-learn prepares the inputs, and ONNX answers: "
    equal = (
        f"the largest difference is {proof.largest_difference:.2g}"
        if proof.largest_difference
        else "they are equal to the last bit"
    )
    reason = (
        f"{how}all {proof.rows:,} reference rows and {proof.probes:,} probes agree with"
        f" scikit-learn; {equal}."
    )
    return {
        "engine": "onnx",
        "reason": reason[0].upper() + reason[1:],
        "part": part,
        "rows": proof.rows,
        "probes": proof.probes,
        "changed_labels": 0,
        "largest_difference": proof.largest_difference,
        "limit": proof.limit,
        "tie": proof.tie,
        "near_ties": proof.near_ties,
        "onnxruntime": runtime(),
        "skl2onnx": importlib.metadata.version("skl2onnx"),
    }
