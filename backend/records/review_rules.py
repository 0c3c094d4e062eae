"""What may be said and decided on a review: checked before it is written."""

from datetime import UTC, date, datetime, timedelta

from backend.errors import Unusable

DECISIONS = ("accept", "watch", "retrain", "roll_back", "data_fault")
ACTIONS = DECISIONS[1:]
"""Decisions after which somebody has something to do by a day."""
STATES = ("open", "done", "dropped")
MOST_TEXT = 10_000
MOST_OWNER = 200
# The day is still the one before in the last time zone of the earth.
_LAST_ZONE = timedelta(hours=12)


def check_decision(decision: str, owner: str | None, due_on: str | None) -> None:
    """Check a decision; `owner` and `due_on` (ISO 8601 date) belong to an action.

    Raises:
        Unusable: there is no such decision, an action lacks its owner or day, the day is no day or
            is past everywhere on earth, or a finding is accepted with either.
    """
    if decision not in DECISIONS:
        raise Unusable(f"`{decision[:40]}` is no decision; expected one of {_listed(DECISIONS)}.")
    if decision not in ACTIONS:
        if owner or due_on:
            raise Unusable(
                f"`{decision}` leaves nothing to do, so it takes no owner and no due date. Leave"
                f" them out, or choose one of {_listed(ACTIONS)}."
            )
        return
    if not (owner or "").strip():
        raise Unusable(f"`{decision}` needs an owner: who sees to it? Give a name.")
    if len(owner or "") > MOST_OWNER or not (owner or "").isprintable():
        raise Unusable(
            f"The owner has {len(owner or ''):,} characters or some that cannot be printed;"
            f" expected a name of at most {MOST_OWNER}."
        )
    if not due_on:
        raise Unusable(f"`{decision}` needs a due date: by when? Give one as `YYYY-MM-DD`.")
    day, today = day_of(due_on), earliest_today()
    if day < today:
        raise Unusable(
            f"The due date {day.isoformat()} is past; expected {today.isoformat()} or later."
            " Choose a day to come."
        )


def check_text(text: str) -> None:
    """Check what somebody wrote.

    Raises:
        Unusable: it is too long, or has a character that no database holds.
    """
    if len(text) > MOST_TEXT:
        raise Unusable(
            f"The text has {len(text):,} characters; the limit is {MOST_TEXT:,}. Shorten it, or"
            " keep the rest elsewhere and name the place."
        )
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unusable(
            "The text holds a NUL or half a surrogate pair, which is no text. Write it anew."
        )


def check_state(state: str) -> None:
    """Check how far an action is.

    Raises:
        Unusable: there is no such state.
    """
    if state not in STATES:
        raise Unusable(f"`{state[:40]}` is no state; expected one of {_listed(STATES)}.")


def day_of(text: str) -> date:
    """A day in the form `YYYY-MM-DD`.

    Raises:
        Unusable: it is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise Unusable(
            f"`{text[:40]}` is not a date; expected a day as `YYYY-MM-DD`, such as `2026-03-31`."
        )
    return found


def earliest_today() -> date:
    """The earliest day that it is anywhere on earth at the moment."""
    return (datetime.now(UTC) - _LAST_ZONE).date()


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(f'`{name}`' for name in names[:-1])} or `{names[-1]}`"
