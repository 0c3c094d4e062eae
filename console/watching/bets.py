"""What a bet on a block of rows has won, against odds that are fair if nothing has changed.

A bet is a weight for each bin. Row by row it wins its weight in the row's bin over the mean weight
under the urn's chances at that moment, in which earlier rows of the block count too. So if
reference and stream are exchangeable, each factor has mean 1 given all earlier bins, and so has
their product: an e-value, and over the blocks a test martingale.

Source: Shafer (2021), "Testing by betting", Journal of the Royal Statistical Society A 184(2);
Volkhonskiy, Burnaev, Nouretdinov, Gammerman and Vovk (2017), "Inductive conformal martingales for
change-point detection", Proceedings of Machine Learning Research 60.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from console.watching.ranks import ABSENT, Floats, Ints, Ranks

SHIFTS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Of location, in standard deviations, either way."""
SPREADS = (0.6, 0.8, 1.25, 1.7)
"""The standard deviation, as a multiple."""
OUTSIDE = (0.02, 0.3)
"""Shares of values beyond the reference's own range."""
GROUPS = (16, 64)
"""Equal parts of the reference whose shares are learned from recent blocks."""
KEPT = (0.9, 0.98, 0.98)
"""How much of what was learned a block leaves, for `LEARNED`."""
LEARNED = (0, 0, 1)
PRIOR = 100.0  # values that the pool's own shares weigh in what is learned
STEPS = (
    (1 / 1_000, 0.01),
    (1 / 1_000, 0.2),
    (1 / 64, 0.05),
    (1 / 64, 0.3),
    (1 / 16, 0.15),
    (1 / 16, 0.02),
    (1 / 4, 0.4),
    (1 / 4, 0.12),
)
"""For missing values, which rank last: the upper part of the ranks, and the share it has if so."""
MOST = 300.0  # a block's e-value is cut off at exp(300); that makes it smaller, and it stays valid


def prior(learns: bool) -> Floats:
    """How the stake is divided over the bets of a column, shape (bets,); sums to 1."""
    if not learns:
        return np.full(len(STEPS), 1 / len(STEPS))
    parts = (
        (0.5, 2 * len(SHIFTS)),
        (0.1, len(SPREADS)),
        (0.15, len(OUTSIDE)),
        (0.25, len(LEARNED)),
    )
    return np.concatenate([np.full(n, share / n) for share, n in parts])


def of_values(ranks: Sequence[Ranks]) -> Floats:
    """The bets on columns' values that do not learn, shape (columns, bets, WIDTH)."""
    z = np.stack([one.scores for one in ranks])[:, None, :]
    shifts = np.array([sign * size for size in SHIFTS for sign in (1, -1)])[None, :, None]
    spreads = np.array(SPREADS)[None, :, None]
    located = np.exp(shifts * z)
    spread = np.exp(z**2 / 2 * (1 - spreads**-2.0))
    gaps = np.stack([one.gaps for one in ranks])
    outside = np.stack([_outside(one, share) for share in OUTSIDE for one in gaps])
    outside = outside.reshape(len(OUTSIDE), len(ranks), -1).swapaxes(0, 1)
    return np.concatenate([located, spread, outside], axis=1)


def of_missing(ranks: Sequence[Ranks]) -> Floats:
    """The bets on which rows are missing, shape (columns, bets, WIDTH)."""
    return np.stack([np.stack([_step(one, *step) for step in STEPS]) for one in ranks])


def groups_of(ranks: Sequence[Ranks]) -> Ints:
    """The group of each bin for each of `GROUPS`, shape (len(GROUPS), columns, WIDTH)."""
    middles = np.stack([one.middles for one in ranks])
    return np.stack([(middles * n).astype(np.int64) for n in GROUPS])


def learned(recent: Floats, groups: Ints, pool: Floats) -> Floats:
    """Bets that the next rows fall as recent ones did, shape (columns, WIDTH).

    Args:
        recent: recent values by group, shape (columns, groups).
        groups: the group of each bin, shape (columns, WIDTH).
        pool: the urn, shape (columns, WIDTH).
    """
    n = recent.shape[1]
    columns = np.arange(len(pool))[:, None]
    usual = np.zeros_like(recent)
    np.add.at(usual, (columns, groups), pool)
    usual /= usual.sum(axis=1, keepdims=True)
    became = (recent + PRIOR * usual) / (recent.sum(axis=1, keepdims=True) + PRIOR)
    ratio = np.divide(became, usual, out=np.ones((len(pool), n)), where=usual > 0)
    found: Floats = ratio[columns, groups]
    return found


def won(bets: Floats, codes: Ints, pool: Floats) -> Floats:
    """The natural log of each bet's e-value on a block, shape (columns, bets).

    Args:
        bets: weights above 0, shape (columns, bets, WIDTH).
        codes: the bin of each row, in order, `ABSENT` where it has no value: (columns, rows).
        pool: the urn before the block, shape (columns, WIDTH).
    """
    present = codes != ABSENT
    drawn = np.take_along_axis(bets, np.maximum(codes, 0)[:, None, :], axis=2)
    drawn *= present[:, None, :]
    weighed = np.einsum("cbw,cw->cb", bets, pool)[:, :, None] + np.cumsum(drawn, axis=2) - drawn
    size = pool.sum(axis=1)[:, None] + np.cumsum(present, axis=1) - present
    factors = np.where(present[:, None, :], drawn * size[:, None, :] / weighed, 1.0)
    found: Floats = np.minimum(np.log(factors).sum(axis=2), MOST)
    return found


def counted(codes: Ints, width: int) -> Floats:
    """How many rows fell into each bin, shape (columns, width)."""
    columns = len(codes)
    flat = (codes + 1 + np.arange(columns)[:, None] * (width + 1)).ravel()
    found = np.bincount(flat, minlength=columns * (width + 1)).reshape(columns, width + 1)
    return found[:, 1:].astype(np.float64)


def _outside(gaps: Floats, share: float) -> Floats:
    """That so great a share of values lies in the bins beyond the reference's ends."""
    used = int(np.count_nonzero(gaps))
    weights = np.ones(len(gaps))
    if used > 2:
        ends = [0, used - 1]
        usual = gaps[ends].sum() / gaps.sum()
        weights[ends] = share / (1 - share) * (1 - usual) / usual
    return weights


def _step(ranks: Ranks, part: float, share: float) -> Floats:
    """That the upper `part` of the ranks, whole bins of it and one at least, has that share."""
    used = int(np.count_nonzero(ranks.gaps))
    upper: NDArray[np.bool_] = (ranks.middles > 1 - part) & (ranks.gaps > 0)
    upper[used - 1] = True
    weights = np.ones(len(ranks.gaps))
    usual = ranks.gaps[upper].sum() / ranks.gaps.sum()
    if usual < 1:
        weights[upper] = share / (1 - share) * (1 - usual) / usual
    return weights
