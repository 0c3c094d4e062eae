"""The track record: what estimates said of earlier stretches, and what truth said later."""

from collections.abc import Sequence

import pandas as pd

from console.performance.results import Metric, TrackRecord


def track_record(over_time: pd.DataFrame, metrics: Sequence[Metric]) -> TrackRecord:
    """Compare estimates with truth, a row per stretch and metric of `OVER_TIME`."""
    raise NotImplementedError
