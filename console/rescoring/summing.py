"""From counts to figures: shares with their intervals, the shift, and who was right."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from backend.records.predictions import Window
from backend.versions.signature import Signature
from console.drift.decisions.intervals import Z
from console.rescoring import sentences
from console.rescoring.collecting import Collection
from console.rescoring.concentrated import segments
from console.rescoring.counting import Moments, Tally
from console.rescoring.results import (
    BY_VERSION,
    FLIPS,
    ROWS_SAMPLE,
    SKIPPED,
    Latency,
    Rescoring,
    Share,
    Shift,
    Truths,
    certain_share,
    share_of,
)

MOST_SAID = 20  # reasons
MOST_FLIPS = 200


@dataclass(frozen=True)
class Asked:
    """What a rescoring is of; each as `results.Rescoring` has it."""

    model: str
    version: int | None
    origin: str
    window: Window
    source: str | None = None


def summed(
    asked: Asked,
    gathered: Collection,
    reference: pd.DataFrame | None,
    latency: Latency,
    sampled: bool,
) -> Rescoring:
    """The figures of what was gathered.

    Args:
        reference: the version's, whose quarters cut numbers into segments; without it the rows'.
    """
    tally, signature, kept = gathered.tally, gathered.signature, gathered.kept()
    rows, changed = gathered.rows, tally.changed.total()
    overall = changed / rows if rows else 0.0
    cut_by = kept if reference is None else reference
    found = Rescoring(
        model=asked.model,
        version=asked.version,
        task=signature.task,
        origin=asked.origin,
        against=tuple(sorted(tally.rows)),
        window=asked.window,
        source=asked.source,
        found=gathered.found,
        rows=rows,
        sampled=sampled,
        skipped=_skipped(gathered),
        agreement=share_of(rows - changed, rows),
        tolerance=tally.tolerance,
        flips=_flips(gathered),
        by_version=_by_version(tally),
        shift=_shift(tally, kept),
        segments=segments(signature.features, kept, cut_by, overall),
        segment_rows=len(kept),
        truth=_truths(tally),
        latency=latency,
        rows_sample=_shown(gathered, signature),
        message="",
    )
    return sentences.with_message(found)


def _skipped(gathered: Collection) -> pd.DataFrame:
    return pd.DataFrame(gathered.skipped.most_common(MOST_SAID), columns=list(SKIPPED))


def _flips(gathered: Collection) -> pd.DataFrame:
    tally, names = gathered.tally, gathered.codes.names
    if tally.regression:
        sides = [("value", "higher", tally.higher), ("value", "lower", tally.lower)]
        moves = [side for side in sides if side[2]]
    else:
        most = tally.pairs.most_common(MOST_FLIPS)
        moves = [(names[was], names[now], n) for (was, now), n in most]
    rows = []
    for was, now, n in moves:
        share = certain_share(n, gathered.rows)
        rows.append((was, now, n, share.share, share.low, share.high))
    found = pd.DataFrame(rows, columns=list(FLIPS))
    return found.sort_values("n", ascending=False, kind="stable", ignore_index=True)


def _by_version(tally: Tally) -> pd.DataFrame:
    rows = []
    for number, n in sorted(tally.rows.items()):
        share = certain_share(tally.changed[number], n)
        rows.append((number, n, share.n, share.share, share.low, share.high))
    return pd.DataFrame(rows, columns=list(BY_VERSION))


def _shift(tally: Tally, kept: pd.DataFrame) -> Shift | None:
    if not tally.shift.n:
        return None
    some = kept["__shift__"].dropna().to_numpy()
    p05, p50, p95 = np.quantile(some, [0.05, 0.5, 0.95]).tolist() if len(some) else [math.nan] * 3
    low, high = _around(tally.shift)
    unit = "value" if tally.regression else "score"
    return Shift(unit, tally.shift.n, tally.shift.mean, low, high, p05, p50, p95)


def _around(moments: Moments) -> tuple[float, float]:
    """The 95 % interval of a mean, by the central limit theorem."""
    reach = Z * moments.deviation / math.sqrt(moments.n)
    return moments.mean - reach, moments.mean + reach


def _truths(tally: Tally) -> Truths | None:
    known = tally.error_rise.n if tally.regression else tally.right.total()
    if not known:
        return None
    newly = certain_share(tally.newly_right, known), certain_share(tally.newly_wrong, known)
    if tally.regression:
        was, now, rise = tally.error_was.mean, tally.error_now.mean, tally.error_rise
        around = _around(rise)
        return Truths(known, None, None, *newly, "mae", was, now, rise.mean, *around, None)
    both = tally.right[True, True]
    right_was = certain_share(both + tally.newly_wrong, known)
    right_now = certain_share(both + tally.newly_right, known)
    return Truths(
        known,
        right_was,
        right_now,
        *newly,
        "accuracy",
        right_was.share,
        right_now.share,
        right_now.share - right_was.share,
        *paired_difference(*newly),
        mcnemar(tally.newly_right, tally.newly_wrong),
    )


def paired_difference(gained: Share, lost: Share) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares of the same rows.

    Args:
        gained, lost: the rows that count only for the second, and only for the first.

    Source: Agresti and Min (2005), "Simple improved confidence intervals for comparing matched
    proportions", Statistics in Medicine 24, section 3: Wald's, with half a row added to each of
    the four cells.
    """
    n, more, less = gained.of + 2, gained.n + 0.5, lost.n + 0.5
    middle = (more - less) / n
    reach = Z * math.sqrt(more + less - (more - less) ** 2 / n) / n
    return max(middle - reach, -1.0), min(middle + reach, 1.0)


def mcnemar(gained: int, lost: int) -> float:
    """The p-value of the exact test that both are as likely.

    Source: McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages", Psychometrika 12; exact: the binomial test.
    """
    if not gained + lost:
        return 1.0
    return float(stats.binomtest(gained, gained + lost).pvalue)


def _shown(gathered: Collection, signature: Signature) -> pd.DataFrame:
    found = gathered.shown()
    return found if len(found) else pd.DataFrame(columns=[*ROWS_SAMPLE, *signature.names])
