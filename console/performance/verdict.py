"""The verdict on performance in a word and a sentence."""

from typing import Literal

from console.performance.frames import against
from console.performance.results import Estimated, Figure, Realized
from console.performance.sentences import interval, shown

Status = Literal["well", "worse", "warning", "unknown"]


def judge(
    expected: Figure, realized: Realized, estimated: Estimated, n_needed: int | None
) -> tuple[Status, str]:
    """Whether a version is still right by its first metric, and the sentences that say so.

    Args:
        expected: the metric on the held-out rows.
        realized, estimated: in the window, in the task's order.
        n_needed: truths that show a change that matters; None counts any 30 as enough.
    """
    status, message = _judged(expected, realized, estimated, n_needed)
    broken = estimated.assumption.status == "broken"
    return status, f"{message} The estimates cannot be believed here." if broken else message


def _judged(
    expected: Figure, realized: Realized, estimated: Estimated, n_needed: int | None
) -> tuple[Status, str]:
    actual, estimate = realized.figures[0], estimated.figures[0]
    word = against(expected, actual)
    if word == "worse":
        return "worse", f"{_beside(expected, actual)}: worse than promised."
    enough = actual.status == "ok" and actual.n >= (n_needed or 0)
    if enough and word != "unknown":
        better = "better than promised" if word == "better" else "as promised"
        return "well", f"{_beside(expected, actual)}: {better}."
    known = _of_truth(expected, actual, realized, n_needed)
    if not realized.n_answered:
        return "unknown", known
    if against(expected, estimate) == "worse":
        return "warning", f"{known} {_of_estimate(expected, estimate)}"
    return "unknown", known


def _beside(expected: Figure, actual: Figure) -> str:
    """The figure in the window beside the promised one, both with their rows and intervals."""
    return (
        f"{actual.metric.title} is {_value(actual)} on {actual.n:,} rows with truth, and was"
        f" {_value(expected)} on {expected.n:,} held-out rows"
    )


def _of_truth(expected: Figure, actual: Figure, realized: Realized, n_needed: int | None) -> str:
    if not realized.n_answered:
        return "Nothing was answered in this window, so there is nothing to judge."
    of = f"{realized.n_known:,} of {realized.n_answered:,} answered rows"
    if actual.status == "ok" and n_needed is not None and actual.n < n_needed:
        return (
            f"{_beside(expected, actual)}: not seen to be worse, but {n_needed:,} rows with truth"
            " are needed to see a change that matters."
        )
    if actual.status == "ok":
        return f"Truth is known for {of}, but there is no figure on held-out rows to compare with."
    return f"Truth is known for {of}. {actual.message}"


def _of_estimate(expected: Figure, estimate: Figure) -> str:
    return (
        f"{estimate.metric.title} is estimated to be {_value(estimate)} on {estimate.n:,} rows,"
        f" worse than the {_value(expected)} on {expected.n:,} held-out rows."
    )


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "unknown"
    return f"{shown(figure.metric, figure.value)} ({interval(figure)})"
