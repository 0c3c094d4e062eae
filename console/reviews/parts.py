"""The parts of a review's page as HTML. Whatever comes from outside goes through `text`."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from backend.records.review_rows import Entry
from console.reviews import MEANINGS, STATES, STATUSES, TITLES, svg
from console.reviews.figures import day, number
from console.reviews.meeting import Action, Finding
from console.windows import utc

GRAVE = {"drifted", "worse", "warning"}
_NAMED = re.compile(r"`([^`]*)`")


def text(value: object) -> str:
    """A value that may hold anything, as harmless HTML."""
    return escape(str(value))


def sentence(value: str) -> str:
    """A sentence, with the names that stand in backticks set apart."""
    return _NAMED.sub(r"<b>\1</b>", text(value))


def tag(status: str) -> str:
    """A status in words."""
    kind = "tag grave" if status in GRAVE else "tag"
    return f'<span class="{kind}">{text(STATUSES.get(status, status))}</span>'


def left_to_do(actions: Sequence[Action]) -> str:
    """What earlier reviews left to do, as a table."""
    if not actions:
        return '<p class="muted">Earlier reviews left nothing to do.</p>'
    rows = "".join(map(_action, actions))
    heads = ("Finding", "Decision", "Owner", "Due", "State", "Last report")
    return f'<div class="wide">{table(heads, rows)}</div>'


def _action(one: Action) -> str:
    due, state = day(one.decision.due_on), text(STATES.get(one.state, one.state))
    mark = ' class="late"' if one.is_overdue else ' class="day"'
    late = "Overdue" if one.is_overdue else state
    said = "–"
    if one.progress is not None:
        said = f"{text(one.progress.text) or state} <span class='muted'>"
        said += f"({text(one.progress.actor)}, {utc(one.progress.at)})</span>"
    what = TITLES.get(one.decision.decision or "", one.decision.decision)
    return (
        f"<tr><td>{text(one.title)}<br><span class='small'>Review {one.review.id},"
        f" {utc(one.decision.at)}</span></td><td>{text(what)}</td>"
        f"<td>{text(one.decision.owner or '')}</td><td class='day'>{due}</td><td{mark}>{late}</td>"
        f"<td>{said}</td></tr>"
    )


def glance(found: Sequence[Finding], held: Mapping[str, Entry]) -> str:
    """The findings in a table with what was decided on them."""
    rows = "".join(
        _glance(place, one, held.get(one.key)) for place, one in enumerate(found, start=1)
    )
    heads = ("", "Finding", "Status", "Decision", "Owner", "Due")
    return f'<div class="wide">{table(heads, rows)}</div>'


def _glance(place: int, one: Finding, held: Entry | None) -> str:
    decision = "<span class='muted'>None yet</span>"
    if held is not None:
        decision = f"<b>{text(TITLES.get(held.decision or '', held.decision))}</b>"
    owner, due = (held.owner, held.due_on) if held is not None else (None, None)
    return (
        f"<tr><td>{place}</td><td>{text(one.title)}</td><td>{tag(one.status)}</td>"
        f"<td>{decision}</td><td>{text(owner or '')}</td>"
        f"<td class='day'>{day(due) if due else ''}</td></tr>"
    )


def finding(place: int, one: Finding, entries: Sequence[Entry], is_closed: bool) -> str:
    """A finding with its charts, figures, decision and what was said on it."""
    mine = [entry for entry in entries if entry.finding == one.key]
    decisions = [entry for entry in mine if entry.kind == "decision"]
    comments = [entry for entry in mine if entry.kind == "comment"]
    charts = "".join(svg.chart(chart) for chart in one.charts)
    return (
        f"<article><header><h3>{place}. {text(one.title)}</h3>{tag(one.status)}</header>"
        f"<h4>What changed</h4><p>{sentence(one.what)}</p>"
        f"<h4>Does it matter?</h4><p>{sentence(one.matters)}</p>"
        f"{f'<div class=charts>{charts}</div>' if charts else ''}"
        f"{figures(one.figures)}{_decision(decisions, is_closed)}{said(comments)}</article>"
    )


def figures(found: Sequence[Mapping[str, Any]]) -> str:
    """Figures with their names."""
    parts = "".join(
        f"<div><dt>{text(one['title'])}</dt><dd>{text(one['text'])}</dd></div>" for one in found
    )
    return f'<dl class="figures">{parts}</dl>' if parts else ""


def _decision(found: Sequence[Entry], is_closed: bool) -> str:
    if not found:
        return _undecided(is_closed)
    held, earlier = found[-1], found[:-1]
    key = held.decision or ""
    who = ""
    if held.owner:
        who = f" &ensp;Owner: <b>{text(held.owner)}</b> &ensp;Due: <b>{day(held.due_on)}</b>"
    reason = f"<p>{text(held.text)}</p>" if held.text.strip() else ""
    replaced = "".join(
        f"; in place of {text(TITLES.get(one.decision or '', one.decision))}"
        f" ({text(one.actor)}, {utc(one.at)})"
        for one in reversed(earlier)
    )
    return (
        f'<div class="decision"><p><span class="tag held">{text(TITLES.get(key, key))}</span>'
        f'{who}</p>{reason}<p class="small">{text(MEANINGS.get(key, ""))} Decided by'
        f" {text(held.actor)}, {utc(held.at)}{replaced}.</p></div>"
    )


def _undecided(is_closed: bool) -> str:
    if is_closed:
        return (
            '<div class="decision open"><p class="muted">The review was closed without a decision'
            " on this.</p></div>"
        )
    boxes = "".join(f"<span><i></i>{text(title)}</span>" for title in TITLES.values())
    return (
        f'<div class="decision open"><p class="boxes">{boxes}</p>'
        '<div class="blank"><span>Owner</span><span>Due</span><span>Reason</span></div></div>'
    )


def said(comments: Sequence[Entry]) -> str:
    """What was said, oldest first."""
    return "".join(
        f'<blockquote>{text(one.text)}<br><span class="small">{text(one.actor)},'
        f" {utc(one.at)}</span></blockquote>"
        for one in comments
    )


def features(document: Mapping[str, Any]) -> str:
    """All features in a table, in the order of the verdict's sentence."""
    changed = {one["feature"]: one["changed"] for one in document["decisions"]["changes"]}
    found = [*document["drift"]["features"], *document["drift"]["outputs"]]
    rows = "".join(_feature(one, changed.get(one["feature"])) for one in found)
    heads = ("Feature", "Status", "Effect", "Floor", "q-value", "Missing", "Values", "Changes")
    return f'<div class="wide">{table(heads, rows, first_number=2)}</div>'


def _feature(one: Mapping[str, Any], changed: float | None) -> str:
    missing = one["missing_current"]
    q = one["q_value"]
    cells = (
        number(one["effect"]),
        number(one["effect_floor"]),
        "–" if q is None else "&lt; .001" if q < 0.001 else f"{q:.3f}",
        "–" if missing is None else svg.percent(missing),
        f"{one['n_current']:,}",
        "–" if changed is None else svg.percent(changed),
    )
    numbers = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    return f"<tr><td>{text(one['title'])}</td><td>{tag(one['status'])}</td>{numbers}</tr>"


def table(heads: Sequence[str], rows: str, first_number: int = 99) -> str:
    """A table; columns from `first_number` on hold numbers."""
    head = "".join(
        f'<th class="n">{name}</th>' if place >= first_number else f"<th>{name}</th>"
        for place, name in enumerate(heads)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
