"""When a feature moved: a change of known hour is found at that hour, noise is none."""

import numpy as np
import pytest

from console.drift.onset import onset

HOURS, ROWS = 48, 60


def hourly(values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> object:
    """Counts by stretch in 40 cells, of values of shape (stretches, rows)."""
    edges = np.linspace(-4, 4, 39)
    cells = np.searchsorted(edges, values)
    return np.stack([np.bincount(row, minlength=40) for row in cells]).astype(float)


@pytest.mark.parametrize("begins", [5, 24, 43])
@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_a_shift_is_found_at_its_hour(begins: int, shift: float) -> None:
    off = []
    for seed in range(20):
        values = np.random.default_rng(seed).normal(size=(HOURS, ROWS))
        values[begins:] += shift
        found = onset(hourly(values))  # type: ignore[arg-type]  # counts
        assert found is not None
        off.append(abs(found.place - begins))
    assert np.median(off) == 0
    assert np.mean(np.array(off) <= 1) >= (0.9 if shift == 0.5 else 1.0)


def test_a_change_of_spread_is_found_too() -> None:
    values = np.random.default_rng(1).normal(size=(HOURS, 400))
    values[30:] *= 1.5
    found = onset(hourly(values))  # type: ignore[arg-type]
    assert found is not None
    assert found.place == 30


def test_quiet_windows_have_none() -> None:
    random = np.random.default_rng(7)
    quiet = [onset(hourly(random.normal(size=(HOURS, ROWS)))) for _ in range(300)]  # type: ignore[arg-type]
    # A p-value under .01 in at most 1 % of quiet windows: 300 of them show 8 with chance .01.
    assert sum(found is not None for found in quiet) < 8


def test_empty_stretches_and_short_windows_are_no_trouble() -> None:
    assert onset(np.zeros((5, 3))) is None
    assert onset(np.full((2, 3), 1.0)) is None
    counts = np.zeros((10, 2))
    counts[2, 0] = counts[7, 1] = 200.0
    found = onset(counts)
    assert found is not None
    assert 3 <= found.place <= 7
    assert found.distance == 1.0
