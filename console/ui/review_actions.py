"""What people do on a review: freeze, decide, comment, report progress, close.

A button's callback runs outside the page's error boundary and before the page is drawn. So it only
notes what was asked for; the run that follows does it where the page says (`carry_out`), and an
error (somebody decided meanwhile) is its sentence there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from backend.records import reviews
from backend.records.predictions import Window
from backend.records.registry import Version
from console import jobs
from console.ui import presenting, readers
from console.ui.boundary import boundary
from console.ui.navigation import page_of
from console.ui.resources import actor, database

KIND = "review"
_ASKED = "_review_asked"


@dataclass(frozen=True)
class Asked:
    """Something that a person asked for, and the sentence that says it was done."""

    do: Callable[..., Any]
    done: str
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def ask(asked: Asked) -> None:
    """Note what shall be done in the run that follows."""
    st.session_state[_ASKED] = asked


def carry_out() -> None:
    """Do what was asked for in the last run, if anything, and say how it went."""
    asked: Asked | None = st.session_state.pop(_ASKED, None)
    if asked is None:
        return
    with boundary():
        readers.forget()
        asked.do(database(), *asked.arguments, **asked.options, actor=actor())
        st.toast(asked.done, icon=":material/check_circle:")


def freeze(version: Version, window: Window, *, evidently: bool = True) -> int:
    """Submit the job that freezes a review of a window; returns its id."""
    params = {
        "model": version.model,
        "version": version.number,
        "start": window.start,
        "end": window.end,
        "evidently": evidently,
    }
    return jobs.submit(database(), KIND, params, by=actor())


def from_drift(version: Version, window: Window, *, is_enough: bool) -> None:
    """The Drift page's buttons: freeze this window for a review, or present it as it is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Freeze this window for a review",
            key="drift_freeze",
            icon=":material/ac_unit:",
            disabled=not is_enough,
            help="Keeps what is found under a hash, to decide on it with others.",
        )
        if is_enough:
            presenting.start_button("drift_present")
    if pressed:
        job = str(freeze(version, window))
        st.switch_page(page_of("review"), query_params={"model": version.model, "job": job})


def close(review_id: int) -> None:
    """Ask that a review be closed."""
    done = "The review is closed. Progress on its actions can still be reported."
    ask(Asked(reviews.close, done, (review_id,)))
