"""The parts of a dossier's page as HTML. Whatever comes from outside goes through `text`."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.reviews.figures import number
from console.reviews.parts import sentence, table, text

Document = Mapping[str, Any]
STATUS = {"pass": "Pass", "fail": "Fail", "not_applicable": "Not applicable"}
WIDTH, HEIGHT, EDGE = 132, 16, 4
MOST_FLIPS = 8
MOST_SEGMENTS = 8


def tag(words: str, *, grave: bool = False) -> str:
    """A status in a frame."""
    return f'<span class="{"tag grave" if grave else "tag"}">{text(words)}</span>'


def percent(share: float | None) -> str:
    """A share in per cent; `–` where there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"


def gates(document: Document) -> str:
    """All gates, those that fail first, each with its figures and its waiver."""
    waived = {one["gate"]: one for one in document["waivers"]}
    order = {"fail": 0, "pass": 1, "not_applicable": 2}
    found = sorted(document["gates"], key=lambda gate: order[gate["status"]])
    rows = "".join(_gate(gate, waived.get(gate["name"])) for gate in found)
    return _wide(table(("Gate", "Outcome", "Figure", "Limit", "Rows"), rows, first_number=2))


def _gate(gate: Document, waiver: Document | None) -> str:
    failed = gate["status"] == "fail"
    outcome = tag(STATUS[gate["status"]], grave=failed)
    if waiver is not None:
        outcome = tag("Waived", grave=True)
    n = "–" if gate["n"] is None else f"{gate['n']:,}"
    said = ""
    if waiver is not None:
        said = (
            f'<p class="waiver"><b>Waived by {text(waiver["by"])}.</b> {text(waiver["reason"])}</p>'
        )
    return (
        f"<tr><td><b>{sentence(gate['title'])}</b><br><span class='small'>"
        f"{sentence(gate['message'])}</span>{said}</td><td>{outcome}</td>"
        f'<td class="n">{number(gate["figure"])}</td><td class="n">{number(gate["limit"])}</td>'
        f'<td class="n">{n}</td></tr>'
    )


def comparison(found: Document) -> str:
    """Two versions on the same rows: the verdict, each metric with its interval, who is right."""
    warning = f'<p class="waiver">{sentence(found["rows"]["warning"])}</p>'
    rows = "".join(map(_metric, found["metrics"]))
    sides = (f"Version {found['a']['version']}", f"Version {found['b']['version']}")
    heads = ("Metric", *sides, "Difference", "95 % interval", "", "Outcome")
    said = [found["enough"], *found["undefined"]]
    if found["mcnemar"] is not None:
        said.append(found["mcnemar"]["message"])
    said += found["rows"]["notes"]
    notes = "".join(f"<p>{sentence(one)}</p>" for one in said if one)
    return (
        f'<p class="small">On {text(found["rows"]["title"])}.</p>'
        f"<p>{sentence(found['verdict'])}</p>{warning if found['rows']['warning'] else ''}"
        f'{_wide(_numbers(heads, rows, (1, 2, 3, 4)))}<div class="after">{notes}</div>'
    )


def _metric(one: Document) -> str:
    side = {"a": "Worse", "b": "Better", "unclear": "Unclear"}[one["better"]]
    outcome = tag(side, grave=one["better"] == "a")
    interval = f"{_signed(one['low'])} to {_signed(one['high'])}"
    drawn = whisker(one["low"], one["difference"], one["high"], grave=one["better"] == "a")
    return (
        f"<tr><td>{text(one['title'])}</td>"
        f'<td class="n">{number(one["a"])}</td><td class="n">{number(one["b"])}</td>'
        f'<td class="n">{_signed(one["difference"])}</td><td class="n">{interval}</td>'
        f"<td>{drawn}</td><td>{outcome}</td></tr>"
    )


def flips(found: Sequence[Document], was: str, now: str) -> str:
    """Answers that change, most frequent first."""
    rows = "".join(
        f"<tr><td>{text(one['from_label'])}</td><td>{text(one['to_label'])}</td>"
        f'<td class="n">{one["n"]:,}</td><td class="n">{percent(one["share"])}</td>'
        f'<td class="n">{percent(one["low"])} to {percent(one["high"])}</td></tr>'
        for one in found[:MOST_FLIPS]
    )
    if not rows:
        return ""
    heads = (was, now, "Rows", "Share", "95 % interval")
    return f"<h4>Changed answers</h4>{_wide(table(heads, rows, first_number=2))}{_more(found)}"


def _more(found: Sequence[Document]) -> str:
    left = len(found) - MOST_FLIPS
    return f'<p class="small">And {left:,} more kinds.</p>' if left > 0 else ""


def segments(found: Sequence[Document]) -> str:
    """Where answers change, surest first."""
    shown = found[:MOST_SEGMENTS]
    most = max((one["high"] for one in shown), default=0.0)
    rows = "".join(
        f"<tr><td>{text(one['segment'])}</td><td class='n'>{one['n']:,}</td>"
        f"<td class='n'>{percent(one['share'])}</td>"
        f"<td class='n'>{percent(one['low'])} to {percent(one['high'])}</td>"
        f"<td>{_reach(one, most)}</td><td class='n'>{one['lift']:.1f}×</td></tr>"
        for one in shown
    )
    if not rows:
        return ""
    heads = ("Segment", "Rows", "Changed", "95 % interval", "", "Lift")
    return f"<h4>Where answers change</h4>{_wide(_numbers(heads, rows, (1, 2, 3, 5)))}"


def skipped(found: Document) -> str:
    """Rows that could not be compared, with the reasons."""
    if not found["rows"]:
        return ""
    rows = "".join(
        f"<tr><td>{sentence(one['reason'])}</td><td class='n'>{one['n']:,}</td></tr>"
        for one in found["reasons"]
    )
    return f"<h4>Not compared</h4>{_wide(table(('Reason', 'Rows'), rows, first_number=1))}"


def differences(found: Document) -> str:
    """What is not the same in the two versions."""
    rows = "".join(
        f"<tr><td>{text(one['what'])}</td><td>{text(one['name'])}</td>"
        f"<td>{text(one['a']) or '–'}</td><td>{text(one['b']) or '–'}</td></tr>"
        for one in found["differences"]
    )
    if not rows:
        return "<p>They differ in nothing that is recorded.</p>"
    sides = (f"Version {found['a']['version']}", f"Version {found['b']['version']}")
    shown = table(("What", "Name", *sides), rows)
    return _wide(shown.replace("<table>", '<table class="sides">', 1))


def speed(found: Document) -> str:
    """How fast both answered where the dossier was made."""
    names = {side: f"Version {found[side]['version']}" for side in "ab"}
    rows = "".join(
        f"<tr><td>{names[one['side']]}</td><td>{text(one['engine'])}</td>"
        f'<td class="n">{1_000 * one["single_ms"]:,.0f} µs</td>'
        f'<td class="n">{one["batch_us_per_row"]:,.1f} µs</td>'
        f'<td class="n">{one["size_bytes"] / 1_000:,.0f} kB</td></tr>'
        for one in found["speed"]
    )
    heads = ("", "Engine", "One row", "A row of many", "Size")
    title = "<h4>Speed, where the dossier was made</h4>"
    return f"{title}{_wide(table(heads, rows, first_number=2))}" if rows else ""


def whisker(low: float | None, middle: float, high: float | None, *, grave: bool) -> str:
    """A difference with its interval about 0, each row on a scale of its own."""
    if low is None or high is None:
        return ""
    reach = max(abs(low), abs(high), abs(middle)) or 1.0
    at = [WIDTH / 2 + value / reach * (WIDTH / 2 - EDGE) for value in (low, middle, high)]
    zero = WIDTH / 2
    return _drawn(
        f'<line class="zero" x1="{zero}" y1="0" x2="{zero}" y2="{HEIGHT}"/>', at, "a" * grave
    )


def _reach(one: Document, most: float) -> str:
    scale = (WIDTH - 2 * EDGE) / (most or 1.0)
    at = [EDGE + one[name] * scale for name in ("low", "share", "high")]
    line = f'<line class="zero" x1="{EDGE}" y1="0" x2="{EDGE}" y2="{HEIGHT}"/>'
    return _drawn(line, at, "")


def _drawn(zero: str, at: Sequence[float], kind: str) -> str:
    low, middle, high = at
    y = HEIGHT / 2
    return (
        f'<svg class="whisker {kind}" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{zero}'
        f'<line class="range" x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}"/>'
        f'<circle cx="{middle:.1f}" cy="{y}" r="3.4"/></svg>'
    )


def _numbers(heads: Sequence[str], rows: str, places: Sequence[int]) -> str:
    head = "".join(
        f'<th class="n">{text(name)}</th>' if place in places else f"<th>{text(name)}</th>"
        for place, name in enumerate(heads)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _wide(shown: str) -> str:
    return f'<div class="wide">{shown}</div>'


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3g}".replace("-", "−")
