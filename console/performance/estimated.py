"""Performance where truth is not known yet, estimated from scores and inputs alone.

An estimate never looks at the truths of the rows that it is for: these only test whether it can be
believed. Its band is for the metric that will be realized on these very rows, so it holds the
chance of their truths and the uncertainty of what was learned from the version's own rows.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from backend.records.registry import Version
from backend.versions.signature import Signature
from console.performance import cbpe
from console.performance.answers import Answers
from console.performance.cbpe import Confidence
from console.performance.dle import Loss
from console.performance.inputs import Inputs
from console.performance.results import METRICS, Assumption, Estimated, Figure, Metric
from console.performance.tested import Rows, tested

LEAST_ROWS = 30
_IMPOSSIBLE = {
    "macro_f1": "Macro F1 cannot be estimated: the log keeps the score of the answered label only,"
    " and it needs those of all labels.",
    "bias": "A mean error cannot be estimated without truth: what the inputs say of an error's"
    " sign, the version has used already.",
}


@dataclass(frozen=True)
class Estimator:
    """What a version's rows with truth teach about its errors; made once, used for any rows.

    Attributes:
        version: whose.
        signature: of the version.
        inputs: its features as numbers, with the ranges that were learned from.
        learned: about single rows; None with fewer than 30 rows to learn from.
        n: the rows learned from.
    """

    version: Version
    signature: Signature
    inputs: Inputs = field(repr=False)
    learned: Confidence | Loss | None = field(repr=False)
    n: int

    @classmethod
    def of(cls, version: Version, reference: pd.DataFrame, heldout: pd.DataFrame) -> "Estimator":
        """Learn from the rows kept with a version.

        Args:
            version: whose.
            reference: rows that it was trained on with out-of-fold answers: the features,
                `__truth__`, and `__label__` and `__score__`, or `__value__`.
            heldout: rows that it was not trained on, with the same columns.
        """
        signature = Signature.from_json(version.signature)
        tables = [table for table in (reference, heldout) if len(table)]
        frame = pd.concat(tables, ignore_index=True) if tables else reference
        answers = Answers.of(signature, frame)
        answers = answers.where(answers.known)
        inputs, rows = Inputs.of(signature, frame.iloc[answers.places])
        learned: Confidence | Loss | None = None
        if len(answers.answer) >= LEAST_ROWS:
            kind = Loss if signature.task == "regression" else Confidence
            learned = kind.of(answers, rows)
        return cls(version, signature, inputs, learned, len(answers.answer))

    def estimate(self, rows: pd.DataFrame) -> Estimated:
        """The figures of logged rows, and whether what they rest on can be believed.

        Args:
            rows: answered rows as `backend.records.log.features` gives them; rows without a label
                and score, or a value, are left out. `__truth__` serves the test alone.
        """
        read = self._read(rows)
        figures, assumption = self._figures(read), self._assumption(read)
        method: Literal["CBPE", "DLE"] = "DLE" if self.signature.task == "regression" else "CBPE"
        return Estimated(method, figures, len(read.answers.answer), assumption)

    def figures(self, rows: pd.DataFrame) -> tuple[Figure, ...]:
        """The figures of logged rows alone, for a page that draws many stretches."""
        return self._figures(self._read(rows))

    def _read(self, rows: pd.DataFrame) -> Rows:
        answers = Answers.of(self.signature, rows)
        return Rows(answers, self.inputs.matrix(rows.iloc[answers.places]))

    def _figures(self, rows: Rows) -> tuple[Figure, ...]:
        metrics, n = METRICS[self.signature.task], len(rows.answers.answer)
        possible = [metric for metric in metrics if metric.name not in _IMPOSSIBLE]
        lacking = self._lacking(n)
        found: dict[str, Figure] = {}
        if not lacking:
            found = {figure.metric.name: figure for figure in self._estimates(possible, rows)}
        none = [
            Figure(metric, "not_enough_rows", None, None, None, n, lacking) for metric in possible
        ]
        found = found or {figure.metric.name: figure for figure in none}
        for metric in metrics:
            if metric.name in _IMPOSSIBLE:
                reason = _IMPOSSIBLE[metric.name]
                found[metric.name] = Figure(metric, "not_applicable", None, None, None, n, reason)
        return tuple(found[metric.name] for metric in metrics)

    def _lacking(self, n: int) -> str:
        """Why there are no figures for n rows; empty if there are."""
        if self.learned is None:
            return (
                f"Estimates are learned from at least {LEAST_ROWS} of the version's own rows with"
                f" truth; there are {self.n}. Train it on more rows."
            )
        if n < LEAST_ROWS:
            return f"An estimate needs at least {LEAST_ROWS} answered rows; there are {n}."
        return ""

    def _estimates(self, metrics: list[Metric], rows: Rows) -> list[Figure]:
        answers, random = rows.answers, np.random.default_rng(0)
        names = [metric.name for metric in metrics]
        if isinstance(self.learned, Loss):
            near = self.learned.near(answers, rows.inputs)
            values = [float(value) for value in self.learned.expected(near)]
            bands = self.learned.bands(near, random)
        else:
            assert self.learned is not None  # noqa: S101  # `_lacking` has seen to it
            learned = self.learned.probabilities(answers.score, rows.inputs)
            chosen, scores = answers.chosen, answers.score
            expected = cbpe.metrics(names, learned[0][None, :], chosen, scores)
            values = [float(value[0]) for value in expected]
            bands = cbpe.bands(names, learned, chosen, scores, random)
        return [
            self._figure(metric, value, band, answers)
            for metric, value, band in zip(metrics, values, bands, strict=True)
        ]

    def _figure(
        self, metric: Metric, value: float, band: tuple[float, float], answers: Answers
    ) -> Figure:
        n = len(answers.answer)
        if not np.isfinite([value, *band]).all():
            reason = f"{metric.title} is undefined here: no row was answered or is expected to be"
            reason = f"{reason} `{self.signature.positive}`, or all are."
            return Figure(metric, "not_enough_rows", None, None, None, n, reason)
        most = 1.0 if metric.unit == "share" else np.inf
        ends = [min(band[0], value), max(band[1], value)]
        low, value, high = (float(one) for one in np.clip([ends[0], value, ends[1]], 0.0, most))
        return Figure(metric, "ok", value, low, high, n)

    def _assumption(self, rows: Rows) -> Assumption:
        return tested(self.signature, self.learned, self.n, rows, self.inputs)
