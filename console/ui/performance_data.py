"""What the Performance page shows of a version and a window, kept for some seconds."""

import math
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console.performance import frames, report
from console.performance.report import Prepared
from console.performance.results import METRICS, Figure, Metric, Performance
from console.performance.sentences import MINUS, shown
from console.ui import links, readers
from console.ui.format import NONE
from console.ui.resources import database, store


@dataclass(frozen=True)
class View:
    """Whether a version is still right in a window, with the metric that is looked at.

    Attributes:
        found: the report that all figures come from.
        metric: the one that cards, course and track record show.
        target: the name of the predicted column, in whose unit errors of a regression are.
    """

    version: Version
    window: Window
    found: Performance
    metric: Metric
    target: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """What decides its drawings; truth comes in, so the rows are counted in."""
        realized, estimated = self.found.realized, self.found.estimated
        rows = (realized.n_answered, realized.n_known, estimated.n)
        return self.version.id, self.window, *rows, self.metric.name, self.found.message

    @property
    def has_rows(self) -> bool:
        """Whether the version answered anything in the window."""
        return self.found.realized.n_answered > 0

    @property
    def has_truth(self) -> bool:
        """Whether the truth of at least one answer in the window is known."""
        return self.found.realized.n_known > 0

    @property
    def course(self) -> pd.DataFrame:
        """The chosen metric through the window (`frames.course`)."""
        return frames.course(self.found.over_time, self.metric.name)

    @property
    def figures(self) -> pd.DataFrame:
        """Every metric: promised, realized, estimated (`frames.figures`)."""
        return frames.figures(self.found)

    @property
    def promised(self) -> Figure | None:
        """The chosen metric on the held-out rows."""
        return of(self.found.expected, self.metric)

    @property
    def realized(self) -> Figure | None:
        """The chosen metric where truth is known."""
        return of(self.found.realized.figures, self.metric)

    @property
    def estimated(self) -> Figure | None:
        """The chosen metric as it is estimated from scores and inputs."""
        return of(self.found.estimated.figures, self.metric)

    def titled(self, metric: Metric) -> str:
        """A metric's name, with what it is measured in."""
        return f"{metric.title} ({self.target})" if metric.unit == "target" else metric.title


def view(version: Version, window: Window) -> View:
    """A version's performance in a window, kept for some seconds; the task's first metric.

    Raises:
        ArtefactDamaged: the version's reference or held-out rows are missing or altered.
    """
    with st.spinner("Comparing what came true with what was promised …"):
        found = readers.cached(
            ("performance", version.id, window),
            lambda: report.performance(database(), version, window, store(), _ready(version)),
        )
    target = readers.signature(version).target
    return View(version, window, found, METRICS[version.task][0], target)


@st.cache_resource(max_entries=16, ttl=3_600, show_spinner=False)
def _prepared(version_id: int, _version: Version) -> Prepared:  # noqa: ARG001  # the cache key
    return report.prepare(database(), _version, store())


def _ready(version: Version) -> Prepared:
    """What a version promised and what its errors teach, which takes the longest; kept."""
    return _prepared(version.id, version)


def look_at(view: View) -> View:
    """The same with the metric that is chosen here (`?metric=`), by default the task's first."""
    metrics = {metric.name: metric for metric in METRICS[view.version.task]}
    names = list(metrics)
    key = f"performance_metric_{view.version.task}"
    links.seed(key, "metric", names, names[0], shared=False)
    chosen = st.segmented_control(
        "Metric",
        names,
        key=key,
        format_func=lambda name: metrics[name].title,
        required=True,
    )
    links.keep(key, "metric", str(chosen), default=names[0])
    return replace(view, metric=metrics[str(chosen)])


def of(figures: tuple[Figure, ...], metric: Metric) -> Figure | None:
    """The figure of a metric; None where it is not among them."""
    return next((figure for figure in figures if figure.metric.name == metric.name), None)


def value(metric: Metric, amount: float | None) -> str:
    """A value in its unit, as the report's sentences say it; a dash where there is none."""
    if amount is None or not math.isfinite(amount):
        return NONE
    return shown(metric, amount).replace("-", MINUS)


def span(metric: Metric, low: float | None, high: float | None) -> str:
    """An interval in its metric's unit: `91.0 % to 95.2 %`; a dash where there is none."""
    ends = value(metric, low), value(metric, high)
    return NONE if NONE in ends else f"{ends[0]} to {ends[1]}"
