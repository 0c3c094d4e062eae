"""The result of a fire drill as a table, for pages."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

COLUMNS = ("fault", "title", "monitor", "after_seconds", "status", "text", "message")


def matrix(document: Mapping[str, Any]) -> pd.DataFrame:
    """Faults against monitors.

    Args:
        document: of `console.monitors.drill.drill`.

    Returns:
        A row for each pair with the columns `COLUMNS`, in the drill's own order: `fault`, `title`
        (in words), `monitor`, `after_seconds` (NaN unless noticed), `status` (`noticed`, `missed`,
        `anyway`: it fires without the fault too, `no_data`: it has too little to look at), `text`
        (it in a word or two), `message` (what the monitor said; "" unless noticed).
    """
    blind = {one["monitor"] for one in document["quiet"]["no_data"]}
    rows = [
        _pair(fault, one["monitor"], blind)
        for fault in document["faults"]
        for one in document["monitors"]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _pair(fault: Mapping[str, Any], monitor: str, blind: set[str]) -> dict[str, Any]:
    found = {
        "fault": fault["fault"],
        "title": fault["title"],
        "monitor": monitor,
        "after_seconds": float("nan"),
        "message": "",
    }
    noticed = next((one for one in fault["noticed"] if one["monitor"] == monitor), None)
    if noticed is not None:
        after = float(noticed["after_seconds"])
        said = {"after_seconds": after, "text": noticed["after"], "message": noticed["message"]}
        return found | said | {"status": "noticed"}
    if monitor in fault["firing_anyway"]:
        return found | {"status": "anyway", "text": "fires anyway"}
    if monitor in blind:
        return found | {"status": "no_data", "text": "no data"}
    return found | {"status": "missed", "text": "missed"}
