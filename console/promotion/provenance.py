"""The model card and the lineage of a dossier, as HTML."""

from collections.abc import Mapping
from typing import Any

from console.comparison.titles import BEST_AT_ZERO
from console.promotion.dossier_parts import tag
from console.reviews.figures import number
from console.reviews.parts import sentence, table, text

Document = Mapping[str, Any]


def card(found: Document | None, left_out: Document) -> str:
    """The model card: what the version is for, how good it is, and its limits."""
    if found is None:
        why = sentence(str(left_out.get("model_card", "Not made.")))
        return f'<section><h2>Model card</h2><p class="muted">{why}</p></section>'
    note = f"<blockquote>{text(found['note'])}</blockquote>" if found["note"].strip() else ""
    limits = "".join(f"<li>{sentence(one)}</li>" for one in found["limits"])
    return (
        "<section><h2>Model card</h2>"
        f"<h4>What it is for</h4><p>{sentence(found['purpose'])}</p>{note}"
        f"<h4>Data</h4><p>{sentence(found['training'])} Judged on"
        f" {text(found['evaluation'][0].lower() + found['evaluation'][1:])}</p>"
        f"<h4>Figures on held-out rows</h4>{_metrics(found)}"
        f"<h4>Limits</h4><ul>{limits}</ul>"
        f"<h4>Inputs</h4>{_inputs(found)}</section>"
    )


def _metrics(found: Document) -> str:
    crossed = found["cross_validation"]
    rows = "".join(
        f"<tr><td>{text(one['title'])}{_lower(one)}</td>"
        f'<td class="n">{number(one["value"])}</td>'
        f'<td class="n">{number(one["low"])} to {number(one["high"])}</td>'
        f'<td class="n">{_spread(crossed.get(one["metric"]))}</td></tr>'
        for one in found["metrics"]
    )
    heads = ("Metric", "Value", "95 % interval", "Cross-validation, mean ± sd")
    return f'<div class="wide">{table(heads, rows, first_number=1)}</div>'


def _lower(one: Document) -> str:
    if not one["lower_is_better"]:
        return ""
    best = "0 is best" if one["metric"] in BEST_AT_ZERO else "lower is better"
    return f" <span class='small'>{best}</span>"


def _spread(found: Document | None) -> str:
    if not found or found.get("mean") is None:
        return "–"
    return f"{number(found['mean'])} ± {number(found.get('sd'))}"


def _inputs(found: Document) -> str:
    rows = "".join(
        f"<tr><td>{text(one['title'])}</td><td>{text(one['kind'])}</td><td>{_values(one)}</td>"
        f"<td>{'may be missing' if one['nullable'] else 'required'}</td></tr>"
        for one in found["inputs"]
    )
    heads = ("Input", "Kind", "Seen in training", "")
    return f'<div class="wide">{table(heads, rows)}</div>'


def _values(one: Document) -> str:
    if one["low"] is not None:
        return f"{number(one['low'])} to {number(one['high'])}"
    left = one["n_categories"] - len(one["categories"])
    more = f" and {left:,} more" if left > 0 else ""
    return f"{text(', '.join(map(str, one['categories'])))}{more}" or "–"


def lineage(found: Document) -> str:
    """Data, code and files of the version, beside the champion's."""
    sides = [found["version"], *([found["champion"]] if found["champion"] else [])]
    lines = [_facts(side) for side in sides]
    rows = "".join(
        f"<tr><td>{text(name)}</td>{''.join(f'<td>{line[name]}</td>' for line in lines)}</tr>"
        for name in lines[0]
    )
    heads = ("", *(f"Version {side['version']}" for side in sides))
    return (
        f"<section><h2>Where it comes from</h2>"
        f'<div class="wide">{_sides(heads, rows)}</div>{_files(found["version"])}'
        f'<p class="small after">{_made(found["made_with"])}</p></section>'
    )


def _sides(heads: tuple[str, ...], rows: str) -> str:
    return table(heads, rows).replace("<table>", '<table class="sides">', 1)


def _facts(side: Document) -> dict[str, str]:
    data, where = side["data"], side["environment"]
    libraries = ", ".join(f"{name} {where[name]}" for name in where if name != "code")
    who = f"{text(side['created_by'])}, {text(str(side['created_at']).replace('T', ', '))}"
    rows = data.get("rows")
    return {
        "Algorithm": text(side["algorithm"].replace("_", " ")),
        "Trained": who,
        "Data": f"{text(data.get('name', '–'))}{f', {rows:,} rows' if rows else ''}",
        "Data fingerprint": _code(data.get("fingerprint")),
        "Source": sentence(str(data.get("source") or "–")),
        "Libraries": text(libraries) or "–",
        "Code that trained it": _code(where.get("code")),
        "Answers with": text(side["engine"]),
        "Signature": "Signed" if side["signed"] else tag("Not signed", grave=True),
    }


def _code(value: Any) -> str:
    return f"<code>{text(value)}</code>" if value else "–"


def _files(side: Document) -> str:
    rows = "".join(
        f"<tr><td>{text(name)}</td><td>{_code(digest)}</td></tr>"
        for name, digest in side["files"].items()
    )
    return f"<h4>Its files</h4><div class='wide'>{table(('File', 'SHA-256'), rows)}</div>"


def _made(found: Document) -> str:
    commit = f", commit <code>{text(found['commit'])}</code>" if found.get("commit") else ""
    return (
        f"The dossier was made with Watchdesk's code <code>{text(found['code'])}</code>{commit},"
        f" on Python {text(found['python'])}."
    )
