"""Two versions compared, drawn: the verdict, the metrics with their intervals, what differs."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.records.registry import Version
from console.charts import comparison as charts
from console.comparison import Comparison
from console.comparison.differences import differences as differences_of
from console.comparison.paired import few
from console.comparison.titles import LOWER_IS_BETTER
from console.ui import navigation
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count, number, percent, words
from console.ui.resources import palette
from console.ui.tables import frame_table

OWN_SCALE = ("log_loss", "r2")
"""Metrics whose unit is not that of the others of their task."""


def name_of(found: Comparison, side: str) -> str:
    """`Version 2`."""
    return f"Version {(found.a if side == 'a' else found.b).number}"


def identity(found: Comparison) -> tuple[Any, ...]:
    """What decides the drawings of a comparison."""
    rows = found.rows
    return (found.a.id, found.b.id, rows.kind, rows.title, rows.n)


def records(frame: pd.DataFrame) -> list[Mapping[str, Any]]:
    """The rows of a frame by its columns' names."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def verdict(found: Comparison) -> None:
    """How many metrics speak for which version, on which rows, and the way on."""
    with st.container(border=True):
        st.markdown(f"#### {found.verdict}")
        said = " ".join(filter(None, (_agreed(found), _enough(found))))
        if said:
            st.markdown(plain(said))
        st.caption(plain(_about(found)))
        for text in filter(None, (found.warning, *found.undefined)):
            st.warning(plain(text), icon=":material/warning:")
        query = {"model": found.b.model}
        with st.container(horizontal=True, vertical_alignment="center"):
            for version in (found.a, found.b):
                if "champion" not in version.aliases:
                    target = query | {"version": str(version.number)}
                    navigation.link("promote", f"Promote version {version.number}", target)
            st.space("stretch")
            _download(found)


def metrics(found: Comparison) -> None:
    """Each metric of both, who is better, and whether the rows are enough to tell."""
    shown = found.frame.assign(
        a=found.frame["a"].map(number),
        b=found.frame["b"].map(number),
        verdict=[
            "unclear" if better == "unclear" else f"version {_number(found, better)}"
            for better in found.frame["better"]
        ],
        enough=[few(row) for row in records(found.frame)],
    )
    columns = {
        "title": st.column_config.TextColumn("Metric", width=200),
        "a": st.column_config.TextColumn(name_of(found, "a"), alignment="right", width=66),
        "b": st.column_config.TextColumn(name_of(found, "b"), alignment="right", width=66),
        "verdict": st.column_config.TextColumn("Better", width=80),
        "enough": st.column_config.TextColumn(
            "Rows enough?",
            help="Where a difference is unclear: about how many rows would show one as great as"
            " the one found, with 80 % power at the 5 % level.",
            width=110,
        ),
    }
    frame_table(shown, columns, key="compare_metrics", height="content")


def differences(found: Comparison) -> None:
    """The differences with their intervals: one axis a unit, right of zero version b is better."""
    own = found.frame["metric"].isin(OWN_SCALE)
    sides = (f"version {found.a.number} better", f"version {found.b.number} better")
    for part, which in (("shared", ~own), ("own", own)):
        frame = found.frame[which & found.frame["low"].notna()]
        if frame.empty:
            continue
        draw(
            ("forest", part, *identity(found)),
            lambda frame=frame, part=part: _forest(found, frame, part, sides),  # type: ignore[misc]  # bound
            key=f"compare_forest_{part}",
            alt=" ".join(f"{row['title']}: {row['label']}" for row in records(frame)),
        )
    frame = found.frame
    away = (frame["low"] > 0) | (frame["high"] < 0)
    doubted = bool((away & ~frame["clear"].astype(bool)).any())
    st.caption(
        f"{name_of(found, 'b')} less version {found.a.number}, with 95 % intervals. Of losses and"
        " errors lower is better, so a negative difference lies to the right. Solid: clear."
        + (_DOUBTED if doubted else "")
    )


_DOUBTED = (
    " Hollow though the interval leaves zero out: too few rows get another label for it to be"
    " believed."
)


def unlike(a: Version, b: Version) -> None:
    """What is not the same in two versions, and only that."""
    found = differences_of(a, b)
    if found.empty:
        st.caption("Algorithm, parameters, features, data and libraries are the same in both.")
        return
    shown = found.assign(
        what=found["what"].str.capitalize(),
        name=found["name"].map(words),
        a=[_value(row, "a") for row in records(found)],
        b=[_value(row, "b") for row in records(found)],
    )
    columns = {
        "what": st.column_config.TextColumn("What", width="small"),
        "name": "Name",
        "a": f"Version {a.number}",
        "b": f"Version {b.number}",
    }
    frame_table(shown, columns, key="compare_differences", height="content")


def _agreed(found: Comparison) -> str:
    if found.agreement is None:
        return ""
    return f"The two give the same label to {percent(found.agreement)} of {found.n:,} rows."


def _enough(found: Comparison) -> str:
    """Whether the rows can tell; alike in the first metric is not alike where another differs."""
    first_alike = few(records(found.frame)[0]) == "alike" if len(found.frame) else False
    return "" if first_alike and found.frame["clear"].any() else found.enough


def _about(found: Comparison) -> str:
    return " ".join(
        (
            f"Both answered the same {_title(found)}.",
            *found.rows.notes,
            "Intervals are 95 %; they are about these rows, not about training again.",
        )
    )


def _title(found: Comparison) -> str:
    """What the rows are; of the log without its times, which stand beside the picker."""
    rows = found.rows
    return count(rows.n, "logged row") + " with truth" if rows.kind == "log" else rows.title


def _download(found: Comparison) -> None:
    st.download_button(
        "JSON",
        data=lambda: json.dumps(found.to_json(), indent=2, ensure_ascii=False),
        file_name=f"{found.b.model}_{found.a.number}_{found.b.number}_comparison.json",
        mime="application/json",
        key="compare_json",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
        help="What `python -m console compare … --json` prints, on these rows.",
    )


def _forest(found: Comparison, frame: pd.DataFrame, part: str, sides: tuple[str, str]) -> Drawing:
    """Turned so that right is better for version b, whatever the metric's own direction."""
    sign = frame["metric"].isin(LOWER_IS_BETTER).map({True: -1.0, False: 1.0})
    ends = pd.concat([frame["low"] * sign, frame["high"] * sign], axis=1)
    reach = float(ends.abs().to_numpy().max())
    digits = min(max(2 - math.floor(math.log10(reach)), 0), 6) if reach > 0 else 0
    drawn = pd.DataFrame(
        {
            "title": frame["title"],
            "effect": frame["difference"] * sign,
            "low": ends.min(axis=1),
            "high": ends.max(axis=1),
            "better": frame["better"],
            "outcome": frame["label"],
            "text": [_text(row, digits) for row in records(frame)],
        }
    )
    unit = _unit(found, frame, part)
    above = sides if part == "shared" else ("", "")
    return Drawing(charts.forest(drawn, above, unit, palette()))


def _text(row: Mapping[str, Any], digits: int) -> str:
    difference, low, high = (_fixed(row[name], digits) for name in ("difference", "low", "high"))
    return f"{difference} ({low} to {high})"


def _fixed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return f"{rounded:+,.{digits}f}".replace("-", "−") if rounded else "0"


def _unit(found: Comparison, frame: pd.DataFrame, part: str) -> str:
    if part == "own":
        title = str(frame["title"].iloc[0])
        return f"Difference in {title if title.startswith('R') else title.lower()}"
    if found.b.task == "regression":
        return f"Difference in {found.b.signature['target']}"
    return "Difference"


def _number(found: Comparison, side: str) -> int | None:
    return (found.a if side == "a" else found.b).number


def _value(row: Mapping[str, Any], side: str) -> str:
    """A sha256 by its first characters, which tell two apart; an algorithm by its words."""
    text = str(row[side])
    if row["what"] == "algorithm":
        return words(text)
    return f"{text[:12]}…" if re.fullmatch("[0-9a-f]{64}", text) else text
