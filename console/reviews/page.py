"""A review as one page for the meeting: self-contained, without a script, made to be printed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from backend.records import reviews
from backend.records.database import Database
from backend.records.review_rows import Entry, Review
from console.reviews import meeting, parts, svg
from console.reviews.parts import sentence, tag, text
from console.reviews.sheet import STYLE
from console.windows import utc

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)
"""The page keeps to it wherever it is opened."""


def html(database: Database, review: Review, *, today: date | None = None) -> str:
    """The page: last actions, verdict, each finding with its decision, and how to verify it.

    It holds no script and asks nothing of any other machine.

    Args:
        today: the day by which actions are overdue; the present one (UTC) if None.

    Raises:
        ArtefactDamaged: the document's bytes are missing or altered.
    """
    document = meeting.opened(database, review)
    entries = reviews.entries(database, review.id)
    actions = meeting.last_actions(database, review, today)
    title = f"Review {review.id} · {document['model']}, version {document['version']}"
    body = "".join(
        (
            _head(review, document),
            "<section><h2>What was left to do</h2>",
            f"{parts.left_to_do(actions)}</section>",
            _glance(document, entries),
            _findings(review, document, entries),
            _performance(document),
            "<section><h2>All features</h2>",
            f'{parts.features(document)}<p class="small">{text(_LEGEND)}</p></section>',
            _foot(review, document),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


_LEGEND = (
    "Effect: numbers in standard deviations of the reference (Wasserstein distance), categories as"
    " Jensen-Shannon distance; below the floor nothing is called drift. Values: those of the window"
    " that were compared. Changes: the share of answers that putting the feature back changes."
)


def _head(review: Review, document: Mapping[str, Any]) -> str:
    closed = ""
    if review.closed_at is not None:
        closed = f" Closed by {text(review.closed_by)}, {utc(review.closed_at)}."
    rows, traffic = document["rows"], document["traffic"]["window"]
    facts = (
        ("Window (UTC)", _window(document)),
        ("Predictions compared", f"{rows['current']:,}"),
        ("Reference rows", f"{rows['reference']:,}"),
        ("Requests refused or failed", _unanswered(traffic)),
    )
    shown = "".join(f"<div><dt>{name}</dt><dd>{text(value)}</dd></div>" for name, value in facts)
    changed = ""
    if document["decisions"]["changes"]:
        changed = f"<p>{sentence(document['decisions']['message'])}</p>"
    how = f'<p class="small">{text(document["how"])}</p>' if document["how"] else ""
    return (
        f'<p class="eyebrow">Review {review.id} &ensp;{tag(review.status)}</p>'
        f"<h1>{text(document['model'])}, version {document['version']}</h1>"
        f'<p class="muted">Frozen by {text(review.frozen_by)}, {utc(review.frozen_at)}.{closed}</p>'
        f'<p class="lead">{sentence(document["message"])}</p>'
        f"{changed}{how}"
        f'<dl class="facts">{shown}</dl>'
    )


def _unanswered(traffic: Mapping[str, Any]) -> str:
    return f"{traffic['refused'] + traffic['failed']:,} of {traffic['requests']:,}"


def _glance(document: Mapping[str, Any], entries: Sequence[Entry]) -> str:
    found = meeting.findings(document)
    if not found:
        return ""
    shown = parts.glance(found, meeting.decided(entries))
    return f"<section><h2>At a glance</h2>{shown}</section>"


def _findings(review: Review, document: Mapping[str, Any], entries: Sequence[Entry]) -> str:
    found = meeting.findings(document)
    general = [one for one in entries if not one.finding and one.kind == "comment"]
    shown = "".join(
        parts.finding(place, one, entries, review.is_closed)
        for place, one in enumerate(found, start=1)
    )
    nothing = '<p class="muted">There is nothing to decide on.</p>'
    more = f"<h4>On the review as a whole</h4>{parts.said(general)}" if general else ""
    return f"<section><h2>Findings</h2>{shown or nothing}{more}</section>"


def _performance(document: Mapping[str, Any]) -> str:
    """Whether it is still right; left out where that is a finding of its own."""
    if any(one["kind"] == "performance" for one in document["findings"]):
        return ""
    charts = "".join(svg.chart(chart) for chart in document["performance_charts"])
    return (
        "<section><h2>Is it still right?</h2>"
        f"<p>{sentence(document['performance']['message'])}</p>"
        f"{f'<div class=charts>{charts}</div>' if charts else ''}"
        f"{parts.figures(document['performance_figures'])}</section>"
    )


def _foot(review: Review, document: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{text(one['title'])}<br><span class='small'>{text(one['rows'])}</span></td>"
        f"<td><code>{text(one['sha256'])}</code></td></tr>"
        for one in document["files"]
    )
    files = f"<h4>Evidently's documents</h4>{parts.table(('Document', 'SHA-256'), rows)}"
    left_out = "".join(
        f'<p class="small">{text(title)} is missing. {text(why)}</p>'
        for title, why in document["left_out"].items()
    )
    command = f"python -m console review {review.model} --id {review.id} --verify"
    return (
        "<footer><h4>How to verify this</h4>"
        f"<p>The figures were frozen as one document; its SHA-256 is <code>{review.sha256}</code>."
        f" <code>{text(command)}</code> compares it with the bytes that are kept. Decisions and"
        " comments are not under the hash: they are added to, and never changed.</p>"
        f"{files if rows else ''}{left_out}</footer>"
    )


def _window(document: Mapping[str, Any]) -> str:
    """The window by its days where it begins and ends at midnight."""
    ends = [utc(document[name]).removesuffix(" UTC") for name in ("start", "end")]
    if all(end.endswith(", 00:00") for end in ends):
        ends = [end.removesuffix(", 00:00") for end in ends]
    return " – ".join(ends)
