"""What changed decisions say aloud: directions, segments, and the sentences for the meeting."""

from collections.abc import Sequence

import pandas as pd

from console.drift.columns import LEAST_VALUES
from console.drift.decisions.changes import Change, Scope
from console.drift.decisions.segments import number

MOSTLY = 0.6  # of the changes


def percent(share: float) -> str:
    """A share in [0, 1] for a sentence."""
    value = 100 * share
    if value >= 99.95:
        return "100 %"
    return f"{value:.1f} %" if value >= 1 or value == 0 else f"{value:.2g} %"


def direction(scope: Scope, change: Change, most: int = 3) -> str:
    """In which direction answers change, the most frequent first; empty where none does.

    Of the changed answers `97.0 % no → yes, 3.0 % yes → no`, or for a regression of all answers
    `12.0 % rise, 3.0 % fall, +4.1 on average`.
    """
    if scope.task == "regression":
        if not change.changed:
            return ""
        mean = _signed(change.score_change)
        return f"{percent(change.up)} rise, {percent(change.down)} fall, {mean} on average"
    moves = change.moves
    total = moves["n"].sum()
    said = [
        f"{percent(n / total)} {str(a)[:40]} → {str(b)[:40]}"
        for a, b, n in moves[["from", "to", "n"]].head(most).itertuples(index=False)
    ]
    return ", ".join([*said, f"{len(moves) - most} more"] if len(moves) > most else said)


def segments_named(segments: pd.DataFrame) -> str:
    """Where answers change most: `season = winter: 31.0 % of 412 rows; …`, or empty.

    Args:
        segments: `segments.standing_out`.
    """
    rows = segments[["segment", "changed", "n"]].itertuples(index=False)
    return "; ".join(f"{name}: {percent(share)} of {n:,} rows" for name, share, n in rows)


def too_few_rows(scope: Scope, noun: str) -> str:
    """Why nothing was put back."""
    few, what = scope.n, noun
    if scope.n_reference < LEAST_VALUES:
        few, what = scope.n_reference, "reference rows"
    return f"Changed decisions need at least {LEAST_VALUES} {what}; there are {few}."


def of_unlike(scope: Scope, unlike: int) -> str:
    """That rows are answered otherwise now than they were logged; empty where none is."""
    if not unlike:
        return ""
    verb = "is" if unlike == 1 else "are"
    return (
        f"{unlike:,} of {scope.n:,} rows {verb} answered otherwise now than when they were logged:"
        " compare with the version that answered them."
    )


def of_change(scope: Scope, change: Change) -> str:
    """What putting one feature back does, as a sentence."""
    if not change.changed:
        return f"No answer depends on how `{change.title}` moved: {_none(scope, change, 'it')}."
    return f"Putting `{change.title}` back {_clause(scope, change)}."


def of_decisions(scope: Scope, changes: Sequence[Change], together: Change | None) -> str:
    """The sentence for the meeting: the gravest feature, all at once, and what does not matter.

    Args:
        changes: most changed answers first.
        together: all at once; None where there are no features.
    """
    if together is None:
        return "No feature has moved, so there is nothing to put back."
    names = [f"`{change.title}`" for change in changes]
    idle = [f"`{change.title}`" for change in changes if not change.changed]
    if len(idle) < len(names):
        parts = [f"Putting {names[0]} back {_clause(scope, changes[0])}"]
        if len(names) > 1:
            verb = "moves" if scope.task == "regression" else "changes"
            many = percent(together.changed)
            parts.append(f"putting all {len(names)} features back at once {verb} {many}")
        if idle:
            parts.append(f"no answer depends on how {_listed(idle)} moved")
        return f"{'; '.join(parts)}."
    if together.changed:
        return (
            f"No answer depends on how any one of {_listed(names)} moved; putting all"
            f" {len(names)} back at once {_clause(scope, together)}."
        )
    it = "it" if len(names) == 1 else "them"
    return f"Moved, but no answer depends on {it}: {_none(scope, together, _listed(names))}."


def _clause(scope: Scope, change: Change) -> str:
    """The rest of the sentence that begins with what is put back."""
    interval = f"95 % interval {percent(change.low)} to {percent(change.high)}"
    about = "about " if scope.n < scope.n_window else ""
    of = f"{about}{change.rows:,} of {scope.n_window:,}"
    what = f"changes {percent(change.changed)} of the answers"
    if scope.task == "regression":
        what = f"moves {percent(change.changed)} of the answers by more than {number(scope.least)}"
    return f"{what} ({of}; {interval}), {_mostly(scope, change)}"


def _none(scope: Scope, change: Change, what: str) -> str:
    sampled = f" (at most {percent(change.high)} of the window's, with 95 % confidence)"
    return (
        f"putting {what} back changes none of {scope.n:,} answers"
        f"{sampled if scope.n < scope.n_window else ''}"
    )


def _mostly(scope: Scope, change: Change) -> str:
    if scope.task == "regression":
        share = max(change.up, change.down) / (change.up + change.down)
        way = "up" if change.up > change.down else "down"
        if share < MOSTLY:
            return f"up and down, the mean of all by {_signed(change.score_change)}"
        how = _how(share)
        return f"{how} {way}, the mean of all by {_signed(change.score_change)}"
    first = change.moves.iloc[0]
    how = _how(float(first["n"] / change.moves["n"].sum()))
    return f"{how} from `{str(first['from'])[:60]}` to `{str(first['to'])[:60]}`"


def _how(share: float) -> str:
    return "all" if share == 1 else "mostly" if share >= MOSTLY else "most often"


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{number(abs(value))}"


def _listed(names: Sequence[str], most: int = 5) -> str:
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
