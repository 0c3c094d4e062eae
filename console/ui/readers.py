"""Cached reading. Everything here may be a few seconds old; what is written goes past it.

Versions are immutable but for their aliases and are kept for 5 s; frames are keyed by model,
window and what else decides them, and bounded in number.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from backend.records import registry
from backend.records.registry import Model, Version
from backend.versions import artefacts
from backend.versions.signature import Signature
from console import windows
from console.ui.resources import database, store

T = TypeVar("T")


@st.cache_data(ttl=2, max_entries=4, show_spinner=False)
def models() -> list[Model]:
    """Every model by name."""
    return registry.all_models(database())


@st.cache_data(ttl=5, max_entries=64, show_spinner=False)
def versions(model: str) -> list[Version]:
    """The registered versions of a model, newest first."""
    return registry.versions_of(database(), model)


@st.cache_data(ttl=2, max_entries=64, show_spinner=False)
def span(model: str) -> tuple[int, int] | None:
    """The times of the oldest and newest row of a model's log (UTC µs); None if it has none."""
    return windows.span(database(), model)


def version(model: str, number: int) -> Version:
    """One registered version.

    Raises:
        NotFound: there is none of that number.
    """
    for found in versions(model):
        if found.number == number:
            return found
    return registry.version(database(), model, number)


@st.cache_resource(max_entries=128, show_spinner=False)
def _signature(
    version_id: int,  # noqa: ARG001 — the cache key
    _document: dict[str, Any],
) -> Signature:
    return Signature.from_json(_document)


def signature(version: Version) -> Signature:
    """A version's signature; shared between sessions, and frozen."""
    return _signature(version.id, version.signature)


@st.cache_data(max_entries=16, ttl=3_600, show_spinner=False)
def _table(
    version_id: int,  # noqa: ARG001 — the cache key
    name: str,
    _version: Version,
) -> pd.DataFrame:
    return artefacts.table(database(), _version, name, store())


def reference(version: Version) -> pd.DataFrame:
    """A version's reference rows, with `__truth__` and the out-of-fold answers.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    return _table(version.id, artefacts.REFERENCE, version)


def heldout(version: Version) -> pd.DataFrame:
    """A version's held-out rows with their truth and answers.

    Raises:
        ArtefactDamaged: its bytes are missing or altered.
    """
    return _table(version.id, artefacts.HELDOUT, version)


@st.cache_data(ttl=15, max_entries=256, show_spinner=False)
def _kept(
    key: tuple[Any, ...],  # noqa: ARG001 — the cache key
    _compute: Callable[[], Any],
) -> Any:
    return _compute()


def cached(key: tuple[Any, ...], compute: Callable[[], T]) -> T:
    """What `compute` gives, kept for 15 s under `key`, which names everything that decides it.

    The first part of the key is the name of what is computed: `("traffic", model, window)`.
    """
    found: T = _kept(key, compute)
    return found


def forget() -> None:
    """Drop what is cached of the records, after writing to them."""
    models.clear()
    versions.clear()
    span.clear()
    _kept.clear()
