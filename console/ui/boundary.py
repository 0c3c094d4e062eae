"""The one place where an error becomes something that a reader of a page sees."""

import functools
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st

from backend.errors import Unavailable, WatchdeskError
from console.ui.guards import Nothing, empty_state

log = logging.getLogger("watchdesk.pages")
P = ParamSpec("P")


@contextmanager
def boundary() -> Iterator[None]:
    """Show what goes wrong inside as a sentence.

    Streamlit's own signals (stop, rerun) are no `Exception` and pass. Where a guard found nothing
    to show, that is said, and what to do next. An error of ours is its
    sentence; anything else is a bug: its traceback goes to the log under a short reference.
    """
    try:
        yield
    except Nothing as nothing:
        empty_state(*nothing.shown)
    except WatchdeskError as error:
        icon = ":material/cloud_off:" if isinstance(error, Unavailable) else ":material/error:"
        st.error(plain(error.detail), icon=icon)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("A page failed; its reader was shown the reference %s.", reference)
        st.error(
            f"Something went wrong on this page, and it is not your doing. The console's log has"
            f" the details under `{reference}`. Reload the page; if it happens again, pass that"
            " reference on to whoever looks after this console.",
            icon=":material/error:",
        )


def guarded(function: Callable[P, None]) -> Callable[P, None]:
    """A callback or fragment with the boundary around it: both run outside the page's own."""

    @functools.wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> None:
        with boundary():
            function(*args, **kwargs)

    return inside


def plain(text: str) -> str:
    """Text that may carry values of callers, so that Markdown in it fetches no picture."""
    return text.replace("![", "!\u200b[")
