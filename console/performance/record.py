"""The track record: what estimates said of earlier stretches, and what truth said later."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from console.performance.results import Metric, TrackRecord

COLUMNS = (
    "start",
    "end",
    "metric",
    "estimated",
    "band_low",
    "band_high",
    "realized",
    "low",
    "high",
    "n",
    "inside",
)


def track_record(over_time: pd.DataFrame, metrics: Sequence[Metric]) -> TrackRecord:
    """Compare estimates with the truth that came later.

    A band is for the metric realized on all answered rows of a stretch. Where truth is known for a
    share c of them only, what it says is itself uncertain by its interval times √(1 - c) (the
    finite population correction, Cochran 1977, "Sampling Techniques", section 2.6), so the band is
    widened by that, in quadrature.

    Args:
        over_time: with the columns `OVER_TIME`; each estimate made without its stretch's truth.
        metrics: those to compare; one that was never both estimated and realized has no rows.
    """
    wanted = over_time[over_time["metric"].isin([metric.name for metric in metrics])]
    figures = wanted[["estimated", "band_low", "band_high", "realized", "low", "high"]]
    figures = figures.astype(np.float64)
    there = figures.notna().all(axis=1).to_numpy(dtype=bool)
    frame, figures = wanted[there], figures[there]
    frame = frame.assign(**{str(name): figures[name] for name in figures}, n=frame["known"])
    missing = 1 - frame["coverage"].astype(np.float64).fillna(0.0).clip(0.0, 1.0)
    above = figures["realized"] >= figures["estimated"]
    band = np.where(
        above,
        figures["band_high"] - figures["estimated"],
        figures["estimated"] - figures["band_low"],
    )
    truth = np.where(
        above, figures["realized"] - figures["low"], figures["high"] - figures["realized"]
    )
    off = (figures["realized"] - figures["estimated"]).abs()
    reach = np.sqrt(band**2 + missing.to_numpy() * truth**2)
    frame = frame.assign(inside=(off <= reach + 1e-12).to_numpy(dtype=bool))
    frame = frame.sort_values(["start", "metric"], ignore_index=True)[list(COLUMNS)]
    inside, n = int(frame["inside"].sum()), len(frame)
    return TrackRecord(frame, inside, n, _message(frame, inside, n))


def _message(frame: pd.DataFrame, inside: int, n: int) -> str:
    if not n:
        return "No stretch has both an estimate and enough truth yet, so there is no track record."
    stretches = frame["start"].nunique()
    came = f"Truth came later for {stretches:,} {'stretch' if stretches == 1 else 'stretches'}"
    if n == stretches:
        return f"{came}: the estimate was inside its band in {inside:,}."
    return f"{came}: of {n:,} estimates {inside:,} were inside their bands."
