"""The verdict: what is called worse, well, a warning or unknown, and in which words."""

import numpy as np

from console.drift.decisions.intervals import wilson
from console.performance.results import METRICS, Assumption, Estimated, Figure, Realized
from console.performance.verdict import judge

ACCURACY, MAE = METRICS["binary"][0], METRICS["regression"][0]
PROMISED = Figure(ACCURACY, "ok", 0.93, 0.91, 0.95, 600)
NO_TRUTH = Figure(
    ACCURACY, "not_enough_rows", None, None, None, 0,
    "Accuracy needs at least 30 rows with truth; there are 0.",
)  # fmt: skip


def share(value: float, n: int) -> Figure:
    """An accuracy with Wilson's interval."""
    low, high = wilson(value, n)
    return Figure(ACCURACY, "ok", value, float(low), float(high), n)


def truth(figure: Figure, answered: int = 1_000) -> Realized:
    """What is realized of so many answered rows."""
    return Realized((figure,), answered, figure.n)


def estimate(low: float, high: float, status: str = "untested") -> Estimated:
    """An estimate with this band."""
    figure = Figure(ACCURACY, "ok", (low + high) / 2, low, high, 1_000)
    return Estimated("CBPE", (figure,), 1_000, Assumption(status, "", None, 0))  # type: ignore[arg-type]  # one of three


def test_it_is_worse_when_the_intervals_do_not_meet_whatever_the_estimate_says() -> None:
    status, message = judge(PROMISED, truth(share(0.85, 400)), estimate(0.92, 0.94), 300)
    assert status == "worse"
    assert message == (
        "Accuracy is 85.0 % (81.2 % to 88.2 %) on 400 rows with truth, and was 93.0 % (91.0 % to"
        " 95.0 %) on 600 held-out rows: worse than promised."
    )


def test_few_truths_are_enough_for_a_great_loss() -> None:
    assert judge(PROMISED, truth(share(0.6, 40)), estimate(0.92, 0.94), 300)[0] == "worse"


def test_it_is_well_when_enough_truth_meets_the_promise_or_exceeds_it() -> None:
    status, message = judge(PROMISED, truth(share(0.92, 400)), estimate(0.6, 0.7), 300)
    assert status == "well"
    assert message.endswith("on 600 held-out rows: as promised.")
    status, message = judge(PROMISED, truth(share(0.99, 400)), estimate(0.6, 0.7), 300)
    assert status == "well"
    assert message.endswith("on 600 held-out rows: better than promised.")


def test_too_few_truths_to_see_a_change_leave_it_unknown() -> None:
    status, message = judge(PROMISED, truth(share(0.92, 100)), estimate(0.92, 0.94), 300)
    assert status == "unknown"
    assert message.endswith(
        "not seen to be worse, but 300 rows with truth are needed to see a change that matters."
    )


def test_an_estimate_warns_where_truth_is_not_there_yet() -> None:
    status, message = judge(PROMISED, truth(NO_TRUTH), estimate(0.80, 0.84), 300)
    assert status == "warning"
    assert message == (
        "Truth is known for 0 of 1,000 answered rows. Accuracy needs at least 30 rows with truth;"
        " there are 0. Accuracy is estimated to be 82.0 % (80.0 % to 84.0 %) on 1,000 rows, worse"
        " than the 93.0 % (91.0 % to 95.0 %) on 600 held-out rows."
    )
    assert judge(PROMISED, truth(NO_TRUTH), estimate(0.88, 0.92), 300)[0] == "unknown"


def test_says_when_estimates_cannot_be_believed() -> None:
    for low in (0.80, 0.92):
        found = estimate(low, low + 0.02, "broken")
        message = judge(PROMISED, truth(share(0.92, 100)), found, 300)[1]
        assert message.endswith(" The estimates cannot be believed here.")


def test_a_greater_error_is_worse_and_a_smaller_one_is_not() -> None:
    was = Figure(MAE, "ok", 20.0, 19.0, 21.0, 500)
    none = Figure(MAE, "not_applicable", None, None, None, 0)
    untested = Estimated("DLE", (none,), 0, Assumption("untested", "", None, 0))
    more, less = (Figure(MAE, "ok", v, v - 1, v + 1, 500) for v in (30.0, 10.0))
    assert judge(was, truth(more), untested, 500)[0] == "worse"
    assert judge(was, truth(less), untested, 500)[0] == "well"


def test_nothing_answered_is_nothing_to_judge() -> None:
    status, message = judge(PROMISED, truth(NO_TRUTH, 0), estimate(0.5, 0.6), 300)
    assert (status, message) == (
        "unknown",
        "Nothing was answered in this window, so there is nothing to judge.",
    )


def test_a_version_that_is_as_right_as_ever_is_called_worse_once_in_a_hundred_at_most() -> None:
    random = np.random.default_rng(0)
    was, now = random.binomial(600, 0.9, 2_000) / 600, random.binomial(300, 0.9, 2_000) / 300
    found = [
        judge(share(a, 600), truth(share(b, 300)), estimate(0.9, 0.9), 300)[0]
        for a, b in zip(was, now, strict=True)
    ]
    assert found.count("worse") <= 20
    dropped = random.binomial(300, 0.8, 200) / 300
    seen = [
        judge(share(0.9, 600), truth(share(b, 300)), estimate(0.9, 0.9), 300)[0] for b in dropped
    ]
    assert seen.count("worse") >= 160
