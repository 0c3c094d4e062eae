"""Evidence of change in a version's log, from block to block."""

from typing import Any, Literal

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.watching.results import Evidence


def evidence(
    database: Database,
    version: Version,
    start: int,
    end: int,
    store: Store,
    *,
    weeks: float = 12.0,
    block: Literal["auto", "hour", "day"] = "auto",
    state: dict[str, Any] | None = None,
    source: str | None = None,
) -> Evidence:
    """The evidence that what `version` is asked has changed, between `start` and `end` (UTC µs).

    Args:
        weeks: the budget: at most one false alarm in so many weeks on average.
        block: what is judged at a time; `auto` takes whole days where a daily cycle is seen.
        state: of an earlier answer, to go on from its `end`; `start` is then not looked at.
        source: only rows of `live` or `replay`; all if None.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    raise NotImplementedError
