"""Moves of aliases, from the button to the sentence that says it is done.

A button's callback runs outside the page's error boundary, and inside a dialog it cannot draw on
the page. So it only notes what was asked for; the run that follows makes the move where the page
says, and an error (the champion moved meanwhile) is its sentence there.
"""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from backend.records.aliases import Promotion
from console import promotion
from console.promotion import Kind
from console.ui import navigation, readers
from console.ui.boundary import boundary, guarded
from console.ui.resources import actor, database, settings

_ASKED = "_move_asked"
TITLES: dict[Kind, str] = {
    "promote": "Promote a version",
    "rollback": "Roll back",
    "assign": "Name a challenger",
    "withdraw": "Withdraw the challenger",
}
BUTTONS: dict[Kind, str] = {
    "promote": "Promote version {to}",
    "rollback": "Roll back to version {to}",
    "assign": "Name version {to} challenger",
    "withdraw": "Withdraw version {to}",
}


@dataclass(frozen=True)
class Asked:
    """A move that a person agreed to; `seen` is the champion that the page showed."""

    kind: Kind
    model: str
    number: int
    seen: int | None
    reason: str

    def make(self) -> Promotion:
        """Make the move.

        Raises:
            ChampionMoved, NotFound, Refused, Unusable: as `console.promotion`.
        """
        by, why = actor(), self.reason
        if self.kind in {"assign", "withdraw"}:
            to = self.number if self.kind == "assign" else None
            return promotion.set_challenger(database(), self.model, to, actor=by, reason=why)
        move = promotion.promote if self.kind == "promote" else promotion.roll_back
        told = settings()
        return move(
            database(),
            self.model,
            self.number,
            actor=by,
            reason=why,
            seen=self.seen,
            settings=told,
        )


def confirm(standing: promotion.Standing, kind: Kind, number: int) -> None:
    """Open the dialog that names from and to, asks for the reason, and makes the move."""
    st.dialog(TITLES[kind], icon=":material/verified:", width=560)(guarded(_agree))(
        standing, kind, number
    )


def carry_out() -> None:
    """Make the move that was agreed to in the last run, if any, and say how it went."""
    asked: Asked | None = st.session_state.pop(_ASKED, None)
    if asked is None:
        return
    with boundary():
        readers.forget()
        move = asked.make()
        st.success(promotion.done(move), icon=":material/check_circle:")


def versions_link(page: Literal["compare", "promote"], model: str, **query: int | None) -> None:
    """A link to Compare or Promote for a model, with the numbers that are known."""
    known = {name: str(number) for name, number in query.items() if number is not None}
    navigation.link(page, query={"model": model, **known})


def _agree(standing: promotion.Standing, kind: Kind, number: int) -> None:
    model, seen = standing.model.name, standing.model.champion
    st.markdown(promotion.confirmation(standing, kind, number))
    with st.form(f"move_{kind}", border=False):
        st.text_input(
            "Reason",
            key="move_reason",
            required=True,
            max_chars=500,
            placeholder="A sentence for those who read the history later",
        )
        agreed = st.form_submit_button(
            BUTTONS[kind].format(to=number),
            type="primary",
            key="move_agree",
            on_click=_note,
            args=(kind, model, number, seen),
        )
    if agreed:
        st.rerun()


def _note(kind: Kind, model: str, number: int, seen: int | None) -> None:
    reason = str(st.session_state.get("move_reason") or "")
    st.session_state[_ASKED] = Asked(kind, model, number, seen, reason)
