"""Comparisons as the page keeps them: by the versions and the rows, which never change."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from backend.records.registry import Version
from backend.versions import artefacts
from console import comparison
from console.comparison import Chosen, Comparison
from console.comparison.speed import measure
from console.ui.comparison_pick import Asked
from console.ui.resources import database, store

Key = tuple[Any, ...]


def compare(a: Version, b: Version, asked: Asked, chosen: Chosen) -> Comparison:
    """The comparison of two versions on the rows chosen, without their speed.

    Kept for an hour; on rows of the log for ten minutes, as truth comes in.

    Raises:
        Unusable: they have different tasks, or too few rows that both can answer.
        ArtefactDamaged: a version's files are missing or altered.
    """
    keep = _kept_briefly if asked.key[0] == "log" else _kept
    found: Comparison = keep(
        ("compare", a.id, b.id, a.aliases, b.aliases, *asked.key),
        lambda: comparison.compare(database(), a, b, store(), chosen=chosen, timing=False),
    )
    return found


def speeds(found: Comparison) -> pd.DataFrame:
    """How fast and how large both are: side and the fields of `comparison.speed.Speed`.

    Measured on the rows compared when it is first asked for, and kept for an hour.

    Raises:
        ArtefactDamaged, Unavailable: a version cannot be loaded.
    """
    measured: pd.DataFrame = _kept(
        ("speed", found.a.id, found.b.id), lambda: pd.DataFrame(_measured(found))
    )
    return measured


def several(versions: Sequence[Version], asked: Asked, chosen: Chosen) -> pd.DataFrame:
    """Any number of versions on the same rows; see `comparison.table`.

    Args:
        versions: the last is the one whose rows these are.

    Raises:
        Unusable: as `compare`.
        ArtefactDamaged: as `compare`.
    """
    keep = _kept_briefly if asked.key[0] == "log" else _kept
    found: pd.DataFrame = keep(
        ("several", tuple((v.id, v.aliases) for v in versions), *asked.key),
        lambda: _several(versions, chosen),
    )
    return found


def _several(versions: Sequence[Version], chosen: Chosen) -> pd.DataFrame:
    rows = comparison.rows(database(), versions, chosen, store())
    return comparison.table(database(), versions, rows, store())


def _measured(found: Comparison) -> list[dict[str, Any]]:
    lines = []
    for side, version in zip("ab", (found.a, found.b), strict=True):
        scorer = artefacts.load(database(), version, store())
        speed = measure(version, scorer, found.rows.frame, store())
        lines.append({"side": side, **speed.to_json()})
    return lines


# As resources, since nobody changes them: as data each run would copy all rows compared.
@st.cache_resource(max_entries=16, ttl=3_600, show_spinner="Answering the rows with both …")
def _kept(key: Key, _compute: Callable[[], Any]) -> Any:  # noqa: ARG001  # key
    return _compute()


@st.cache_resource(max_entries=8, ttl=600, show_spinner="Answering the logged rows …")
def _kept_briefly(key: Key, _compute: Callable[[], Any]) -> Any:  # noqa: ARG001  # key
    return _compute()
