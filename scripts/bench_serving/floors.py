"""The floors that the service is to reach, and what was measured of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scripts.bench_serving.figures import Figures, ratio
from scripts.bench_serving.rounds import BATCH
from scripts.bench_serving.services import SERVICES, Service

# One worker each, as ours has.
PEERS = [each for each in SERVICES if each.kind == "peer" and each.workers == 1]
Measure = Callable[[Figures], float | None]


@dataclass(frozen=True)
class Floor:
    """A ratio that is to be at least `needed`, or at most, and how it is computed."""

    text: str
    needed: float
    measure: Measure
    at_most: bool = False

    def met(self, figures: Figures) -> bool | None:
        """Whether it is reached; None when it was not measured."""
        found = self.measure(figures)
        if found is None:
            return None
        return found <= self.needed if self.at_most else found >= self.needed


def names(chosen: Callable[[Service], bool] = lambda _: True) -> list[str]:
    """The peers' names, or those of some."""
    return [each.name for each in PEERS if chosen(each)]


def _over(model: str, load: str, others: Iterable[str], service: str = "ours") -> Measure:
    """The service's rate over the best of the others'."""
    among = list(others)

    def measure(figures: Figures) -> float | None:
        best = figures.best(among, model, load)
        return ratio(figures.median(service, model, load), best[1] if best else None)

    return measure


def _p50_over_tutorial(model: str) -> Measure:
    return lambda figures: ratio(
        figures.median("ours", model, "1", "p50_ms"),
        figures.median("tutorial", model, "1", "p50_ms"),
    )


def _p99_over_peers(figures: Figures) -> float | None:
    best = figures.best(names(), "forest", "1", "p99_ms")
    return ratio(figures.median("ours", "forest", "16", "p99_ms"), best[1] if best else None)


def _gain_from_batching(figures: Figures) -> float | None:
    alone = figures.median("ours-uncompiled", "forest", "1")
    return ratio(figures.median("ours-uncompiled", "forest", "64"), alone)


FLOORS = (
    Floor(
        "Forest, 64 connections: requests/s over the tutorial's",
        50,
        _over("forest", "64", ["tutorial"]),
    ),
    Floor("… over MLflow's", 50, _over("forest", "64", ["mlflow"])),
    Floor(
        "… over the best batching peer's",
        5,
        _over("forest", "64", names(lambda each: each.batching)),
    ),
    Floor(
        "Forest: p99 at 16 connections over the lowest p99 of any peer at 1",
        1,
        _p99_over_peers,
        at_most=True,
    ),
    Floor(
        "Logistic, 64 connections: requests/s over the tutorial's",
        10,
        _over("logistic", "64", ["tutorial"]),
    ),
    Floor("… over the best peer's", 6, _over("logistic", "64", names())),
    Floor("… over bare Starlette's", 0.6, _over("logistic", "64", ["bare-starlette"])),
    Floor(
        "Forest not compiled, 64 connections: requests/s over the tutorial's",
        20,
        _over("forest", "64", ["tutorial"], "ours-uncompiled"),
    ),
    Floor("… over its own at 1 connection", 20, _gain_from_batching),
    Floor(
        "Forest, batches of 1,000: rows/s over the best peer's",
        0.7,
        _over("forest", BATCH, names()),
    ),
    Floor(
        "Logistic, batches of 1,000: rows/s over the tutorial's",
        0.4,
        _over("logistic", BATCH, ["tutorial"]),
    ),
    Floor(
        "Forest, 1 connection, NORMAL: p50 over the tutorial's",
        0.3,
        _p50_over_tutorial("forest"),
        at_most=True,
    ),
    Floor(
        "Logistic, 1 connection, NORMAL: p50 over the tutorial's",
        0.3,
        _p50_over_tutorial("logistic"),
        at_most=True,
    ),
)
