"""Medians over the rounds, and ratios of them."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scripts.bench_serving.client import Measured
from scripts.bench_serving.models import BATCH_ROWS
from scripts.bench_serving.rounds import BATCH, Sample

Figure = Literal["rate", "p50_ms", "p99_ms"]


@dataclass(frozen=True)
class Figures:
    """The samples, asked by service, model and load; None is what was not measured."""

    samples: Sequence[Sample]

    def median(self, service: str, model: str, load: str, figure: Figure = "rate") -> float | None:
        """The median over the rounds: rows per second for batches, else requests."""
        found = self._all(service, model, load, figure)
        return statistics.median(found) if found else None

    def spread(self, service: str, model: str, load: str) -> tuple[float, float] | None:
        """The lowest and the highest rate of the rounds."""
        found = self._all(service, model, load, "rate")
        return (min(found), max(found)) if found else None

    def errors(self, service: str, model: str) -> int:
        """Requests that were refused, broken or late, over all its runs."""
        runs = [s.measured for s in self.samples if (s.service, s.model) == (service, model)]
        return sum(run.refused + run.broken for run in runs)

    def best(
        self,
        services: Iterable[str],
        model: str,
        load: str,
        figure: Figure = "rate",
    ) -> tuple[str, float] | None:
        """The service with the highest median rate, or the lowest latency, and that median."""
        found = [
            (name, value)
            for name in services
            if (value := self.median(name, model, load, figure)) is not None
        ]
        if not found:
            return None
        choose = max if figure == "rate" else min
        return choose(found, key=lambda pair: pair[1])

    def _all(self, service: str, model: str, load: str, figure: Figure) -> list[float]:
        return [
            _value(sample.measured, load, figure)
            for sample in self.samples
            if sample.service == service
            and sample.load == load
            # A bare route has no model: what was measured once stands beside both.
            and (sample.model == model or service.startswith("bare-"))
        ]


def ratio(above: float | None, below: float | None) -> float | None:
    """`above / below`; None where either was not measured."""
    return None if above is None or not below else above / below


def _value(measured: Measured, load: str, figure: Figure) -> float:
    if figure == "rate":
        return measured.rate * (BATCH_ROWS if load == BATCH else 1)
    return measured.p50_ms if figure == "p50_ms" else measured.p99_ms
