"""The faults of a drill: what each does to traffic from its beginning on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.monitors.drill.traffic import Traffic

SHIFT_SD = 1.0
NULL_SHARE = 0.3
REFUSED_SHARE = 0.5
SLOWER_MS = 2_000.0
_LEAST_VALUES = 5


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: shift, nulls, unit, inches, stopped, refused or slow.
        title: what happens, for readers; `{feature}` is the feature's title.
        needs: the kind of feature that it needs; None for none.
        apply: traffic, the feature and its reference values to traffic with the fault.
    """

    name: str
    title: str
    needs: str | None
    apply: Callable[[Traffic, str, "pd.Series[float]", int], Traffic]


@dataclass(frozen=True)
class Planned:
    """A fault of a drill, with the feature that it happens to."""

    fault: Fault
    feature: Feature | None

    @property
    def title(self) -> str:
        """What happens, for readers."""
        return self.fault.title.format(feature=self.feature.title if self.feature else "")

    def on(self, traffic: Traffic, reference: pd.DataFrame, seed: int = 0) -> Traffic:
        """The traffic with the fault."""
        if self.feature is None:
            return self.fault.apply(traffic, "", pd.Series(dtype=float), seed)
        name = self.feature.name
        return self.fault.apply(traffic, name, reference[name], seed)


def planned(signature: Signature, reference: pd.DataFrame) -> list[Planned]:
    """The faults that can happen to a model, each to the first feature that it can happen to.

    A number must vary in the reference, or a shift by standard deviations is none.
    """
    numbers = [
        feature
        for feature in signature.features
        if feature.is_numeric and reference[feature.name].nunique() >= _LEAST_VALUES
    ]
    # What may be missing comes without a refusal, which is the harder one to notice.
    lacking = sorted(numbers or signature.features, key=lambda feature: not feature.nullable)
    found = []
    for fault in FAULTS:
        some = {"number": numbers, "any": lacking}.get(fault.needs or "")
        if some is None:
            found.append(Planned(fault, None))
        elif some:
            found.append(Planned(fault, some[0]))
    return found


def _with(traffic: Traffic, name: str, values: "pd.Series[float]") -> Traffic:
    return replace(traffic, features=traffic.features.assign(**{name: values}))


def _shift(traffic: Traffic, name: str, reference: "pd.Series[float]", _seed: int) -> Traffic:
    moved = traffic.features[name] + SHIFT_SD * float(reference.astype(float).std())
    return _with(traffic, name, moved)


def _nulls(traffic: Traffic, name: str, _reference: "pd.Series[float]", seed: int) -> Traffic:
    lost = np.random.default_rng(seed).random(len(traffic)) < NULL_SHARE
    values = traffic.features[name]
    kept = values.astype(object).mask(pd.Series(lost), other=None)
    return _with(traffic, name, kept)


def _times(factor: float) -> Callable[[Traffic, str, "pd.Series[float]", int], Traffic]:
    def apply(traffic: Traffic, name: str, _reference: "pd.Series[float]", _seed: int) -> Traffic:
        return _with(traffic, name, traffic.features[name] * factor)

    return apply


def _stopped(traffic: Traffic, _name: str, _reference: "pd.Series[float]", _seed: int) -> Traffic:
    return traffic.part(np.zeros(len(traffic), dtype=bool))


def _refused(traffic: Traffic, _name: str, _reference: "pd.Series[float]", seed: int) -> Traffic:
    more = np.random.default_rng(seed).random(len(traffic)) < REFUSED_SHARE
    return replace(traffic, refused=traffic.refused | more)


def _slow(traffic: Traffic, _name: str, _reference: "pd.Series[float]", _seed: int) -> Traffic:
    return replace(traffic, latency_ms=traffic.latency_ms + SLOWER_MS)


FAULTS = (
    Fault("shift", "{feature} is larger by one standard deviation", "number", _shift),
    Fault("nulls", "{feature} is missing in 30 % of requests", "any", _nulls),
    Fault("unit", "{feature} comes in another unit (times 1,000)", "number", _times(1_000.0)),
    Fault("inches", "{feature} comes in another unit (times 2.54)", "number", _times(2.54)),
    Fault("stopped", "Requests stop coming", None, _stopped),
    Fault("refused", "Half of the requests are refused", None, _refused),
    Fault("slow", "Answers take two seconds longer", None, _slow),
)
