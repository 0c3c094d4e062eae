"""How late truth comes, how much of it is needed, and when it will be there."""

import numpy as np
import pandas as pd
import pytest

from console.drift.decisions.intervals import wilson
from console.performance.enough import Arrivals, Needed, decidable, needed
from console.performance.maturity import curve, delay_of, maturity
from console.performance.results import METRICS, Figure
from console.windows import DAY, HOUR

NEWEST = 1_300_000_000_000_000 // HOUR * HOUR
ACCURACY, MAE = METRICS["binary"][0], METRICS["regression"][0]
# Weeks of remission under 6-MP, those still in remission marked; Freireich and others (1963),
# Blood 21. The estimate and its intervals are those of R's `survfit(conf.type = "log-log")`.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
STILL = {3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20}


def promised(value: float, n: int, regression: bool = False) -> Figure:
    """The first metric on held-out rows."""
    return Figure(MAE if regression else ACCURACY, "ok", value, value, value, n)


def waiting(n: int = 0, known: int = 0, per_hour: float = 0.0) -> Arrivals:
    """So many rows asked at the newest moment, and rows that keep coming."""
    pending = np.full(n, float(NEWEST))
    return Arrivals(pending, 1.0, known, per_hour / HOUR, NEWEST, NEWEST + HOUR)


def after(hours: float, n: int = 50) -> pd.DataFrame:
    """Rows whose truth came so many hours after them."""
    at = np.full(n, NEWEST - 10 * DAY)
    return pd.DataFrame({"at": at, "told_at": at + hours * HOUR})


def test_the_curve_is_kaplan_and_meiers_with_rows_that_still_wait() -> None:
    asked = [
        NEWEST - week * HOUR if i in STILL else NEWEST - 99 * HOUR for i, week in enumerate(WEEKS)
    ]
    told = [
        np.nan if i in STILL else at + week * HOUR
        for i, (at, week) in enumerate(zip(asked, WEEKS, strict=True))
    ]
    found = curve(pd.DataFrame({"at": asked, "told_at": told}), NEWEST).set_index("delay_hours")
    left = 1 - found["share"]
    for week, share in {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538}.items():
        assert left[week] == pytest.approx(share, abs=5e-4)
    six, last = found.loc[6], found.loc[23]
    assert (1 - six["high"], 1 - six["low"]) == pytest.approx((0.620, 0.952), abs=5e-4)
    assert (1 - last["high"], 1 - last["low"]) == pytest.approx((0.188, 0.680), abs=5e-4)
    assert list(found.loc[0]) == [0.0, 0.0, 0.0]
    assert delay_of(found.reset_index(), 0.5) == 23
    assert delay_of(found.reset_index(), 0.9) is None


def test_a_curve_of_many_delays_keeps_its_ends_and_at_most_200_steps() -> None:
    at = np.full(5_000, NEWEST - 30 * DAY)
    told = at + np.random.default_rng(0).exponential(30 * HOUR, 5_000)
    found = curve(pd.DataFrame({"at": at, "told_at": told}), NEWEST)
    assert len(found) <= 200
    assert found["share"].iloc[-1] == 1.0
    assert found["delay_hours"].is_monotonic_increasing
    assert delay_of(found, 0.5) == pytest.approx(30 * np.log(2), rel=0.1)
    assert (found["low"] <= found["share"]).all()
    assert (found["share"] <= found["high"]).all()


def test_a_curve_of_nothing_is_empty() -> None:
    assert curve(pd.DataFrame({"at": [], "told_at": []}), NEWEST).empty


@pytest.mark.parametrize(
    ("share", "heldout", "change"),
    [(0.9, 500, 0.0788), (0.9, 5_000, 0.05), (0.99, 200, 0.0744), (0.95, 150, 0.1313)],
)
def test_so_many_truths_show_the_change_four_times_in_five(
    share: float, heldout: int, change: float
) -> None:
    wanted = needed(promised(share, heldout), 0.0)
    assert wanted.n is not None
    assert wanted.change == pytest.approx(change, abs=1e-4)
    random = np.random.default_rng(0)
    was = random.binomial(heldout, share, 4_000) / heldout
    now = random.binomial(wanted.n, share - change, 4_000) / wanted.n
    # The page's own rule: the two intervals do not meet.
    called = wilson(now, wanted.n)[1] < wilson(was, heldout)[0]
    assert called.mean() == pytest.approx(0.8, abs=0.03)


def test_so_many_truths_show_a_change_of_a_mean_loss() -> None:
    wanted = needed(promised(20.0, 10_000, regression=True), 5.0)
    assert wanted.change == pytest.approx(0.5)
    assert wanted.n is not None
    random = np.random.default_rng(0)
    was = random.normal(20.0, 5 / 100, 20_000)
    now = random.normal(20.5, 5 / np.sqrt(wanted.n), 20_000)
    called = now - 1.96 * 5 / np.sqrt(wanted.n) > was + 1.96 * 5 / 100
    assert called.mean() == pytest.approx(0.8, abs=0.02)


def test_few_held_out_rows_can_show_only_a_great_change() -> None:
    wanted = needed(promised(20.0, 200, regression=True), 5.0)
    assert wanted.change == pytest.approx(5.0 * (2 * 1.96 + 2**0.5 * 0.8416) / 200**0.5, rel=1e-3)
    assert wanted.n == pytest.approx(200, abs=1)
    nothing = Figure(ACCURACY, "not_enough_rows", None, None, None, 12)
    assert needed(nothing, 0.0) == Needed(None, None)
    assert needed(promised(0.0, 100), 0.0) == Needed(None, None)  # nothing is worse


def test_enough_is_there_a_delay_after_the_rows_came() -> None:
    found = curve(after(24), NEWEST)
    moment = decidable(found, 100, waiting(known=40, per_hour=10))
    assert moment == pytest.approx(NEWEST + 24 * HOUR + 6 * HOUR, abs=HOUR // 30)
    moment = decidable(found, 100, waiting(n=80, known=40))
    assert moment == pytest.approx(NEWEST + 24 * HOUR, abs=HOUR // 30)
    assert decidable(found, 100, waiting(known=100)) == NEWEST + HOUR


def test_rows_that_wait_longer_than_any_truth_took_are_given_up() -> None:
    half = pd.concat([after(24, 50), after(np.nan, 50)])
    found = curve(half, NEWEST)
    old = Arrivals(np.full(500, NEWEST - 10.0 * DAY), 1.0, 40, 0.0, NEWEST, NEWEST)
    assert decidable(found, 100, old) is None
    fresh = Arrivals(np.full(500, float(NEWEST)), 1.0, 40, 0.0, NEWEST, NEWEST)
    assert decidable(found, 100, fresh) == pytest.approx(NEWEST + 24 * HOUR, abs=HOUR // 30)


def test_says_how_late_truth_is_and_when_there_is_enough() -> None:
    found = maturity(after(72), promised(0.9, 5_000), 0.0, waiting(known=10, per_hour=5))
    assert (found.median_hours, found.p90_hours) == (72, 72)
    assert found.message == (
        "Nine tenths of the answered rows have their truth after 3 days. 531 truths are needed to"
        " see a change of 5.0 points in accuracy; there are 10, and as they come now there will be"
        " enough by 20 Mar 2011, 16:00 UTC."
    )
    enough = maturity(after(72), promised(0.9, 5_000), 0.0, waiting(known=600))
    assert enough.decidable_at == NEWEST + HOUR
    assert enough.message.endswith(
        "The 600 truths are enough to see a change of 5.0 points in accuracy (531 are needed)."
    )


def test_says_that_no_truth_has_come() -> None:
    found = maturity(after(np.nan, 7), promised(0.9, 5_000), 0.0, waiting(n=7))
    assert (found.median_hours, found.decidable_at) == (None, None)
    assert found.message.startswith("No truth has come yet for any of 7 answered rows. 531 truths")
    assert found.message.endswith("as they come now there will not be enough.")
    nothing = maturity(pd.DataFrame({"at": [], "told_at": []}), promised(0.9, 5_000), 0.0, None)
    assert nothing.message == "Nothing was answered, so there is no truth to wait for."
    assert nothing.frame.empty


def test_says_when_truth_comes_for_some_only() -> None:
    some = pd.concat([after(24, 20), after(np.nan, 80)])
    found = maturity(some, promised(0.9, 5_000), 0.0, waiting(n=80, known=20))
    assert found.message.startswith(
        "Of 100 answered rows 20 % have their truth after 24 hours; waiting longer, up to 10 days,"
        " brought none."
    )
    fresh = some.assign(at=NEWEST - 25 * HOUR, told_at=some["told_at"] + 215 * HOUR)
    found = maturity(fresh, promised(0.9, 5_000), 0.0, waiting(n=80, known=20))
    assert "20 % have their truth after 24 hours, the longest that" in found.message
