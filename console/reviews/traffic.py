"""Findings on requests: those that were refused or failed, and those that stayed away."""

from typing import Any

from console.drift.decisions.intervals import wilson
from console.drift.decisions.sentences import percent
from console.reviews.figures import figure
from console.summaries.read import Counts

NOTABLE = 0.01
"""A share of requests without an answer from which a meeting hears of it."""
FALL = 0.5
LEAST = 30


def of_traffic(counts: Counts, before: Counts) -> list[dict[str, Any]]:
    """What is notable about the requests of a window, against the one before it."""
    return [*_unanswered(counts, before), *_fallen(counts, before)]


def _unanswered(counts: Counts, before: Counts) -> list[dict[str, Any]]:
    sides = (
        ("refused", counts.refused, before.refused),
        ("failed", counts.failed, before.failed),
    )
    return [
        {
            "key": f"traffic:{name}",
            "title": f"Requests that {_DID[name]}",
            "kind": "traffic",
            "status": "notice",
            "what": (
                f"{n:,} of {counts.requests:,} requests ({percent(n / counts.requests)})"
                f" {_DID[name]}; {_earlier(was, before)}."
            ),
            "matters": _LOST[name],
            "figures": _figures(counts, before),
            "charts": [],
        }
        for name, n, was in sides
        # A handful of requests says nothing: the share is notable if the whole interval is.
        if n and float(wilson(n / counts.requests, counts.requests)[0]) >= NOTABLE
    ]


def _earlier(n: int, before: Counts) -> str:
    if not before.requests:
        return "in the time before it there were none"
    return f"in the time before it {percent(n / before.requests)} of {before.requests:,}"


def _fallen(counts: Counts, before: Counts) -> list[dict[str, Any]]:
    if before.requests < LEAST or counts.requests > FALL * before.requests:
        return []
    requests = "1 request" if counts.requests == 1 else f"{counts.requests:,} requests"
    return [
        {
            "key": "traffic:volume",
            "title": "Requests stayed away",
            "kind": "traffic",
            "status": "notice",
            "what": (
                f"{requests} came, against {before.requests:,} in the time of"
                " equal length before it."
            ),
            "matters": (
                "Those who stay away are judged nowhere in this review: ask whether a caller"
                " stopped, or whether the feed broke."
            ),
            "figures": _figures(counts, before),
            "charts": [],
        }
    ]


_DID = {"refused": "were refused", "failed": "failed"}
_LOST = {
    "refused": (
        "Nobody got an answer for these. They are in no figure of drift or performance: the"
        " Predictions page shows why they were refused."
    ),
    "failed": (
        "Nobody got an answer for these, though they were well formed. The Predictions page shows"
        " the errors."
    ),
}


def _figures(counts: Counts, before: Counts) -> list[dict[str, Any]]:
    return [
        figure("Answered", counts.answered, f"{counts.answered:,}, before {before.answered:,}"),
        figure("Refused", counts.refused, f"{counts.refused:,}, before {before.refused:,}"),
        figure("Failed", counts.failed, f"{counts.failed:,}, before {before.failed:,}"),
    ]
