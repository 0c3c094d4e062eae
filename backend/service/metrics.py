"""What the service counts and measures, for Prometheus: `GET /metrics`.

With one worker the figures are in this process. With several, each writes its own files in the
folder that `PROMETHEUS_MULTIPROC_DIR` names (workers.py makes it), and whichever worker is asked
adds all of them up. The files carry the worker's number, not its process id: one that takes a dead
worker's place goes on counting where that one ended, and a worker that dies again and again leaves
no heap of files behind.

The methods are called on the event loop, once a batch: see docs/service.md for each metric.
"""

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
MOST_LABELS = 50
OTHER = "other"
# fmt: off
_REQUEST_SECONDS = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
)
_COMMIT_SECONDS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 2_500, 5_000, 10_000)
# fmt: on

# A second series for every counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client types only a part


class BulkHistogram(Histogram):
    """A histogram that takes many observations at once: one write a bucket, not one each."""

    def observe_many(self, amounts: Sequence[float]) -> None:
        """Observe each of `amounts`."""
        counts: dict[int, int] = {}
        bounds = self._upper_bounds
        for amount in amounts:
            bucket = bisect_left(bounds, amount)
            counts[bucket] = counts.get(bucket, 0) + 1
        self._sum.inc(sum(amounts))
        for bucket, n in counts.items():
            self._buckets[bucket].inc(n)


class _State(Collector):
    """What is true now and the same for every worker: read when asked, never added up."""

    def __init__(self) -> None:
        self.champions: Mapping[str, int] = {}
        self.wal_bytes: int | None = None

    def collect(self) -> Iterator[Metric]:
        """The gauges; a model without a champion has none."""
        versions = GaugeMetricFamily(
            "watchdesk_champion_version", "The version that answers.", labels=["model"]
        )
        for model, number in self.champions.items():
            versions.add_metric([model], number)
        yield versions
        if self.wal_bytes is not None:
            yield GaugeMetricFamily(
                "watchdesk_wal_bytes", "Size of SQLite's write-ahead log.", self.wal_bytes
            )


class Metrics:
    """The service's metrics. Methods are cheap: at most a few microseconds a call."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._state = _State()
        self._predictions: dict[tuple[str, int | None, str, str], Callable[[float], None]] = {}
        self._labels: dict[str, set[str]] = {}
        self._latency: dict[str, Callable[[Sequence[float]], None]] = {}
        self._define_histograms()
        self._define_counters()
        self._define_gauges()

    def _define_histograms(self) -> None:
        registry = self._registry
        self._batch_rows = BulkHistogram(
            "watchdesk_batch_rows",
            "Rows committed together.",
            buckets=_ROWS,
            registry=registry,
        )
        self._commit = BulkHistogram(
            "watchdesk_commit_seconds",
            "Time to insert and commit a batch.",
            buckets=_COMMIT_SECONDS,
            registry=registry,
        )
        self._requests = BulkHistogram(
            "watchdesk_request_latency_seconds",
            "Time from a request's arrival to its answer.",
            ["model"],
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )

    def _define_counters(self) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"watchdesk_{name}_total", text, labels, registry=self._registry)

        self._rows_logged = counter("rows_logged", "Rows committed to the log.")
        self._counted = counter(
            "predictions",
            "Rows by what became of them; label is empty where there is none.",
            *("model", "version", "outcome", "label"),
        )
        self._overloaded = counter("overloaded", "Requests told 503: too much was waiting.")
        self._unavailable = counter("unavailable", "Requests told 503: they could not be logged.")
        self._shadow = counter("shadow_rows", "Rows that the challenger answered.", "model")
        self._shadow_dropped = counter(
            "shadow_dropped_rows", "Rows that the challenger was not asked, for load.", "model"
        )

    def _define_gauges(self) -> None:
        self._queue = Gauge(
            "watchdesk_queue_rows",
            "Rows that wait to be answered.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._workers = Gauge(
            "watchdesk_workers",
            "Workers that run.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._queue.set(0)
        self._workers.set(1)

    def batch(self, rows: int, commit_seconds: float) -> None:
        """One batch was committed."""
        self._batch_rows.observe(rows)
        self._commit.observe(commit_seconds)
        self._rows_logged.inc(rows)

    def answered(self, model: str, version: int | None, outcome: str, label: str, n: int) -> None:
        """`n` rows had this outcome and label; "" where there is no label."""
        count = self._predictions.get((model, version, outcome, label))
        if count is None:
            count = self._new_count(model, version, outcome, label)
        count(n)

    def _new_count(
        self, model: str, version: int | None, outcome: str, label: str
    ) -> Callable[[float], None]:
        labels = self._labels.setdefault(model, {""})
        if label not in labels and len(labels) > MOST_LABELS:
            label = OTHER  # each label is a series in Prometheus: their number must have an end
        else:
            labels.add(label)
        key = (model, version, outcome, label)
        if key not in self._predictions:
            shown = "" if version is None else str(version)
            self._predictions[key] = self._counted.labels(model, shown, outcome, label).inc
        return self._predictions[key]

    def latency(self, model: str, seconds: Sequence[float]) -> None:
        """Requests of this model were answered after so many seconds each."""
        observe = self._latency.get(model)
        if observe is None:
            observe = self._latency[model] = self._requests.labels(model).observe_many
        observe(seconds)

    def waiting(self, rows: int) -> None:
        """So many rows wait now."""
        self._queue.set(rows)

    def overloaded(self) -> None:
        """A request was told 503 because too much was waiting."""
        self._overloaded.inc()

    def unavailable(self, n: int) -> None:
        """`n` requests could not be logged and were told 503."""
        self._unavailable.inc(n)

    def shadow(self, model: str, rows: int) -> None:
        """The challenger answered so many rows."""
        self._shadow.labels(model).inc(rows)

    def shadow_dropped(self, model: str, rows: int) -> None:
        """So many rows were kept from the challenger because of load."""
        self._shadow_dropped.labels(model).inc(rows)

    def champions(self, serving: Mapping[str, int]) -> None:
        """These versions answer now, by model; one that is not named any more vanishes."""
        self._state.champions = serving

    def wal(self, size: int | None) -> None:
        """The write-ahead log has so many bytes; None where the database has none."""
        self._state.wal_bytes = size

    def text(self) -> bytes:
        """All figures in Prometheus' text format; with several workers, of all of them."""
        registry = CollectorRegistry()
        registry.register(self._state)
        if os.environ.get(FOLDER):
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # as above
        else:
            registry.register(self._registry)
            ProcessCollector(registry=registry)
        return generate_latest(registry)


def count_as(worker: int | None) -> None:
    """Share the files of this worker's number, or None: count in memory, alone.

    Called before any `Metrics` is made.
    """
    if worker is None:
        os.environ.pop(FOLDER, None)
        values.ValueClass = values.MutexValue
    else:
        values.ValueClass = values.MultiProcessValue(lambda: worker)  # type: ignore[no-untyped-call]  # as above


def forget(worker: int, folder: Path) -> None:
    """Take a worker that has ended out of the gauges; what it counted stays counted."""
    mark_process_dead(worker, str(folder))  # type: ignore[no-untyped-call]  # as above
