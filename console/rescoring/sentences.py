"""A rescoring in sentences, for the page, the shell and the dossier."""

import math
from dataclasses import replace

from console.drift.decisions.segments import FEWEST_ROWS, number
from console.rescoring.results import Rescoring, Share, Truths

MOST_MOVES = 3


def with_message(found: Rescoring) -> Rescoring:
    """The same with its `message`."""
    said = [_agreement(found), _flips(found), _segments(found), _truth(found), _skipped(found)]
    return replace(found, message=" ".join(filter(None, said)))


def percent(share: float) -> str:
    """A share in [0, 1] for a sentence; rounding never makes it all or nothing."""
    value = 100 * share
    if value in (0.0, 100.0):
        return f"{value:.0f} %"
    digits = max(1, math.ceil(-math.log10(min(value, 100 - value))) + 1)
    return f"{value:.{digits}f} %"


def interval(share: Share | Truths) -> str:
    """The ends of an interval of a share."""
    return f"95 % interval {percent(share.low)} to {percent(share.high)}"


def _agreement(found: Rescoring) -> str:
    if found.agreement is None:
        return _nothing(found)
    rows = f"{found.rows:,} row{'' if found.rows == 1 else 's'}"
    which = rows
    if found.sampled:
        which = f"{rows} drawn at random" if found.origin == "log" else f"the newest {rows}"
    then = " and ".join(filter(None, [", ".join(map(str, found.against[:-1])), _last(found)]))
    versions = "version" if len(found.against) == 1 else "versions"
    what = "the same label to"
    if found.task == "regression":
        what = f"a value within {number(found.tolerance)} to"
    few = ""
    if found.rows < FEWEST_ROWS:
        few = f" That is too few to judge by; expected at least {FEWEST_ROWS} rows."
    return (
        f"{_named(found)} gives {what} {percent(found.agreement.share)} of {which} that"
        f" {versions} {then} answered ({interval(found.agreement)}).{few}"
    )


def _nothing(found: Rescoring) -> str:
    if not found.found:
        return "No answered row lies in this window. Choose a longer one."
    return f"None of the {found.found:,} rows that were answered in this window can be compared."


def _flips(found: Rescoring) -> str:
    if found.flips.empty:
        return ""
    if found.task == "regression":
        n = found.flips.set_index("to_label")["n"].to_dict()
        return (
            f"{n.get('higher', 0):,} are higher by more than that, and {n.get('lower', 0):,} lower."
        )
    moves = found.flips.head(MOST_MOVES)[["from_label", "to_label", "n"]]
    said = [
        f"{n:,} {str(a)[:40]} → {str(b)[:40]}"
        for a, b, n in moves.itertuples(index=False, name=None)
    ]
    more = len(found.flips) - MOST_MOVES
    return f"It changes {', '.join([*said, *([f'{more} more pairs'] if more > 0 else [])])}."


def _segments(found: Rescoring) -> str:
    clear = found.segments[found.segments["clear"].astype(bool)]
    if clear.empty:
        return ""
    first = clear.iloc[0]
    return (
        f"Answers change most where {first['segment']}: {percent(first['share'])} of"
        f" {first['n']:,} rows, {first['lift']:.1f} times as often as in all."
    )


def _truth(found: Rescoring) -> str:
    truth = found.truth
    if truth is None:
        return ""
    known = f"Where the truth is known ({truth.known:,} row{'' if truth.known == 1 else 's'})"
    if found.task == "regression":
        return (
            f"{known} {truth.newly_right.n:,} come nearer to it and {truth.newly_wrong.n:,} go"
            f" further away; the mean absolute error goes from {number(truth.was)} to"
            f" {number(truth.now)} (difference {_signed(truth.low)} to {_signed(truth.high)})."
        )
    points = f"{100 * truth.low:+.2g} to {100 * truth.high:+.2g} points".replace("-", "−")
    return (
        f"{known} {truth.newly_right.n:,} become right and {truth.newly_wrong.n:,} become wrong"
        f" ({percent(truth.newly_wrong.share)}; {interval(truth.newly_wrong)}); the accuracy goes"
        f" from {percent(truth.was)} to {percent(truth.now)} ({points})."
    )


def _skipped(found: Rescoring) -> str:
    if found.skipped.empty:
        return ""
    n, first = found.n_skipped, found.skipped.iloc[0]
    rows = "1 row is" if n == 1 else f"{n:,} rows are"
    most = "" if len(found.skipped) == 1 else f"{first['n']:,} of them: "
    return f"{rows} not compared. {most}{first['reason']}"


def _named(found: Rescoring) -> str:
    return "The draft" if found.version is None else f"Version {found.version}"


def _last(found: Rescoring) -> str:
    return str(found.against[-1])


def _signed(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{'−' if value < 0 else '+'}{number(abs(value))}"
