"""What the evidence says, in sentences."""

from collections.abc import Callable

from console.watching.results import Evidence
from console.windows import iso

OFTEN, SHARE = 4, 0.2
"""So many alarms, and such a share of the blocks, are no single change."""


def message(found: Evidence, when: Callable[[int], str] = iso) -> str:
    """The evidence in a sentence or two; `when` writes a time (UTC µs)."""
    if found.status == "not_enough_rows":
        return _nothing(found)
    said = _alarm(found, when) or _level(found, when)
    return f"{said} The budget is one false alarm in {_weeks(found.weeks)}."


def _nothing(found: Evidence) -> str:
    if "block" not in found.state or found.state["block"] is None:
        return f"Watching has not begun. {found.reason}"
    return (
        f"Watching has not begun: it needs a whole {found.block} with at least 30 rows, or several"
        " that hold as many together."
    )


def _alarm(found: Evidence, when: Callable[[int], str]) -> str | None:
    if found.alarm_at is None:
        return None
    began = f"; the evidence began to grow on {when(found.began_at)}" if found.began_at else ""
    said = f"Alarm on {when(found.alarm_at)}: `{found.leading}` has changed{began}."
    again = len(found.alarms) - 1
    if again >= OFTEN and again >= SHARE * len(found.frame):
        return (
            f"{said} {again} of {len(found.frame):,} {found.block}s alarm after it: the rows follow"
            " time itself (a calendar, the weather), which the budget does not allow for."
        )
    return f"{said} There {'was' if again == 1 else 'were'} {again} more." if again else said


def _level(found: Evidence, when: Callable[[int], str]) -> str:
    share = max(found.state["level"], 0.0) / found.threshold
    blocks = found.state["judged"]
    over = f"over {blocks:,} {found.block if blocks == 1 else found.block + 's'}"
    if found.status == "growing":
        since = f" since {when(found.began_at)}" if found.began_at else ""
        return (
            f"Evidence that `{found.leading}` has changed grows{since}: it is {share:.0%} of the"
            f" way to an alarm, {over}.".replace("%", " %")
        )
    return f"All is quiet {over}: no evidence of change is half of what an alarm takes."


def _weeks(weeks: float) -> str:
    return "a week" if weeks == 1 else f"{weeks:g} weeks"
