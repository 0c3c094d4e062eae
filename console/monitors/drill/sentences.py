"""A drill in words."""

from collections.abc import Mapping
from typing import Any

from console.windows import DAY, HOUR, MINUTE


def duration(length: int) -> str:
    """A length of time (µs) in the unit in which it is said."""
    if length < 90 * MINUTE:
        return f"{round(length / MINUTE)} min"
    if length < 2 * DAY:
        return f"{length / HOUR:.3g} h"
    return f"{length / DAY:.2g} days"


def of_drill(document: Mapping[str, Any]) -> str:
    """What a drill showed, in a few sentences."""
    faults = document["faults"]
    unseen = [fault["title"] for fault in faults if not fault["noticed"]]
    seen = len(faults) - len(unseen)
    said = f"{seen} of {len(faults)} faults were noticed within {_horizon(document)}."
    if unseen:
        said += f" Nobody noticed: {'; '.join(unseen)}."
    fired = document["quiet"]["fired"]
    if fired:
        names = ", ".join(f"`{one['monitor']}`" for one in fired)
        said += f" With no fault at all {names} would have fired too, and can notice nothing more."
        if not document["calm"]:
            said += " A calm drill, with traffic like that of training, shows what they notice."
    else:
        said += " With no fault none would have fired."
    blind = document["quiet"]["no_data"]
    if blind:
        names = ", ".join(f"`{one['monitor']}`" for one in blind)
        said += f" Too little to look at: {names}."
    if document["suggested"]:
        said += " The monitors are those suggested; the model has none yet."
    return said


def _horizon(document: Mapping[str, Any]) -> str:
    return duration(document["horizon_seconds"] * 1_000_000)
