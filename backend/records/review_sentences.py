"""What is said to somebody who may not decide on a review any more."""

from datetime import UTC, datetime

from backend.records.review_rows import Entry, Review


def decided_meanwhile(finding: str, newest: Entry | None) -> str:
    """That another decision holds than the one that was seen."""
    if newest is None:
        return f"Nobody has decided on `{finding}` yet. Load the review again, then decide."
    return (
        f"Somebody decided on `{finding}` meanwhile: {who(newest)}. Read that first; if yours"
        " shall hold instead, decide again."
    )


def who(newest: Entry) -> str:
    """Who decided what, and when."""
    owner = f", owner {newest.owner}, due {newest.due_on}" if newest.owner else ""
    return f"{newest.actor} chose `{newest.decision}`{owner}, at {_utc(newest.at)}"


def closed(review: Review) -> str:
    """That a review is closed, and by whom."""
    return (
        f"Review {review.id} was closed by {review.closed_by} at {_utc(review.closed_at or 0)}, so"
        " it takes no more decisions. Freeze a new review to decide anew."
    )


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
