"""A rescoring, drawn: agreement, flips, segments, truth, shift, and the rows to look at."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from console.charts import rescoring as charts
from console.rescoring import Rescoring, Share
from console.rescoring.sentences import percent as exactly
from console.ui import navigation
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import chance, count, duration, number, percent
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
        _skipped(found, key)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _flips(found, key)
        _by_version(found, key)
        _truth(found, key)
    with right:
        _segments(found, key)
        _shift(found, key)
    _rows(found, key)
    _skipped(found, key)


def _verdict(found: Rescoring, key: str, made: str) -> None:
    first, _, rest = _sentences(found.message)
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


def _sentences(text: str) -> tuple[str, str, str]:
    """The first sentence, and the rest."""
    parts = re.split(r"(?<=[.]) (?=[A-Z])", text, maxsplit=1)
    return parts[0], " ", parts[1] if len(parts) > 1 else ""


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
            right, wrong = _words(found)
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
    shown = _with_interval(found.flips)
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
    frame_table(_with_interval(found.by_version), columns, key=f"{key}_versions", height="content")


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
        ("rescored segments", *_identity(found)),
        lambda: Drawing(
            charts.segments(frame, overall, palette()),
            f"{said} Of {count(found.segment_rows, 'row')}; the intervals hold for all segments at"
            " once with 95 %.",
        ),
        key=f"{key}_segments",
        alt=f"Share of answers that change in {len(frame)} segments. {said}",
    )


def _truth(found: Rescoring, key: str) -> None:
    st.markdown("##### Where the truth is known")
    truth = found.truth
    if truth is None:
        st.caption("No ground truth is known for these rows yet: see `POST /feedback`.")
        return
    regression = found.task == "regression"
    right, wrong = _words(found)
    lines = [(right, truth.newly_right), (wrong, truth.newly_wrong)]
    if truth.right_was is not None and truth.right_now is not None:
        lines = [("right then", truth.right_was), ("right now", truth.right_now), *lines]
    frame = pd.DataFrame(
        [(word.capitalize(), s.n, s.share, s.low, s.high) for word, s in lines],
        columns=["what", "n", "share", "low", "high"],
    )
    columns = {
        "what": "Rows that are",
        "n": st.column_config.NumberColumn("Rows", format="localized"),
        "share": f"Of {truth.known:,}",
        "interval": "95 % interval",
    }
    frame_table(_with_interval(frame), columns, key=f"{key}_truth", height="content")
    if regression:
        st.caption(
            f"Nearer or further by more than the tolerance, {number(found.tolerance, 3)}; mean"
            f" absolute error {number(truth.was)} then, {number(truth.now)} now (95 % interval of"
            f" the difference {_signed(truth.low)} to {_signed(truth.high)})."
        )
        return
    st.caption(
        f"Accuracy {percent(truth.was)} then, {percent(truth.now)} now (95 % interval of the"
        f" difference {_points(truth.low)} to {_points(truth.high)} points; McNemar's exact"
        f" p {_compared(truth.p_value)}). Newly wrong rows are what callers notice first."
    )


def _shift(found: Rescoring, key: str) -> None:
    shift = found.shift
    unit = "value" if found.task == "regression" else "score"
    st.markdown(f"##### Shift of the {unit}")
    if shift is None:
        st.caption("No two amounts mean the same here, so none are compared.")
        return
    said = {name: _amount(found, getattr(shift, name)) for name in _SHIFT}
    frame = pd.DataFrame([{name: getattr(shift, name) for name in _SHIFT}])
    draw(
        ("rescored shift", *_identity(found)),
        lambda: Drawing(
            charts.shift(frame, f"{unit.capitalize()} now less {unit} then", palette()),
            f"On average {said['mean']} (95 % interval {said['low']} to {said['high']}), over"
            f" {count(shift.n, 'row')}. The grey line holds nine rows in ten, from {said['p05']} to"
            f" {said['p95']}; its tick is the median, {said['p50']}.",
        ),
        key=f"{key}_shift",
        alt=f"The {unit} moves by {said['mean']} on average.",
    )


def _amount(found: Rescoring, value: float) -> str:
    """A score to three decimals, a value to three digits; with its sign."""
    if found.task == "regression":
        return _signed(value, 3)
    rounded = round(value, 3)
    return f"{rounded:+.3f}".replace("-", "−") if rounded else "0"


def _rows(found: Rescoring, key: str) -> None:
    """Rows that change, each with a link that opens it in What-if with this version."""
    frame = found.rows_sample
    if frame.empty:
        return
    st.markdown("##### Rows to look at")
    right, wrong = _words(found)
    kinds = {"newly_wrong": wrong, "newly_right": right, "changed": "changed"}
    page = next(place.url for place in navigation.PLACES if place.name == "what_if")
    shown = frame.assign(
        kind=frame["kind"].map(kinds),
        open=[
            f"{page}?{urlencode(_query(found, prediction))}"
            for prediction in frame["prediction_id"]
        ],
    )
    regression = found.task == "regression"
    answer: Any = st.column_config.TextColumn
    if regression:
        answer = lambda title: st.column_config.NumberColumn(title, format="%.4g")  # noqa: E731
    score = st.column_config.NumberColumn
    columns = {
        "open": st.column_config.LinkColumn("What-if", display_text="Open", width=70),
        "kind": st.column_config.TextColumn("Outcome", width=130),
        "at": "Time",
        "was": answer("Answered then"),
        "now": answer(f"Version {found.version}"),
        "score_was": score("Score then", format="%.3f"),
        "score_now": score("Score now", format="%.3f"),
        "truth": answer("Truth"),
    }
    empty = {name for name in ("score_was", "score_now", "truth") if shown[name].isna().all()}
    kept = {name: column for name, column in columns.items() if name not in empty}
    frame_table(shown, kept, key=f"{key}_rows")
    st.caption(
        f"Drawn at random: at most 40 that are {wrong}, 40 that are {right} and 40 other changed"
        " rows. Each opens in What-if with this version."
    )


def _query(found: Rescoring, prediction: str) -> dict[str, str]:
    return {"model": found.model, "version": str(found.version), "prediction": str(prediction)}


def _skipped(found: Rescoring, key: str) -> None:
    if found.skipped.empty:
        return
    with st.expander(f"{count(found.n_skipped, 'row')} not compared"):
        frame_table(
            found.skipped.head(20),
            {
                "n": st.column_config.NumberColumn("Rows", width="small", format="localized"),
                "reason": "Why",
            },
            key=f"{key}_skipped",
        )


_SHIFT = ("p05", "p50", "p95", "mean", "low", "high")


def _identity(found: Rescoring) -> tuple[Any, ...]:
    window = found.window
    return (found.origin, found.model, found.version, window.start, window.end, found.rows,
            found.message)  # fmt: skip


def _words(found: Rescoring) -> tuple[str, str]:
    if found.task == "regression":
        return "nearer to the truth", "further from the truth"
    return "newly right", "newly wrong"


def _with_interval(frame: pd.DataFrame) -> pd.DataFrame:
    """Share and interval as percentages."""
    ends = zip(frame["low"].tolist(), frame["high"].tolist(), strict=True)
    return frame.assign(
        share=frame["share"].map(percent),
        interval=[f"{percent(low)} – {percent(high)}" for low, high in ends],
    )


def _compared(p_value: float | None) -> str:
    said = chance(p_value)
    return said if said.startswith("<") else f"= {said}"


def _points(share: float) -> str:
    return _signed(100 * share)


def _signed(value: float, digits: int = 2) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + number(abs(value), digits)
