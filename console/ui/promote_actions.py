"""What people do on the Promote page, from the button to the sentence that says it is done.

A button's callback runs outside the page's error boundary, and inside a dialog it cannot draw on
the page. So it only notes what was asked for; the run that follows does it where the page says,
and an error (the champion moved meanwhile) is its sentence there.
"""

from collections.abc import Callable

import streamlit as st

from console.ui import readers
from console.ui.boundary import boundary, plain

_ASKED = "_promote_asked"


def ask(do: Callable[[], str]) -> None:
    """Note what shall be done in the run that follows; `do` returns the sentence of success."""
    st.session_state[_ASKED] = do


def carry_out() -> None:
    """Do what was asked for in the last run, if anything, and say how it went."""
    do: Callable[[], str] | None = st.session_state.pop(_ASKED, None)
    if do is None:
        return
    with boundary():
        readers.forget()
        st.success(plain(do()), icon=":material/check_circle:")
