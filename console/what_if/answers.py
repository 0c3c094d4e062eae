"""An answer of the service, read for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.versions.signature import Signature


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        decision: the label as text, or the value with four significant digits.
        value: for a regression the value in the target's unit, else NaN.
        probabilities: label as text to its probability; empty for a regression.
    """

    decision: str
    value: float
    probabilities: Mapping[str, float]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a class, the likeliest first: `label`, `probability` in [0, 1], `chosen`."""
        rows = sorted(self.probabilities.items(), key=lambda item: -item[1])
        frame = pd.DataFrame(rows, columns=["label", "probability"])
        return frame.assign(chosen=frame["label"] == self.decision)


def read_answer(signature: Signature, answer: Mapping[str, Any]) -> Answer:
    """An answer of `/what-if` or `/predict`: its label or value, and each class's probability."""
    if signature.task == "regression":
        value = float(answer["value"])
        return Answer(f"{value:,.4g}", value, {})
    shares = answer["probabilities"]
    if not isinstance(shares, Mapping):
        shares = dict(zip(signature.labels, shares, strict=True))
    probabilities = {str(label): float(share) for label, share in shares.items()}
    return Answer(str(answer["label"]), float("nan"), probabilities)
