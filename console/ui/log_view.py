"""Predictions, drawn: the filters, the traffic, the rows and one of them closely."""

from typing import Any

import streamlit as st

from backend.records import log, predictions
from backend.records.log import Filter
from backend.records.predictions import OUTCOMES, Window
from console import explore
from console.charts import predictions as charts
from console.explore import Cursor, LogPage
from console.ui import format as shown
from console.ui import links, navigation, readers
from console.ui.boundary import plain
from console.ui.resources import database, palette
from console.ui.tables import download_csv, frame_table

ALL = "all"
TALL = 420  # pixels
SOURCES = ("live", "replay")
COLUMNS: dict[str, Any] = {
    "time": "Time",
    "outcome": "Outcome",
    "version": "Version",
    "answer": "Answer",
    "score": st.column_config.NumberColumn("Score", format="%.3f"),
    "truth": "Truth",
    "latency_ms": st.column_config.NumberColumn("Took (ms)", format="%.1f"),
    "source": "Source",
    "note": "Refused because",
}


def pick_filter(model: str, window: Window) -> Filter:
    """What of the log is wanted; every choice is in the address."""
    versions = [str(version.number) for version in readers.versions(model)]
    labels = readers.cached(
        ("labels", model, window), lambda: log.labels(database(), model, window)
    )
    columns = st.columns([2, 2, 2, 2, 3])
    with columns[0]:
        version = _one_of("Version", "version", versions, model)
    with columns[1]:
        outcome = _one_of("Outcome", "outcome", list(OUTCOMES), model)
    with columns[2]:
        source = _one_of("Source", "source", list(SOURCES), model)
    with columns[3]:
        label = _one_of("Answer", "label", labels, model) if labels else None
    with columns[4]:
        score = _score(model) if labels else None
    return Filter(model, window, int(version) if version else None, outcome, label, score, source)


def traffic(model: str, window: Window) -> None:
    """Requests over time in the whole window, whatever the filter."""
    frame = readers.cached(
        ("traffic", model, window), lambda: explore.traffic(database(), model, window)
    )
    moves = readers.cached(
        ("moves", model, window), lambda: explore.moves(database(), model, window)
    )
    if frame.empty:
        return
    st.altair_chart(
        charts.traffic(frame, moves, (window.start // 1_000, window.end // 1_000), palette()),
        key="predictions_traffic",
        alt=f"{int(frame['count'].sum()):,} requests over time by outcome and version.",
    )


def rows(which: Filter) -> str | None:
    """The table of the log with its pages; returns the id of the selected prediction, if any."""
    _forget_place(which.model)
    total = readers.cached(("count", which), lambda: log.count(database(), which))
    after = Cursor.read(st.query_params.get("after"))
    found = readers.cached(("page", which, after), lambda: explore.page(database(), which, after))
    if found.frame.empty:
        _nothing(which, after)
        return None
    shown_rows = explore.table(found.frame)
    event = frame_table(
        shown_rows,
        {name: title for name, title in COLUMNS.items() if not shown_rows[name].isna().all()},
        key=f"predictions_rows_{abs(hash((which, after)))}",
        on_select="rerun",
        selection_mode="single-row",
        height=min(TALL, 36 * (len(shown_rows) + 1)),
    )
    _pager(which, after, found, total)
    if event.selection.rows:
        links.put("row", str(found.frame["prediction_id"].iloc[event.selection.rows[0]]))
    return st.query_params.get("row")


def details(prediction_id: str | None) -> None:
    """One row closely: what was asked beside the reference, and what came of it."""
    if prediction_id is None:
        with st.container(border=True, height=TALL, vertical_alignment="center"):
            st.caption("Select a row to see what was asked.", text_alignment="center")
        return
    row = predictions.one(database(), prediction_id)
    with st.container(border=True):
        if row["outcome"] == "answered":
            _answered(row)
        else:
            _not_answered(row)
        st.caption(f"`{prediction_id}` · {shown.when(row['at'], seconds=True)} · {row['source']}")


def _answered(row: dict[str, Any]) -> None:
    signature = readers.signature(readers.version(row["model"], row["version"]))
    answer = row["label"] if row["label"] is not None else shown.number(row["value"])
    score = "" if row["score"] is None else f" · score {row['score']:.3f}"
    truth = row["ground_truth"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(str(answer))}**{score} · version {row['version']}")
        st.space("stretch")
        query = {"prediction": row["prediction_id"], "model": row["model"]}
        navigation.link("what_if", "Open in What-if", {**query, "version": str(row["version"])})
    if truth is not None and row["value"] is not None:
        truth = shown.number(float(truth))
    st.caption("The truth is not known yet." if truth is None else f"Truth: {plain(str(truth))}")
    features = explore.features_of(signature, row)
    frame_table(
        features.assign(position=features["position"].astype(float) * 100),
        {
            "feature": st.column_config.TextColumn("Input", width=165),
            "value": st.column_config.TextColumn("Value", width=75),
            "usual": st.column_config.TextColumn(
                "Usual", help="The middle 90 % of training.", width=115
            ),
            "position": st.column_config.ProgressColumn(
                "Among training", format="%.0f %%", min_value=0, max_value=100,
                help="The share of training rows up to this value.", width=110,
            ),
            **({"note": "Unusual"} if features["note"].any() else {}),
        },
        key=f"predictions_features_{row['id']}",
        height=330,
    )  # fmt: skip


def _not_answered(row: dict[str, Any]) -> None:
    word = "refused" if row["outcome"] == "refused" else "failed"
    st.markdown(
        f"**This request was {word}.**" if word == "refused" else "**This request failed.**"
    )
    st.error(plain(row["error"] or "No reason was recorded."), icon=":material/block:")
    st.caption("The beginning of what was sent:")
    st.code(row["features"] or "(nothing)", language=None, wrap_lines=True, height=220)


def _one_of(label: str, param: str, options: list[str], model: str) -> str | None:
    found = links.choose(
        label,
        [ALL, *options],
        f"predictions_{param}_{model}",
        param,
        titles={ALL: "All"},
        on_change=_first_page,
    )
    return None if found == ALL else found


def _score(model: str) -> tuple[float, float] | None:
    asked = (st.query_params.get("score") or "").split("-")
    try:
        low, high = sorted(min(max(float(text), 0.0), 1.0) for text in asked)
    except ValueError:
        low, high = 0.0, 1.0
    chosen = st.slider(
        "Score",
        0.0,
        1.0,
        (low, high),
        0.01,
        key=f"predictions_score_{model}",
        on_change=_first_page,
    )
    whole = chosen == (0.0, 1.0)
    links.put("score", None if whole else f"{chosen[0]:g}-{chosen[1]:g}")
    return None if whole else (float(chosen[0]), float(chosen[1]))


def _pager(which: Filter, after: Cursor | None, found: LogPage, total: int) -> None:
    signature = _signature(which)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(shown.count(total, "row"), width="content")
        st.space("stretch")
        download_csv(
            "CSV", lambda: explore.export(database(), which, signature), f"{which.model}_log.csv",
            key="predictions_csv",
        )  # fmt: skip
        st.button("Newest", key="predictions_newest", on_click=_first_page, disabled=after is None)
        st.button(
            "Older",
            key="predictions_older",
            on_click=_older,
            args=(found.older,),
            disabled=found.older is None,
        )


def _signature(which: Filter) -> Any:
    found = [v for v in readers.versions(which.model) if which.version in (None, v.number)]
    return readers.signature(found[0]) if found else None


def _forget_place(model: str) -> None:
    """Go back to the newest row when the model, the window or a filter has become another."""
    asked = {k: v for k, v in st.query_params.items() if k not in {"after", "row"}}
    asked["model"] = model
    if st.session_state.get("_predictions_asked", asked) != asked:
        _first_page()
    st.session_state["_predictions_asked"] = asked


def _first_page() -> None:
    links.put("after", None)
    links.put("row", None)


def _older(cursor: Cursor) -> None:
    links.put("after", cursor.text)
    links.put("row", None)


def _nothing(which: Filter, after: Cursor | None) -> None:
    with st.container(border=True):
        if readers.span(which.model) is None:
            st.markdown(f"**`{which.model}` has not been asked anything yet**")
            st.markdown("Send it a request; What-if has an example to copy for the shell.")
            navigation.link("what_if", "Open What-if", {"model": which.model})
            return
        st.markdown("**No row matches**")
        st.markdown("Choose a longer window, or take a filter back.")
        if after is not None:
            st.button("Back to the newest", key="predictions_back", on_click=_first_page)
