"""Curves of scores against scikit-learn's and scipy's, and costs against counting by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from console.comparison import curves

RANDOM = np.random.default_rng(11)
SCORES = RANDOM.random(600)
EVENTS = RANDOM.random(600) < SCORES**1.5


def test_the_calibration_curve_is_scikit_learns() -> None:
    found = curves.calibration("a", SCORES, EVENTS)
    share, mean = calibration_curve(EVENTS, SCORES, n_bins=curves.BINS)
    np.testing.assert_allclose(found["share"], share)
    np.testing.assert_allclose(found["mean_score"], mean)
    assert found["n"].sum() == 600


def test_its_intervals_are_wilsons() -> None:
    for row in curves.calibration("a", SCORES, EVENTS).to_dict("records"):
        test = stats.binomtest(round(row["share"] * row["n"]), row["n"])
        interval = test.proportion_ci(method="wilson")
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_empty_bins_are_left_out_and_a_score_of_one_is_in_the_last() -> None:
    found = curves.calibration("b", np.array([0.0, 0.05, 1.0]), np.array([False, True, True]))
    assert found["from_score"].tolist() == [0.0, 0.9]
    assert found["n"].tolist() == [2, 1]
    assert found["share"].tolist() == [0.5, 1.0]
    assert set(found["side"]) == {"b"}


def test_the_threshold_curve_is_scikit_learns_at_each_step() -> None:
    found = curves.thresholds("a", SCORES.round(2), EVENTS)
    assert found["threshold"].tolist() == pytest.approx([i / 100 for i in range(101)])
    for row in found.to_dict("records"):
        flagged = SCORES.round(2) >= row["threshold"]
        assert row["flagged"] == pytest.approx(flagged.mean())
        assert row["recall"] == pytest.approx(sk.recall_score(EVENTS, flagged))
        assert row["f1"] == pytest.approx(sk.f1_score(EVENTS, flagged))
        assert row["misses"] == (EVENTS & ~flagged).sum()
        if flagged.any():
            assert row["precision"] == pytest.approx(sk.precision_score(EVENTS, flagged))


def test_where_nothing_is_flagged_precision_is_undefined() -> None:
    last = curves.thresholds("a", SCORES * 0.9, EVENTS).iloc[-1]
    assert np.isnan(last["precision"])
    assert (last["flagged"], last["recall"], last["f1"]) == (0.0, 0.0, 0.0)


def test_without_an_event_recall_is_undefined() -> None:
    found = curves.thresholds("a", SCORES, np.zeros(600, dtype=bool))
    assert found["recall"].isna().all()


@pytest.mark.parametrize(("false_alarm", "miss"), [(1.0, 5.0), (5.0, 1.0), (1.0, 1.0)])
def test_costs_are_those_of_the_rows_counted_one_by_one(false_alarm: float, miss: float) -> None:
    found = curves.costs(curves.thresholds("a", SCORES, EVENTS), false_alarm, miss)
    by_hand = [
        sum(
            miss if event and score < step else false_alarm if not event and score >= step else 0
            for score, event in zip(SCORES, EVENTS, strict=True)
        )
        / 600
        for step in found.frame["threshold"]
    ]
    np.testing.assert_allclose(found.frame["cost"], by_hand)
    (best,) = found.best.to_dict("records")
    assert best["cost"] == pytest.approx(min(by_hand))
    assert by_hand[round(best["threshold"] * 100)] == pytest.approx(min(by_hand))
    assert best["cost_at_half"] == pytest.approx(by_hand[50])


def test_a_calibrated_score_is_best_cut_where_elkan_says() -> None:
    scores = RANDOM.random(100_000)
    events = RANDOM.random(100_000) < scores
    found = curves.costs(curves.thresholds("a", scores, events), 1.0, 4.0)
    assert found.advised == 0.2
    assert found.best["threshold"].iloc[0] == pytest.approx(0.2, abs=0.05)


def test_a_score_that_is_not_calibrated_is_best_cut_elsewhere() -> None:
    scores = RANDOM.random(100_000)
    events = RANDOM.random(100_000) < scores
    found = curves.costs(curves.thresholds("a", scores / 2, events), 1.0, 4.0)
    assert found.best["threshold"].iloc[0] == pytest.approx(0.1, abs=0.03)


def test_of_equal_thresholds_the_one_nearest_to_the_advised_is_best() -> None:
    scores, events = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    found = curves.costs(curves.thresholds("a", scores, events), 1.0, 1.0)
    assert found.best.to_dict("records") == [
        {"side": "a", "threshold": 0.5, "cost": 0.0, "cost_at_half": 0.0}
    ]


def test_a_score_of_just_a_half_is_what_the_version_answers_with_it() -> None:
    scores = np.array([0.2, 0.5, 0.5, 0.5, 0.51, 0.9])
    events = np.array([False, True, False, True, True, True])
    for first, hits, flagged in ((False, 2, 2), (True, 4, 5)):
        answered = scores >= 0.5 if first else scores > 0.5
        found = curves.thresholds("a", scores, events, answered)
        half = found.set_index("threshold").loc[0.5]
        assert (half["hits"], half["flagged"]) == (hits, pytest.approx(flagged / 6))
        assert half["recall"] == pytest.approx(sk.recall_score(events, answered))
        cost = curves.costs(found, 1.0, 3.0).best["cost_at_half"].iloc[0]
        wrong = (answered & ~events).sum() + 3 * (events & ~answered).sum()
        assert cost == pytest.approx(wrong / 6)
        others = found["threshold"] != 0.5
        plain = curves.thresholds("a", scores, events)
        assert found[others].equals(plain[others])
