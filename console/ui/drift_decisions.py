"""Does it matter? The answers that the moved features change, as a table to decide by."""

from typing import Any

import pandas as pd
import streamlit as st

from backend.records.registry import Version
from backend.versions import artefacts
from backend.versions.scorer import Scorer
from console.drift.decisions import Decisions, decisions
from console.drift.decisions.sentences import percent
from console.ui import readers
from console.ui.boundary import plain
from console.ui.format import count
from console.ui.resources import database, store
from console.ui.tables import frame_table

MOST_FEATURES = 8
ROWS = 4_000
"""Each feature is answered twice over: so many rows keep that under a second for most models."""


def of(
    version: Version,
    key: tuple[Any, ...],
    reference: pd.DataFrame,
    current: pd.DataFrame,
    moved: list[str],
    n_window: int,
) -> Decisions:
    """What the moved features do to the answers; kept for some seconds.

    Args:
        key: what decides it besides the version.
        current: random rows of the window.
        moved: features that drifted or moved moderately, the most drifted first.
        n_window: the rows of the whole window.
    """
    return readers.cached(
        ("decisions", version.id, *key),
        lambda: decisions(
            _scorer(version.id, version),
            readers.signature(version),
            reference,
            current if len(current) <= ROWS else current.sample(ROWS, random_state=0),
            moved[:MOST_FEATURES],
            max(n_window, len(current)),
        ),
    )


def section(found: Decisions, n_moved: int) -> None:
    """The sentence for the meeting, and a row a feature, most changed answers first."""
    st.subheader("Does it matter? Answers that the drift changes")
    st.markdown(plain(found.message))
    if not found.changes:
        return
    frame = found.frame.assign(
        interval=[f"{percent(a)} – {percent(b)}" for a, b in _pairs(found.frame)]
    )
    shown = ["title", "changed", "interval", "rows", "direction", "segments"]
    most = max(0.05, float(frame["changed"].max()))
    columns: dict[str, Any] = {
        "title": st.column_config.TextColumn("Feature put back", pinned=True),
        "changed": st.column_config.ProgressColumn(
            "Answers that change", format="percent", min_value=0.0, max_value=most
        ),
        "interval": "95 % interval",
        "rows": st.column_config.NumberColumn(
            "In the window", format="localized", help="How many answers of the window that are."
        ),
        "direction": "Direction",
        "segments": st.column_config.TextColumn(
            "Where most", help="Segments whose answers surely change more often than all do."
        ),
    }
    empty = {name for name in ("segments", "direction") if not frame[name].astype(bool).any()}
    columns = {name: column for name, column in columns.items() if name not in empty}
    frame_table(frame[shown], columns, key="drift_decisions", height="content")
    st.caption(_how(found, n_moved))
    if found.warning:
        st.caption(plain(found.warning))


def _pairs(frame: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(frame["low"].tolist(), frame["high"].tolist(), strict=True))


def _how(found: Decisions, n_moved: int) -> str:
    rows = count(found.scope.n, "row")
    sampled = f"{rows} drawn at random" if found.scope.n < found.scope.n_window else rows
    some = f" The {MOST_FEATURES} most drifted of {n_moved}." if n_moved > MOST_FEATURES else ""
    return (
        f"Each feature is put back to its distribution in the reference, and {sampled} of the"
        f" window are answered again by this version.{some} It says what the drift does to the"
        " answers, not which answers are right."
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _scorer(
    version_id: int,  # noqa: ARG001 — the cache key
    _version: Version,
) -> Scorer:
    # Compiled graphs are quick for a row, scikit-learn for thousands; their answers are equal.
    loaded = artefacts.load(database(), _version, store())
    return Scorer(loaded.signature, loaded.estimator)
