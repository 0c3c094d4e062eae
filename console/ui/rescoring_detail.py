"""A rescoring closely, drawn: who is right, how far amounts move, and the rows to look at."""

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from console.charts import rescoring as charts
from console.rescoring import Rescoring
from console.ui import navigation
from console.ui.drawing import Drawing, draw
from console.ui.format import chance, count, number, percent
from console.ui.rescoring_words import identity, outcomes, signed, with_interval
from console.ui.resources import palette
from console.ui.tables import frame_table

_SHIFT = ("p05", "p50", "p95", "mean", "low", "high")


def truth_known(found: Rescoring, key: str) -> None:
    """Who is right where the ground truth is known, then and now."""
    st.markdown("##### Where the truth is known")
    truth = found.truth
    if truth is None:
        st.caption("No ground truth is known for these rows yet: see `POST /feedback`.")
        return
    regression = found.task == "regression"
    right, wrong = outcomes(found)
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
    frame_table(with_interval(frame), columns, key=f"{key}_truth", height="content")
    if regression:
        st.caption(
            f"Nearer or further by more than the tolerance, {number(found.tolerance, 3)}; mean"
            f" absolute error {number(truth.was)} then, {number(truth.now)} now (95 % interval of"
            f" the difference {signed(truth.low)} to {signed(truth.high)})."
        )
        return
    st.caption(
        f"Accuracy {percent(truth.was)} then, {percent(truth.now)} now (95 % interval of the"
        f" difference {_points(truth.low)} to {_points(truth.high)} points; McNemar's exact"
        f" p {_compared(truth.p_value)}). Newly wrong rows are what callers notice first."
    )


def shift(found: Rescoring, key: str) -> None:
    """By how much scores or values move."""
    moved = found.shift
    unit = "value" if found.task == "regression" else "score"
    st.markdown(f"##### Shift of the {unit}")
    if moved is None:
        st.caption("No two amounts mean the same here, so none are compared.")
        return
    said = {name: _amount(found, getattr(moved, name)) for name in _SHIFT}
    frame = pd.DataFrame([{name: getattr(moved, name) for name in _SHIFT}])
    draw(
        ("rescored shift", *identity(found)),
        lambda: Drawing(
            charts.shift(frame, f"{unit.capitalize()} now less {unit} then", palette()),
            f"On average {said['mean']} (95 % interval {said['low']} to {said['high']}), over"
            f" {count(moved.n, 'row')}. The grey line holds nine rows in ten, from {said['p05']} to"
            f" {said['p95']}; its tick is the median, {said['p50']}.",
        ),
        key=f"{key}_shift",
        alt=f"The {unit} moves by {said['mean']} on average.",
    )


def rows(found: Rescoring, key: str) -> None:
    """Rows that change, each with a link that opens it in What-if with this version."""
    frame = found.rows_sample
    if frame.empty:
        return
    st.markdown("##### Rows to look at")
    right, wrong = outcomes(found)
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


def skipped(found: Rescoring, key: str) -> None:
    """Why some rows are not compared."""
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


def _amount(found: Rescoring, value: float) -> str:
    """A score to three decimals, a value to three digits; with its sign."""
    if found.task == "regression":
        return signed(value, 3)
    rounded = round(value, 3)
    return f"{rounded:+.3f}".replace("-", "−") if rounded else "0"


def _query(found: Rescoring, prediction: str) -> dict[str, str]:
    return {"model": found.model, "version": str(found.version), "prediction": str(prediction)}


def _compared(p_value: float | None) -> str:
    said = chance(p_value)
    return said if said.startswith("<") else f"= {said}"


def _points(share: float) -> str:
    return signed(100 * share)
