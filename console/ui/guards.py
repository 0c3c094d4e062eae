"""What a page says when there is nothing to show yet, and what to do next."""

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st

from backend.records.registry import Version
from console.ui import navigation, readers


def empty_state(
    title: str,
    what_next: str,
    page: str | None = None,
    label: str | None = None,
    query: Mapping[str, str] | None = None,
) -> None:
    """A quiet box that says what is missing, what to do, and leads there.

    Args:
        page: the script's name of the page to go to, such as `train`.
        label: the words of the link; the page's title if None.
    """
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.markdown(what_next)
        if page is not None:
            navigation.link(page, label, query)


class Nothing(Exception):
    """There is nothing to show: the page ends, and the boundary draws the empty state.

    It is raised rather than drawn on the spot, since guards stand in narrow columns too.
    """

    def __init__(self, title: str, what_next: str, page: str, label: str, model: str = "") -> None:
        super().__init__(title)
        self.shown = (title, what_next, page, label, {"model": model} if model else None)


def no_model() -> NoReturn:
    """Say that there is no model, and stop the page."""
    raise Nothing(
        "No model yet",
        "Train a version on one of the built-in data sets or on your own table; it becomes the"
        " first version of its model.",
        "train",
        "Train a version",
    )


def no_version(model: str) -> NoReturn:
    """Say that a model has no registered version, and stop the page."""
    raise Nothing(
        f"`{model}` has no registered version",
        "Train one and register it; a draft cannot answer.",
        "train",
        "Train a version",
        model,
    )


def require_champion(model: str) -> Version:
    """The version that answers for `model`; stops the page where there is none."""
    found = readers.versions(model)
    champion = next((version for version in found if "champion" in version.aliases), None)
    if champion is not None:
        return champion
    return no_champion(model) if found else no_version(model)


def no_champion(model: str) -> NoReturn:
    """Say that nothing answers for a model, and stop the page."""
    raise Nothing(
        f"`{model}` has no champion",
        "Nothing answers its requests until one of its versions is promoted.",
        "promote",
        "Promote a version",
        model,
    )
