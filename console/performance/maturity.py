"""How long truth takes to come, and when enough of it will be there to decide."""

import pandas as pd

from console.performance.results import Maturity


def curve(delays: pd.DataFrame, newest: int) -> pd.DataFrame:
    """The share of answered rows whose truth is known after a delay.

    Args:
        delays: `at`, and `told_at` (UTC µs; NaN where no truth is known), a row a prediction.
        newest: the newest moment that the log knows of (UTC µs).
    """
    raise NotImplementedError


def maturity() -> Maturity:
    """The curve, how many truths are needed and when they will be there."""
    raise NotImplementedError
