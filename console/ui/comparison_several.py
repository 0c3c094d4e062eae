"""More than two versions on the same rows, in a table that sorts."""

from typing import Any

import pandas as pd
import streamlit as st

from backend.records.registry import Version
from console.comparison import Chosen
from console.comparison.titles import FIRST, TITLES
from console.ui import comparison_data as data
from console.ui import links, readers
from console.ui.boundary import boundary
from console.ui.comparison_pick import Asked
from console.ui.format import count, number, words
from console.ui.pickers import title_of
from console.ui.tables import download_csv, frame_table


def section(a: Version, b: Version, asked: Asked, chosen: Chosen) -> None:
    """The other versions to add (`?with=`), and all of them in a table, the best first.

    Nothing where the model has no third version.
    """
    others = [v for v in readers.versions(b.model) if v.id not in (a.id, b.id)]
    if not others:
        return
    st.subheader("More versions")
    added = _pick(b.model, others)
    if not added:
        st.caption("Add versions to see all of them on the same rows.")
        return
    with boundary():
        # The last one's rows are taken, so that the rows stay those of the comparison above.
        frame = data.several([a, *added, b], asked, chosen)
        _table(frame, b)


def _pick(model: str, others: list[Version]) -> list[Version]:
    titles = {str(version.number): title_of(version) for version in others}
    key = f"compare_with_{model}"
    if key not in st.session_state:
        asked = st.query_params.get("with", "").split(",")
        st.session_state[key] = [number for number in asked if number in titles]
    st.session_state[key] = [n for n in st.session_state[key] if n in titles]
    chosen = st.multiselect(
        "Add to the two",
        list(titles),
        key=key,
        format_func=titles.__getitem__,
        placeholder="Choose versions",
    )
    links.put("with", ",".join(chosen))
    return [version for version in others if str(version.number) in chosen]


def _table(frame: pd.DataFrame, b: Version) -> None:
    first = FIRST[b.task]
    metrics = [name for name in frame.columns if name in TITLES]
    shown = frame.assign(
        algorithm=frame["algorithm"].map(words),
        behind=frame["behind"].where(frame.index > 0),
        interval=[
            "" if place == 0 else f"{number(row['low'], 2)} to {number(row['high'], 2)}"
            for place, row in enumerate(frame.to_dict("records"))
        ],
        clear=["best" if place == 0 else "yes" if clear else "no"
               for place, clear in enumerate(frame["clear"])],
        size_kb=frame["size_bytes"] / 1e3,
    )  # fmt: skip
    figure = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "version": figure("Version", format="%d", pinned=True, width=70),
        "algorithm": "Algorithm",
        "aliases": "Alias",
        "features": figure("Inputs", format="%d", width=70),
        **{name: figure(TITLES[name], format="%.4g") for name in metrics},
        "behind": figure(f"Behind in {TITLES[first].lower()}", format="%.3g"),
        "interval": "95 % interval",
        "clear": "Clearly behind",
        "single_ms": figure("One row (ms)", format="%.3g"),
        "batch_us_per_row": figure("Of many (µs a row)", format="%.3g"),
        "size_kb": figure("Size (kB)", format="localized"),
    }
    rest = [name for name in metrics if name != first]
    lead = ["version", "algorithm", "aliases", first, "behind", "interval", "clear"]
    order = [*lead, *rest, "features", "single_ms", "batch_us_per_row", "size_kb"]
    kept = {name: columns[name] for name in order}
    frame_table(shown, kept, key="compare_several", height="content")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{count(int(frame['n'].iloc[0]), 'row')}; the best by {TITLES[first].lower()} first, a"
            " click on a heading sorts. The best of many looks better than it is, as chance helped"
            " to choose it.",
            width="stretch",
        )
        download_csv("CSV", frame, f"{b.model}_versions.csv", key="compare_several_csv")
