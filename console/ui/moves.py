"""Moves of aliases without a request: the dialog that names from and to, and asks who and why."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from backend.records.aliases import Promotion
from backend.records.request_rows import check_said
from console import promotion
from console.promotion import Kind
from console.ui import navigation, people, promote_actions
from console.ui.boundary import guarded
from console.ui.pickers import title_of
from console.ui.resources import database, settings

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
    by: str
    reason: str

    def make(self) -> Promotion:
        """Make the move.

        Raises:
            ChampionMoved, NotFound, Refused, Unusable: as `console.promotion`.
        """
        by, why = self.by, self.reason
        check_said(by, why, "decides")
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


def versions_link(page: Literal["compare", "promote"], model: str, **query: int | None) -> None:
    """A link to Compare or Promote for a model, with the numbers that are known."""
    known = {name: str(number) for name, number in query.items() if number is not None}
    navigation.link(page, query={"model": model, **known})


def _agree(standing: promotion.Standing, kind: Kind, number: int) -> None:
    model, seen = standing.model.name, standing.model.champion
    if kind == "rollback":
        number = _earlier(standing, number)
    st.markdown(promotion.confirmation(standing, kind, number))
    with st.form(f"move_{kind}", border=False):
        st.text_input(
            "Reason",
            key="move_reason",
            required=True,
            max_chars=500,
            placeholder="A sentence for those who read the history later",
        )
        people.name_field("move_name")
        agreed = st.form_submit_button(
            BUTTONS[kind].format(to=number),
            type="primary",
            key="move_agree",
            on_click=_note,
            args=(kind, model, number, seen),
        )
    if agreed:
        st.rerun()


def _earlier(standing: promotion.Standing, first: int) -> int:
    """Which earlier champion shall answer again; by default the one before the present one."""
    known = promotion.earlier_champions(database(), standing.model.name)
    options = [first, *(number for number in known if number != first)]
    if len(options) == 1:
        return first
    chosen = st.selectbox(
        "Back to",
        options,
        format_func=lambda n: title_of(standing.version(n)),
        key=_target(standing.model.name, standing.model.champion),
    )
    return int(chosen)


def _target(model: str, champion: int | None) -> str:
    """The key of the choice of an earlier champion."""
    return f"move_to_{model}_{champion}"


def _note(kind: Kind, model: str, number: int, seen: int | None) -> None:
    reason = str(st.session_state.get("move_reason") or "")
    if kind == "rollback":
        number = int(st.session_state.get(_target(model, seen)) or number)
    asked = Asked(kind, model, number, seen, people.named("move_name"), reason)
    promote_actions.ask(lambda: promotion.done(asked.make()))
