"""What is compared: two versions, and the rows that both answer."""

import hashlib
from dataclasses import dataclass
from typing import Any

import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from console.comparison import Chosen, HeldOut, Logged, Table, uploaded
from console.ui import links, readers
from console.ui.format import count
from console.ui.guards import empty_state
from console.ui.pickers import pick_version, pick_window

ROWS = {"heldout": "Held-out rows", "log": "Logged rows with truth", "table": "A table"}
WINDOW = "compare_window"


@dataclass(frozen=True)
class Asked:
    """The rows that were asked for.

    Attributes:
        chosen: as `console.comparison` takes them; None while a table is still to be given.
        key: decides which rows these are.
        window: of the log, where its picker was drawn; else None.
    """

    chosen: Chosen | None
    key: tuple[Any, ...]
    window: Window | None = None


def pick_two(model: str) -> tuple[Version, Version]:
    """Two different versions (`?a=&b=`), by default the champion and the newest other one.

    Stops the page where there are not two.
    """
    found = readers.versions(model)
    if len(found) < 2:
        empty_state(
            f"`{model}` has {count(len(found), 'version')}",
            "A comparison needs two. Train and register another one, on the same data.",
            "train",
            "Train a version",
            {"model": model},
        )
        st.stop()
    left, right = st.columns(2)
    with left:
        a = pick_version("compare_a", model, label="Version a", param="a")
    newest = next(version.number for version in found if version.number != a.number)
    with right:
        b = pick_version("compare_b", model, label="Version b", param="b", default=newest)
    if a.number == b.number:
        st.info(f"Both are version {a.number}. Choose two different versions.")
        st.stop()
    return a, b


def pick_rows(model: str) -> Asked:
    """Which rows both answer (`?rows=`): held-out ones, logged ones of a window, or a table's.

    Raises:
        Unusable, TooLarge: the uploaded file cannot be read as a table.
    """
    left, right = st.columns([4, 6])
    with left:
        kind = _pick_kind()
    if kind == "heldout":
        return Asked(HeldOut(), ("held-out",))
    with right:
        if kind == "table":
            return _table(model)
        window = pick_window(WINDOW, model)
        return Asked(Logged(window), ("log", window.start, window.end), window)


def _pick_kind() -> str:
    links.seed("compare_rows", "rows", list(ROWS), "heldout", shared=False)
    kind = st.segmented_control(
        "Compared on",
        list(ROWS),
        key="compare_rows",
        format_func=ROWS.__getitem__,
        required=True,
        help="The same rows are answered by both. Held-out rows are those of version b.",
    )
    links.keep("compare_rows", "rows", str(kind), default="heldout")
    return str(kind)


def _table(model: str) -> Asked:
    file = st.file_uploader(
        "A CSV or parquet file with the target's column",
        type=["csv", "parquet"],
        key=f"compare_file_{model}",
    )
    if file is None:
        return Asked(None, ("table", ""))
    content = file.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return Asked(_read(digest, file.name, content), ("table", digest))


@st.cache_resource(max_entries=4, ttl=3_600, show_spinner="Reading the table …")
def _read(digest: str, name: str, _content: bytes) -> Table:  # noqa: ARG001  # key
    return uploaded(_content, name)
