"""A dossier as one page for those who decide: self-contained, without a script, to be printed."""

from collections.abc import Mapping
from typing import Any

from backend.records.requests import Request
from console.promotion import dossier_parts as parts
from console.promotion import provenance
from console.promotion.dossier_parts import percent, tag
from console.reviews.canonical import packed, sha256
from console.reviews.page import POLICY
from console.reviews.parts import sentence, text
from console.reviews.sheet import STYLE
from console.windows import utc

STATES = {
    "open": "Open",
    "made": "Promoted",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
    "overtaken": "Overtaken",
}
_MORE = """
.whisker { width: 132px; height: 16px; display: inline-block; vertical-align: middle; }
.whisker .zero { stroke: var(--rule); } .whisker .range { stroke: var(--is); stroke-width: 2; }
.whisker circle { fill: var(--is); }
.whisker.a .range { stroke: var(--alert); } .whisker.a circle { fill: var(--alert); }
.waiver { border-left: 3px solid var(--alert); padding: 2px 0 2px 10px; margin: 6px 0; }
.after { margin-top: 8px; }
ul { margin: 0 0 8px; padding-left: 20px; } li { margin-bottom: 3px; }
pre { font: 12px/1.45 "Source Code Pro", ui-monospace, Menlo, Consolas, monospace;
  background: var(--soft); padding: 10px 12px; white-space: pre-wrap; margin: 0; }
td code { font-size: 11.5px; word-break: break-all; }
table.sides { table-layout: fixed; } table.sides td { overflow-wrap: anywhere; }
table.sides td:first-child, table.sides th:first-child { width: 16%; }
section { break-inside: auto; }
@media print { pre { font-size: 7.6pt; } }
"""


def html(document: Mapping[str, Any], request: Request | None = None) -> str:
    """The page: who asks for what and why, each gate, the comparison, the rescoring, the model
    card, where the version comes from, and how to verify it.

    It holds no script and asks nothing of any other machine.

    Args:
        request: what became of it; None leaves that out.
    """
    title = f"Promotion dossier · {document['model']}, version {document['version']}"
    body = "".join(
        (
            _head(document, request),
            f"<section><h2>Gates</h2>{parts.gates(document)}</section>",
            _compared(document, "comparison", "Against the champion, on held-out rows"),
            _compared(document, "comparison_logged", "Against the champion, on logged requests"),
            _rescored(document),
            _differences(document),
            provenance.card(document["model_card"], document["left_out"]),
            provenance.lineage(document["lineage"]),
            f"<section><h2>The rules</h2><pre>{text(document['rules']['text'])}</pre></section>",
            _foot(document, request),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}{_MORE}</style></head>"
        f"<body>{body}</body></html>\n"
    )


def _head(document: Mapping[str, Any], request: Request | None) -> str:
    champion, asked = document["champion"], document["asked"]
    place = "as its first champion" if champion is None else f"in place of version {champion}"
    name = "Promotion dossier" if request is None else f"Promotion request {request.id}"
    state = "" if request is None else _state(request)
    shown = "".join(
        f"<div><dt>{text(title)}</dt><dd>{text(value)}</dd></div>"
        for title, value in _facts(document)
    )
    return (
        f'<p class="eyebrow">{name} &ensp;{state}</p>'
        f"<h1>{text(document['model'])}: version {document['version']} {place}</h1>"
        f'<p class="muted">Asked for by {text(asked["by"])}{_unverified(asked)}; evidence of'
        f" {_moment(document['made_at'])}.</p>"
        f'<p class="lead">{text(document["message"])}</p>{_verdict(document)}'
        f"<blockquote>{text(asked['reason'])}</blockquote>"
        f'<dl class="facts">{shown}</dl>{_decision(request)}'
    )


def _verdict(document: Mapping[str, Any]) -> str:
    found = document["comparison"]
    if found is None:
        return ""
    return f"<p>On {text(found['rows']['title'])}: {_lower(found['verdict'])}</p>"


def _lower(said: str) -> str:
    return sentence(said[:1].lower() + said[1:])


def _facts(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = []
    if document["comparison"] is not None:
        first = document["comparison"]["metrics"][:1]
        facts += [(f"{one['title']}, held out", _against(one)) for one in first]
    found = document["rescoring"]
    if found is not None and found["rows"]:
        facts.append(("Logged requests answered again", f"{found['rows']:,}"))
        numbers = document["task"] == "regression"
        same = "Same value, within tolerance" if numbers else "Same answer"
        facts.append((same, percent(found["agreement"])))
        if found["truth"] is not None and found["truth"]["known"]:
            wrong = found["truth"]["newly_wrong"]
            title = "Further from the truth" if numbers else "Right before, wrong now"
            facts.append((title, f"{wrong['n']:,} of {wrong['of']:,}"))
    facts.append(("Gates waived", f"{len(document['waivers'])}"))
    return facts


def _against(one: Mapping[str, Any]) -> str:
    return f"{one['b']:.4g} against {one['a']:.4g}"


def _state(request: Request) -> str:
    return tag(STATES.get(request.state, request.state), grave=request.state in _GRAVE)


_GRAVE = ("refused", "overtaken")


def _decision(request: Request | None) -> str:
    """What was decided; for an open request the lines to fill in on paper."""
    if request is None:
        return ""
    if request.is_open:
        return (
            '<div class="decision open"><p class="boxes"><span><i></i>Approved</span>'
            "<span><i></i>Refused</span></p>"
            '<div class="blank"><span>Name</span><span>Date</span><span>Reason</span></div></div>'
        )
    why = f"<p>{sentence(request.decision)}</p>" if request.decision else ""
    return (
        f'<div class="decision"><p><span class="tag held">{STATES[request.state]}</span></p>{why}'
        f'<p class="small">By {text(request.decided_by)}, {utc(request.decided_at or 0)}. Asked'
        f" for {utc(request.requested_at)}.</p></div>"
    )


def _compared(document: Mapping[str, Any], name: str, title: str) -> str:
    found = document[name]
    shown = _missing(document, name) if found is None else parts.comparison(found)
    return f"<section><h2>{title}</h2>{shown}</section>"


def _rescored(document: Mapping[str, Any]) -> str:
    found = document["rescoring"]
    if found is None:
        shown = _missing(document, "rescoring")
    else:
        window = f"{_moment(found['from'])} to {_moment(found['to'])}"
        drawn = ", drawn at random" if found["sampled"] else ""
        shown = (
            f'<p class="small">{found["found"]:,} answered requests of {window}{drawn}.</p>'
            f"<p>{sentence(found['message'])}</p>"
            f"{parts.flips(found['flips'], 'Answered', 'Would answer')}"
            f"{parts.segments(found['by_segment'])}{parts.skipped(found['skipped'])}"
        )
    return f"<section><h2>Logged requests, answered again</h2>{shown}</section>"


def _differences(document: Mapping[str, Any]) -> str:
    found = document["comparison"] or document["comparison_logged"]
    if found is None:
        return ""
    return (
        "<section><h2>What differs between the versions</h2>"
        f"{parts.differences(found)}{parts.speed(document['comparison'] or found)}</section>"
    )


def _missing(document: Mapping[str, Any], name: str) -> str:
    return f'<p class="muted">{sentence(document["left_out"].get(name, "Not made."))}</p>'


def _foot(document: Mapping[str, Any], request: Request | None) -> str:
    digest = request.sha256 if request is not None else sha256(packed(document))
    how = "The request that it is asked for with holds this hash."
    if request is not None:
        command = f"python -m console requests {request.model} --id {request.id} --verify"
        how = (
            f"<code>{text(command)}</code> compares it with the bytes that are kept. The decision"
            " is not under the hash; the audit log has it."
        )
    names = ""
    if not document["asked"]["verified"]:
        names = (
            "<p>Names of people are as they were given: there was no sign-in to verify them.</p>"
        )
    return (
        "<footer><h4>How to verify this</h4><p>The evidence was frozen as one document; its"
        f" SHA-256 is <code>{digest}</code>. {how}</p>{names}</footer>"
    )


def _unverified(asked: Mapping[str, Any]) -> str:
    return "" if asked["verified"] else " (unverified name)"


def _moment(iso: str) -> str:
    """A time of the document for readers."""
    return text(iso.replace("T", ", ")[:17] + " UTC")
