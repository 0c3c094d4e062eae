"""Who served what at any time, and what a roll-back may go to.

`timeline` and `traffic`, which draw it, are from `timeline.py`.
"""

from backend.records import registry
from backend.records.aliases import Promotion
from backend.records.database import Database, now
from console.promotion.spans import Served, exact, moved, spans
from console.promotion.timeline import TIMELINE, timeline, traffic
from console.windows import utc

__all__ = [
    "TIMELINE",
    "Served",
    "earlier_champions",
    "exact",
    "moved",
    "sentence",
    "served",
    "serving",
    "spans",
    "timeline",
    "traffic",
]


def served(database: Database, model: str, at: int) -> Promotion | None:
    """The move that made the champion of a moment; None before the first.

    Its `to_number` is the version that answered, from the move's own `at` on.

    Args:
        at: UTC µs.

    Raises:
        NotFound: there is no such model.
    """
    found = serving(database, model, at)
    return None if found is None else found.move


def serving(database: Database, model: str, at: int) -> Served | None:
    """As `served`, with when it ended.

    Raises:
        NotFound: there is no such model.
    """
    # From the newest on: of two moves in one microsecond the later one counts.
    begun = (one for one in reversed(spans(database, model)) if one.since <= at)
    return next(begun, None)


def sentence(model: str, at: int, found: Served | None) -> str:
    """Who served at a moment, for people; says so where nobody did yet, or it is to come."""
    when = utc(at, seconds=True)
    if at > now():
        return _to_come(model, when, found)
    if found is None:
        return f"Nothing served for `{model}` at {when}: no version was its champion yet."
    until = (
        "it still serves"
        if found.until is None
        else f"it served until {utc(found.until, seconds=True)}"
    )
    gone = "" if found.exists else " The version was removed since."
    return (
        f"At {when} version {found.version} served for `{model}`: {_begun(found)}; {until}."
        f"{_reason(found)}{gone}"
    )


def _to_come(model: str, when: str, found: Served | None) -> str:
    """The sentence for a moment after now, whose champion nobody can know."""
    yet = f"{when} is still to come."
    if found is None:
        return f"{yet} Nothing serves for `{model}` now: no version is its champion yet."
    serves = f"Version {found.version} serves for `{model}` now: {_begun(found)}."
    return f"{yet} {serves}{_reason(found)}"


def _begun(found: Served) -> str:
    how = "rolled back to" if found.move.kind == "rollback" else "promoted"
    return f"{how} at {utc(found.since, seconds=True)} by {found.move.actor}"


def _reason(found: Served) -> str:
    reason = found.move.reason
    return f" The reason: {reason}{'' if reason.endswith(('.', '!', '?', '…')) else '.'}"


def earlier_champions(database: Database, model: str) -> tuple[int, ...]:
    """The versions that were champion before, are not now, and are still there; latest first.

    Any of them may be rolled back to by its number.

    Raises:
        NotFound: there is no such model.
    """
    present = registry.model(database, model).champion
    before = [one.version for one in reversed(spans(database, model)) if one.exists]
    return tuple(dict.fromkeys(number for number in before if number != present))
