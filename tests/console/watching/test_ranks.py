"""A column's bins, and bets on them: fair whatever the distribution, shown by enumeration."""

from collections import defaultdict
from itertools import permutations

import numpy as np
import pytest

from console.watching import bets
from console.watching.ranks import ABSENT, BINS, WIDTH, Ranks

ORDERS = np.array(list(permutations(range(6))), dtype=np.float64)


def coded(order: np.ndarray) -> tuple[Ranks, np.ndarray]:
    """Three reference values and three of the stream, of six that are all different."""
    ranks = Ranks.of(order[:3], np.random.default_rng(0))
    return ranks, ranks.codes(order[3:], np.zeros(3))[None, :]


def all_bets(ranks: Ranks) -> np.ndarray:
    return np.concatenate([bets.of_values([ranks]), bets.of_missing([ranks])], axis=1)


def test_over_all_orders_of_a_small_pool_each_bet_wins_nothing_on_average() -> None:
    won = []
    for order in ORDERS:
        ranks, codes = coded(order)
        won.append(bets.won(all_bets(ranks), codes, ranks.gaps[None, :])[0])
    assert np.exp(won).mean(axis=0) == pytest.approx(1.0, abs=1e-9)
    assert np.exp(won).std(axis=0).min() > 0


def test_a_second_block_is_fair_given_what_the_first_one_was() -> None:
    by_first = defaultdict(list)
    for order in ORDERS:
        ranks, codes = coded(order)
        grown = ranks.gaps[None, :] + bets.counted(codes[:, :2], WIDTH)
        learned = bets.learned(bets.counted(codes[:, :2], WIDTH), np.arange(WIDTH)[None, :], grown)
        both = np.concatenate([all_bets(ranks), learned[:, None, :]], axis=1)
        by_first[tuple(codes[0, :2])].append(bets.won(both, codes[:, 2:], grown)[0])
    assert len(by_first) > 4
    for won in by_first.values():
        assert np.exp(won).mean(axis=0) == pytest.approx(1.0, abs=1e-9)


def test_ranks_among_the_reference_alone_are_not_fair() -> None:
    won = []
    for order in ORDERS:
        ranks, codes = coded(order)
        one_by_one = [
            bets.won(all_bets(ranks), codes[:, i : i + 1], ranks.gaps[None, :])[0] for i in range(3)
        ]
        won.append(np.sum(one_by_one, axis=0))
    assert np.exp(won).mean(axis=0).max() > 1.1


@pytest.mark.parametrize("kind", ["tied numbers", "texts"])
def test_ties_are_broken_so_that_bets_stay_fair(kind: str) -> None:
    random = np.random.default_rng(3)
    won = []
    for _ in range(4_000):
        drawn = random.choice(3, 24, p=(0.6, 0.3, 0.1))
        values = [f"k{i}" for i in drawn] if kind == "texts" else drawn.astype(float)
        ranks = Ranks.of(values[:16], random)
        codes = ranks.codes(values[16:], random.random(8))[None, :]
        mild = bets.of_values([ranks])[:, :6]
        won.append(bets.won(mild, codes, ranks.gaps[None, :])[0])
    found = np.exp(won)
    error = found.std(axis=0) / np.sqrt(len(won))
    assert np.all(np.abs(found.mean(axis=0) - 1) < 4 * error + 0.01)


def test_a_long_reference_has_equal_bins_and_two_beyond_its_ends() -> None:
    ranks = Ranks.of(np.random.default_rng(1).normal(size=10_000), np.random.default_rng(2))
    assert np.count_nonzero(ranks.gaps) == BINS + 2
    assert ranks.gaps[0] == ranks.gaps[-1] == 1
    assert ranks.gaps.sum() == 10_001
    assert ranks.gaps[1:-1].min() >= 10_001 // BINS - 1
    assert ranks.codes([-99.0, 99.0], np.zeros(2)).tolist() == [0, BINS + 1]


def test_unseen_and_long_texts_have_a_place() -> None:
    ranks = Ranks.of(["b", "d"] * 50, np.random.default_rng(0))
    low, between, high = ranks.codes(["a", "c" * 40, "é"], np.zeros(3)).tolist()
    assert low == 0
    assert low < between < high == np.count_nonzero(ranks.gaps) - 1


def test_a_column_without_any_value_is_one_bin() -> None:
    ranks = Ranks.of([], np.random.default_rng(0))
    assert ranks.codes([1.0, 2.0], np.zeros(2)).tolist() == [0, 0]
    won = bets.won(all_bets(ranks), np.zeros((1, 2), dtype=np.int64), ranks.gaps[None, :])
    assert won == pytest.approx(0.0)


def test_rows_without_a_value_win_and_lose_nothing() -> None:
    ranks = Ranks.of(np.arange(100.0), np.random.default_rng(0))
    codes = ranks.codes([3.0, 60.0], np.zeros(2))
    gaps = np.array([[codes[0], ABSENT, codes[1], ABSENT]])
    table = all_bets(ranks)
    with_gaps = bets.won(table, gaps, ranks.gaps[None, :])
    assert with_gaps == pytest.approx(bets.won(table, codes[None, :], ranks.gaps[None, :]))


def test_the_stake_is_divided_and_not_multiplied() -> None:
    ranks = [Ranks.of(np.arange(50.0), np.random.default_rng(0))]
    n_values = bets.of_values(ranks).shape[1] + len(bets.LEARNED)
    assert bets.prior(True).shape == (n_values,)
    assert bets.prior(True).sum() == pytest.approx(1.0)
    assert bets.prior(False).sum() == pytest.approx(1.0)
