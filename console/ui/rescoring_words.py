"""Words and figures that the parts of a rescoring share."""

from typing import Any

import pandas as pd

from console.rescoring import Rescoring
from console.ui.format import number, percent


def identity(found: Rescoring) -> tuple[Any, ...]:
    """What decides the drawings of a rescoring."""
    window = found.window
    return (found.origin, found.model, found.version, window.start, window.end, found.rows,
            found.message)  # fmt: skip


def outcomes(found: Rescoring) -> tuple[str, str]:
    """What rows are called whose answer became better, and worse."""
    if found.task == "regression":
        return "nearer to the truth", "further from the truth"
    return "newly right", "newly wrong"


def with_interval(frame: pd.DataFrame) -> pd.DataFrame:
    """Share and interval as percentages."""
    ends = zip(frame["low"].tolist(), frame["high"].tolist(), strict=True)
    return frame.assign(
        share=frame["share"].map(percent),
        interval=[f"{percent(low)} – {percent(high)}" for low, high in ends],
    )


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign."""
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + number(abs(value), digits)
