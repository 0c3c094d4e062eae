"""Evidence: drift looked for again and again, with a budget of false alarms."""

from typing import Any

from backend.records.registry import Version
from console.monitors.kinds.asked import Asked
from console.monitors.kinds.versions import needs_champion
from console.monitors.looks import Finding
from console.watching import evidence
from console.windows import DAY

FIRST_LOOK = 28 * DAY
"""How far back the first look begins."""


def look(asked: Asked) -> Finding:
    """Fires from an alarm on until somebody resolves it: the evidence itself begins anew."""
    version = asked.version
    if version is None:
        return needs_champion(asked)
    state = _state(asked, version)
    start = asked.window(FIRST_LOOK).start
    found = evidence(
        asked.database,
        version,
        start,
        asked.moment,
        asked.store,
        weeks=asked.rule["weeks"],
        block=asked.rule["block"],
        state=state.get("test"),
        source=asked.source,
    )
    alarm = found.alarm_at if found.alarm_at is not None else state.get("alarm_at")
    if alarm is not None and asked.since is not None and alarm <= asked.since:
        alarm = None
    message = found.message
    if alarm is not None and found.alarm_at is None:
        message = f"{state['message']} Resolve the alert when it is dealt with. {message}"
    kept = {"version": version.id, "test": found.state, "alarm_at": alarm}
    kept["message"] = state.get("message") if found.alarm_at is None else found.message
    log = found.frame["log_evidence"]
    status = "no_data" if found.status == "not_enough_rows" else "ok"
    return Finding(
        status="firing" if alarm is not None else status,  # type: ignore[arg-type]  # one of the three
        figure=float(log.iloc[-1]) if len(log) else None,
        limit=found.threshold,
        n=found.n_rows,
        message=message,
        start=start,
        end=asked.moment,
        state=kept,
    )


def _state(asked: Asked, version: Version) -> dict[str, Any]:
    """What the last look left, if it was of this version."""
    return dict(asked.state) if asked.state.get("version") == version.id else {}
