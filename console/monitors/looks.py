"""What a look of a monitor finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["ok", "firing", "no_data", "broken"]
Event = Literal["opened", "again", "resolved"]


@dataclass(frozen=True)
class Finding:
    """What a kind of monitor says of a window.

    Attributes:
        status: `ok`, `firing`, `no_data` (too little to say anything: the message says how much
            would do) or `broken` (it cannot look: the message says why).
        figure: what is compared with the limit, in the unit of the kind; None without data.
        limit: beyond it the monitor fires; None where the limit is no number.
        n: rows behind the figure.
        message: the finding as a sentence, with `n`.
        start, end: the window (UTC µs).
        state: what the kind carries to the next look; JSON.
    """

    status: Status
    figure: float | None
    limit: float | None
    n: int | None
    message: str
    start: int
    end: int
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A look of a monitor at a moment (UTC µs), and the alert that it opened, kept or resolved.

    `finding`'s fields are its own; `event` is `opened`, `again` or `resolved` when this look did
    that to `alert_id`, else None.
    """

    monitor_id: int
    monitor: str
    model: str
    kind: str
    moment: int
    status: Status
    figure: float | None
    limit: float | None
    n: int | None
    message: str
    start: int
    end: int
    alert_id: int | None = None
    event: Event | None = None


def firing_if(fires: bool) -> Status:
    """`firing` or `ok`."""
    return "firing" if fires else "ok"
