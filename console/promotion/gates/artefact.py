"""Gates on the artefact: it is what was signed, answers as it did at training, and quickly."""

import statistics
import time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from backend.errors import Unusable
from backend.versions import artefacts
from backend.versions.scorer import Scorer
from console.promotion.gates.case import Case, rows_of
from console.promotion.gates.found import Check, Found, NotApplicable, asked_for_none

TIMED = 100
"""So many rows are answered one by one for a latency, after a few that are not counted."""
_WARM = 5


def checks(case: Case) -> list[Check]:
    """The gates of `artefact`, which is always checked, and of `latency`."""
    limit = case.rules.reproduced
    return [
        Check("artefact", "Files verified and loaded", partial(_loads, case)),
        Check(
            "artefact.reproduced",
            f"At least {100 * limit:g} % of the answers stored at training come out again",
            partial(_reproduces, case, limit),
        ),
        *_latency(case),
    ]


def _loads(case: Case) -> Found:
    names = sorted(case.version.files)
    for name in names:
        artefacts.read(case.database, case.version, name, case.store)
    engine = "scikit-learn" if case.scorer.compiled is None else "ONNX"
    message = (
        f"{len(names)} files are what was signed, by their hashes, and the version is loaded to"
        f" answer by {engine}."
    )
    return Found(len(names), len(names), at_most=False, message=message)


def _reproduces(case: Case, limit: float) -> Found:
    frame = case.heldout
    column = "__value__" if case.signature.task == "regression" else "__label__"
    if column not in frame.columns or frame.empty:
        raise Unusable(f"The held-out rows of {case.name} hold no answers to compare with.")
    same, n = _same(case, frame[column]), len(frame)
    figure = float(np.mean(same))
    message = (
        f"{int(same.sum()):,} of {n:,} answers to the held-out rows come out as they were stored"
        f" at training; at least {100 * limit:g} % is asked for."
    )
    return Found(figure, limit, at_most=False, message=message, n=n)


def _same(case: Case, stored: "pd.Series[Any]") -> Any:
    answers = case.judged.answers[0]
    if case.signature.task == "regression":
        kept = stored.to_numpy(dtype=np.float64)
        return np.isclose(answers.values, kept, rtol=1e-6, atol=1e-9)
    now = np.array([str(answers.labels[place]) for place in answers.chosen], dtype=object)
    return now == stored.astype(str).to_numpy(dtype=object)


def _latency(case: Case) -> list[Check]:
    most, times = case.rules.us_per_row, case.rules.times_champion
    found = []
    if most is not None:
        title = f"Median latency of a row at most {most:g} µs"
        found.append(Check("latency.us_per_row", title, partial(_quick, case, most)))
    if times is not None:
        title = f"Median latency at most {times:g} times the champion's"
        found.append(Check("latency.times_champion", title, partial(_as_quick, case, times)))
    return found or [asked_for_none("latency", "Latency", "latency")]


def _quick(case: Case, limit: float) -> Found:
    figure, n = _median_us([case.scorer], case.heldout)[0], _timed(case.heldout)
    message = (
        f"The median row takes {figure:,.0f} µs to answer, one at a time on this machine; at most"
        f" {limit:,g} µs is asked for."
    )
    return Found(figure, limit, at_most=True, message=message, n=n)


def _as_quick(case: Case, limit: float) -> Found | NotApplicable:
    if case.alone is not None:
        return case.alone
    ours, theirs = _median_us([case.scorer, case.champions], case.pair.frame)
    message = (
        f"The median row takes {ours:,.0f} µs and the champion's {theirs:,.0f} µs, one at a time"
        f" on this machine: {ours / theirs:.3g} times; at most {limit:g} times is asked for."
    )
    n = _timed(case.pair.frame)
    return Found(ours / theirs, limit, at_most=True, message=message, n=n)


def _timed(frame: pd.DataFrame) -> int:
    return min(TIMED, len(frame))


def _median_us(scorers: list[Scorer], frame: pd.DataFrame) -> list[float]:
    """The median time that each takes to answer a row, in microseconds.

    They take turns row by row, so that what slows the machine slows all of them.
    """
    if frame.empty:
        raise Unusable("There are no held-out rows to time.")
    places = np.arange(_timed(frame) + _WARM) % len(frame)
    taken: list[list[float]] = [[] for _ in scorers]
    rows = [rows_of(scorer.signature.matrix_of(frame.iloc[places])) for scorer in scorers]
    for place in range(len(places)):
        for scorer, own, times in zip(scorers, rows, taken, strict=True):
            began = time.perf_counter_ns()
            scorer.score([own[place]])
            times.append((time.perf_counter_ns() - began) / 1_000)
    return [statistics.median(times[_WARM:]) for times in taken]
