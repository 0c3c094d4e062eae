"""A rescoring, drawn: the verdict, its figures, which answers change, and for whom."""

import json
import re

import streamlit as st

from console.charts import rescoring as charts
from console.rescoring import Rescoring, Share
from console.rescoring.sentences import percent as exactly
from console.ui import rescoring_detail as detail
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count, duration, number, percent
from console.ui.rescoring_words import identity, outcomes, with_interval
from console.ui.resources import palette
from console.ui.tables import frame_table

MOST_SEGMENTS = 8


def show(found: Rescoring, *, key: str, made: str = "") -> None:
    """All of it.

    Args:
        key: begins the keys of what is drawn.
        made: when and how it was found, as a sentence.
    """
    _verdict(found, key, made)
    if not found.rows:
        detail.skipped(found, key)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _flips(found, key)
        _by_version(found, key)
        detail.truth_known(found, key)
    with right:
        _segments(found, key)
        detail.shift(found, key)
    detail.rows(found, key)
    detail.skipped(found, key)


def _verdict(found: Rescoring, key: str, made: str) -> None:
    first, rest = _sentences(found.message)
    with st.container(border=True):
        st.markdown(f"**{plain(first)}**")
        if rest:
            st.markdown(plain(rest))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(" ".join(filter(None, (made, _how(found)))), width="stretch")
            st.download_button(
                "JSON",
                data=lambda: json.dumps(found.to_json(), indent=2, ensure_ascii=False),
                file_name=f"{found.model}_{found.version}_{found.origin}_rescoring.json",
                mime="application/json",
                key=f"{key}_json",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )
    if found.rows:
        _cards(found)


def _sentences(text: str) -> tuple[str, str]:
    """The first sentence, and the rest."""
    parts = re.split(r"(?<=[.]) (?=[A-Z])", text, maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def _how(found: Rescoring) -> str:
    speed = found.latency
    if speed.rows_per_second is None or speed.seconds is None:
        return ""
    return (
        f"{count(found.rows, 'row')} in {duration(speed.seconds)}"
        f" ({speed.rows_per_second:,.0f} a second)."
    )


def _cards(found: Rescoring) -> None:
    with st.container(horizontal=True):
        st.metric("Rows compared", f"{found.rows:,}", border=True, height="stretch")
        if found.agreement is not None:
            same = "Same value" if found.task == "regression" else "Same label"
            _share_card(same, found.agreement, show_rows=False)
        if found.truth is not None:
            right, wrong = outcomes(found)
            _share_card(right.capitalize(), found.truth.newly_right)
            _share_card(wrong.capitalize(), found.truth.newly_wrong)


def _share_card(title: str, share: Share, *, show_rows: bool = True) -> None:
    value = f"{share.n:,}" if show_rows else exactly(share.share)
    interval = f"{percent(share.low)} – {percent(share.high)}"
    detail = f"{exactly(share.share)} ({interval})" if show_rows else interval
    st.metric(
        title, value, delta=detail, delta_color="off", delta_arrow="off", border=True,
        height="stretch",
        help=f"Of {count(share.of, 'row')}; the 95 % interval is Wilson's.",
    )  # fmt: skip


def _flips(found: Rescoring, key: str) -> None:
    st.markdown("##### Which answers change")
    if found.flips.empty or not found.flips["n"].sum():
        st.caption(f"None: all {count(found.rows, 'row')} are answered alike.")
        return
    shown = with_interval(found.flips)
    if found.task == "regression":
        shown = shown.assign(to_label=["the value is " + text for text in shown["to_label"]])
    labels = {} if found.task == "regression" else {"from_label": "From"}
    columns = {
        **labels,
        "to_label": "To" if labels else "Change",
        "n": st.column_config.NumberColumn("Rows", format="localized"),
        "share": "Of all rows",
        "interval": "95 % interval",
    }
    frame_table(shown, columns, key=f"{key}_flips", height="auto")
    if found.task == "regression":
        st.caption(f"By more than the tolerance, {number(found.tolerance, 3)}.")


def _by_version(found: Rescoring, key: str) -> None:
    if len(found.by_version) < 2:
        return
    columns = {
        "version": st.column_config.NumberColumn("Answered by version", format="%d"),
        "n": st.column_config.NumberColumn("Rows", format="localized"),
        "changed": st.column_config.NumberColumn("Change", format="localized"),
        "share": "Share",
        "interval": "95 % interval",
    }
    frame_table(with_interval(found.by_version), columns, key=f"{key}_versions", height="content")


def _segments(found: Rescoring, key: str) -> None:
    st.markdown("##### For whom they change most")
    changed = found.segments["changed"].sum() if len(found.segments) else 0
    if not changed or found.agreement is None:
        st.caption("Nowhere more than elsewhere, as far as these rows tell.")
        return
    frame = found.segments.head(MOST_SEGMENTS)
    overall = 1 - found.agreement.share
    clear = int(frame["clear"].astype(bool).sum())
    said = "No segment is clearly above all rows." if not clear else "Solid: clearly above all."
    draw(
        ("rescored segments", *identity(found)),
        lambda: Drawing(
            charts.segments(frame, overall, palette()),
            f"{said} Of {count(found.segment_rows, 'row')}; the intervals hold for all segments at"
            " once with 95 %.",
        ),
        key=f"{key}_segments",
        alt=f"Share of answers that change in {len(frame)} segments. {said}",
    )
