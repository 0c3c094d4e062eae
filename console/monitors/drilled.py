"""The result of a fire drill as a table and in words, for pages."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

COLUMNS = ("fault", "title", "monitor", "after_seconds", "status", "text")


def matrix(result: Mapping[str, Any]) -> pd.DataFrame:
    """Faults against monitors.

    Args:
        result: of `console.monitors.drill.drill`.

    Returns:
        A row for each pair with the columns `COLUMNS`, in the drill's own order: `fault`, `title`
        (in words, with its feature), `monitor`, `after_seconds` (NaN unless noticed), `status`
        (`noticed`, `missed`, `anyway`: it fired without the fault too), `text` (it in a word or
        two).
    """
    rows = [_pair(fault, name) for fault in result["faults"] for name in result["monitors"]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def quiet(result: Mapping[str, Any]) -> str:
    """What fired in the run without a fault, as a sentence."""
    fired: Sequence[Mapping[str, Any]] = result["quiet"]["fired"]
    looks = int(result["quiet"]["looks"])
    run = f"In a run without any fault ({looks:,} looks)"
    if not fired:
        return f"{run} no monitor fired: no false alarm."
    said = ", ".join(f"“{one['monitor']}” after {length(one['at_seconds'])}" for one in fired)
    return f"{run} these fired: {said}. What they notice below counts for little."


def length(seconds: float) -> str:
    """A time in the unit in which it is said: `5 min`, `2 h`, `1 h 30 min`, `3 days`."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{minutes / 1_440:.3g} days"


def _pair(fault: Mapping[str, Any], monitor: str) -> dict[str, Any]:
    after = {one["monitor"]: float(one["after_seconds"]) for one in fault["noticed"]}
    feature = f" ({fault['feature']})" if fault.get("feature") else ""
    found = {
        "fault": fault["fault"],
        "title": f"{fault['title']}{feature}",
        "monitor": monitor,
        "after_seconds": after.get(monitor, float("nan")),
    }
    if monitor in after:
        return found | {"status": "noticed", "text": length(after[monitor])}
    if monitor in fault.get("firing_anyway", ()):
        return found | {"status": "anyway", "text": "fires anyway"}
    return found | {"status": "missed", "text": "missed"}
