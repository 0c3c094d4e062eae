"""The rules of a model's gates: one readable TOML text, read into checked values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from backend.errors import Unusable
from console.comparison.titles import LOWER_IS_BETTER
from console.promotion.gates.defaults import DEFAULT, default_of
from console.promotion.gates.reading import Section

__all__ = ["DEFAULT", "METRICS", "GateRules", "SegmentRules", "Tolerance", "default_of", "parse"]

MOST_TEXT: Final = 20_000
METRICS: Final = {
    "binary": (
        *("accuracy", "roc_auc", "average_precision", "f1", "precision", "recall"),
        *("balanced_accuracy", "log_loss", "brier", "calibration_error"),
    ),
    "multiclass": (
        *("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc_ovr"),
        "calibration_error",
    ),
    "regression": ("mae", "rmse", "r2", "median_ae"),
}
"""The metrics of each task, by the names that rules give them: those of Compare, but for `bias`,
of which neither less nor more is better."""
_METRICS: Final = tuple(dict.fromkeys(name for names in METRICS.values() for name in names))
MEASURES: Final = {
    "binary": ("selection_rate", "true_positive_rate", "error"),
    "multiclass": ("error",),
    "regression": ("error",),
}
"""What fairness compares between groups, by task."""
_UNBOUNDED: Final = frozenset({"mae", "rmse", "median_ae", "log_loss"})
_LARGEST: Final = 1e15


@dataclass(frozen=True)
class Tolerance:
    """How much worse than the champion is tolerated.

    Attributes:
        amount: in the metric's unit, or as a share of the champion's figure; 0 or more.
        relative: whether it is that share.
    """

    amount: float
    relative: bool = False

    def of(self, champions: float) -> float:
        """The tolerance in the metric's unit, beside the champion's figure."""
        return self.amount * abs(champions) if self.relative else self.amount

    def __str__(self) -> str:
        return f"{100 * self.amount:g} %" if self.relative else f"{self.amount:g}"


@dataclass(frozen=True)
class SegmentRules:
    """What holds in each group of the rows by a column: as `GateRules`' fields of these names."""

    column: str
    floors: Mapping[str, float]
    no_worse: Mapping[str, Tolerance]


@dataclass(frozen=True)
class GateRules:
    """The sections of a text; None or empty where it says nothing.

    Attributes:
        floors: metric to the worst value allowed: the least, or the greatest where lower is
            better.
        no_worse: metric to what is tolerated against the champion on the same rows.
        segments: the same for each group of a column.
        heldout_rows: the least held-out rows.
        segment_rows: groups with fewer rows are not judged.
        ece: the greatest expected calibration error, in [0, 1].
        agreement: the least share of rescored rows with the champion's answer, in [0, 1].
        agreement_rows: so many rows are rescored.
        drifted: so many features may have drifted from the candidate's reference.
        fairness: column to measure (`MEASURES`) to the greatest difference between two groups.
        us_per_row, times_champion: the greatest median latency of one row, in microseconds and
            as a multiple of the champion's.
        reproduced: the least share of stored answers that the artefact gives again, in [0, 1].
        accepted: the least share of the champion's logged requests that are accepted, in [0, 1].
        accepted_rows: so many of them are tried.
        failing: so many scenarios may fail.
    """

    floors: Mapping[str, float] = field(default_factory=dict)
    no_worse: Mapping[str, Tolerance] = field(default_factory=dict)
    segments: tuple[SegmentRules, ...] = ()
    heldout_rows: int | None = None
    segment_rows: int = 50
    ece: float | None = None
    agreement: float | None = None
    agreement_rows: int = 10_000
    drifted: int | None = None
    fairness: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    us_per_row: float | None = None
    times_champion: float | None = None
    reproduced: float = 1.0
    accepted: float | None = None
    accepted_rows: int = 1_000
    failing: int | None = None

    @property
    def metrics(self) -> frozenset[str]:
        """Every metric that is named."""
        inside = [name for one in self.segments for name in (*one.floors, *one.no_worse)]
        return frozenset([*self.floors, *self.no_worse, *inside])

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, in order."""
        return tuple(dict.fromkeys([*(one.column for one in self.segments), *self.fairness]))


def parse(text: str) -> GateRules:
    """Read a text.

    Raises:
        Unusable: it is not TOML, or a key or value in it is not one of docs/gates.md; the
            sentence names the line or the key, the value, and what was expected.
    """
    if len(text) > MOST_TEXT:
        raise Unusable(
            f"The rules have {len(text):,} characters; the limit is {MOST_TEXT:,}. Shorten the"
            " comments."
        )
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of a number without end, of a thousand brackets
        raise Unusable(
            f"The rules are not TOML: {str(error).rstrip('.')}. Expected sections such as"
            " `[floors]` with lines such as `accuracy = 0.8`; mend it and save again."
        ) from error
    return _rules(Section("", document))


def _rules(top: Section) -> GateRules:
    rows, agreement = top.section("minimum_rows"), top.section("agreement")
    latency, signature = top.section("latency"), top.section("signature")
    calibration, drift = top.section("calibration"), top.section("training_drift")
    artefact, scenarios = top.section("artefact"), top.section("scenarios")
    plain = GateRules()
    found = GateRules(
        floors=_floors(top.section("floors")),
        no_worse=_tolerances(top.section("no_worse")),
        segments=tuple(_segment(name, one) for name, one in top.sections("segments")),
        heldout_rows=rows.whole("heldout", 1, 10**9),
        segment_rows=rows.whole("segment", 2, 10**9) or plain.segment_rows,
        ece=calibration.number("ece", 0, 1),
        agreement=agreement.number("share", 0, 1),
        agreement_rows=agreement.whole("rows", 1, 10**7) or plain.agreement_rows,
        drifted=drift.whole("drifted", 0, 10**6),
        fairness={name: _fairness(one) for name, one in top.sections("fairness")},
        us_per_row=latency.number("us_per_row", 0, _LARGEST),
        times_champion=latency.number("times_champion", 0, _LARGEST),
        reproduced=_or(artefact.number("reproduced", 0, 1), plain.reproduced),
        accepted=signature.number("accepted", 0, 1),
        accepted_rows=signature.whole("rows", 1, 100_000) or plain.accepted_rows,
        failing=scenarios.whole("failing", 0, 10**6),
    )
    for part in (rows, agreement, latency, signature, calibration, drift, artefact, scenarios, top):
        part.finish()
    for part, keys in (
        (rows, ()),
        (agreement, ("share",)),
        (latency, ("us_per_row", "times_champion")),
        (signature, ("accepted",)),
        (calibration, ("ece",)),
        (drift, ("drifted",)),
        (artefact, ("reproduced",)),
        (scenarios, ("failing",)),
    ):
        part.check_asks(*keys)
    return found


def _or(found: float | None, otherwise: float) -> float:
    return otherwise if found is None else found


def _floors(part: Section) -> dict[str, float]:
    part.check_asks()
    return {name: _floor(part, name) for name in part.names(_METRICS, "a metric")}


def _floor(part: Section, name: str) -> float:
    if name in _UNBOUNDED:
        return part.certain(name, 0, _LARGEST)
    return part.certain(name, -_LARGEST if name == "r2" else 0, 1)


def _tolerances(part: Section) -> dict[str, Tolerance]:
    part.check_asks()
    return {name: _tolerance(part, name) for name in part.names(_METRICS, "a metric")}


def _tolerance(part: Section, name: str) -> Tolerance:
    value: Any = part.value(name)
    if isinstance(value, str):
        return Tolerance(part.percent(name) / 100, relative=True)
    return Tolerance(part.certain(name, 0, _LARGEST, ", or a text such as `5 %`"))


def _segment(column: str, part: Section) -> SegmentRules:
    floors, no_worse = part.section("floors"), part.section("no_worse")
    part.finish()
    part.check_asks("floors", "no_worse")
    return SegmentRules(column, _floors(floors), _tolerances(no_worse))


def _fairness(part: Section) -> dict[str, float]:
    part.check_asks()
    return {
        name: part.certain(name, 0, _LARGEST if name == "error" else 1)
        for name in part.names(MEASURES["binary"], "a measure")
    }


def is_lower_better(metric: str) -> bool:
    """Whether a smaller figure is the better one."""
    return metric in LOWER_IS_BETTER
