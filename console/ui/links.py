"""State that a colleague may want to be sent: it lives in the address.

A widget is tied to a parameter of the address in both directions. A value that came by the
address wins when the page opens or when the address changed (back and forward); else the widget
has its own. What is shared between pages (model, window) is remembered for the session too.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st


def seed(key: str, param: str, options: Sequence[str], default: str, *, shared: bool) -> None:
    """Give the widget `key` its value before it is drawn.

    Args:
        options: the texts that are allowed; the address may carry anything.
        shared: whether a choice made on another page counts where the address says nothing.
    """
    asked = st.query_params.get(param)
    moved = asked is not None and asked != st.session_state.get(_seen(key))
    if moved and asked in options:
        st.session_state[key] = asked
    elif st.session_state.get(key) not in options:
        remembered = st.session_state.get(_shared(param)) if shared else None
        st.session_state[key] = remembered if remembered in options else default


def keep(key: str, param: str, value: str | None, *, default: str | None = None) -> None:
    """Write the widget's value to the address (not if it is the default) and remember it."""
    st.session_state[_shared(param)] = value
    put(param, None if value == default else value)
    st.session_state[_seen(key)] = st.query_params.get(param)


def put(param: str, value: str | None) -> None:
    """Set or remove a parameter of the address."""
    if value:
        if st.query_params.get(param) != value:
            st.query_params[param] = value
    elif param in st.query_params:
        del st.query_params[param]


def choose(
    label: str,
    options: Sequence[str],
    key: str,
    param: str,
    *,
    default: str | None = None,
    titles: dict[str, str] | None = None,
    shared: bool = False,
    **options_of_widget: Any,
) -> str:
    """A select box tied to the address; returns one of `options`."""
    first = default if default is not None and default in options else options[0]
    seed(key, param, options, first, shared=shared)
    names = titles or {}
    chosen = st.selectbox(
        label, options, key=key, format_func=lambda o: names.get(o, o), **options_of_widget
    )
    keep(key, param, chosen, default=None if shared else first)
    return str(chosen)


def _seen(key: str) -> str:
    return f"_seen_{key}"


def _shared(param: str) -> str:
    return f"_shared_{param}"
