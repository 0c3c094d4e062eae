"""Who acts in this tab: a name that is given, and recorded as it was given.

There is no sign-in yet, so no name is verified, and what is recorded says so.
"""

from typing import Literal

import streamlit as st

from backend.records.requests import same_person
from console.ui.resources import actor

HELP = "Recorded as it is given: without sign-in nobody's name is verified."
_NAME = "_person"


def person() -> str:
    """The name that was last given in this tab; by default that of the settings."""
    return str(st.session_state.get(_NAME) or actor())


def name_field(
    key: str, *, other_than: str | None = None, width: int | Literal["stretch"] = "stretch"
) -> None:
    """A field for the name of who acts.

    Args:
        other_than: who must not be the one, so that the field does not offer that name.
        width: in pixels, where buttons stand beside it.
    """
    known = person()
    is_out = other_than is not None and same_person(known, other_than)
    st.text_input(
        "Your name",
        "" if is_out else known,
        key=key,
        max_chars=200,
        placeholder=f"Another person than {other_than}" if other_than else None,
        help=HELP,
        width=width,
    )


def named(key: str) -> str:
    """The name in a field, for callbacks; the tab keeps it for the next field."""
    name = str(st.session_state.get(key) or "").strip()
    if name:
        st.session_state[_NAME] = name
    return name
