"""Promotion requests: those that wait for a decision, and the form that decides."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st

from backend.records import policies, requests
from backend.records.requests import Request
from console import promotion
from console.promotion import asking
from console.ui import dossier_view, people, promote_actions
from console.ui.boundary import guarded, plain
from console.ui.format import count, when
from console.ui.literal import named
from console.ui.resources import database, settings

Decision = Literal["approve", "refuse", "withdraw"]


@dataclass(frozen=True)
class Decided:
    """A decision that a person took on a request."""

    request: int
    decision: Decision
    by: str
    reason: str

    def make(self) -> str:
        """Record it, and move the alias where it was approved; returns what was done.

        Raises:
            ChampionMoved, NotFound, Refused, Unusable: as `backend.records.requests`.
        """
        if self.decision == "approve":
            made = asking.approve(
                database(), self.request, actor=self.by, reason=self.reason, settings=settings()
            )
            return promotion.done(made)
        end: Callable[..., Request] = (
            requests.refuse if self.decision == "refuse" else requests.withdraw
        )
        ended = end(database(), self.request, actor=self.by, reason=self.reason)
        return f"Request {ended.id} is {ended.state}. The champion stays as it is."


def waiting(model: str) -> None:
    """The open requests of a model, oldest first: each with its evidence and its decision."""
    found = sorted(requests.of_model(database(), model, state="open"), key=lambda r: r.id)
    if not found:
        return
    st.subheader(f"{count(len(found), 'request')} waiting for a decision")
    for request in found:
        _card(request)


@guarded
def _card(request: Request) -> None:
    document = dossier_view.document(request)
    place = "as first champion" if request.from_number is None else _place(request)
    with st.container(border=True, key=f"promote_request_{request.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"##### Request {request.id}: version {request.number} {place}")
            st.badge("Open", color="blue", icon=":material/hourglass_top:")
        st.markdown(
            f"{named(request.requested_by)} asked on {when(request.requested_at)}:"
            f" “{named(request.reason)}”"
        )
        st.markdown(plain(f"**{document['message']}**"))
        for waiver in request.waivers:
            st.markdown(
                f":material/front_hand: `{waiver.gate}` is waived by {named(waiver.actor)}:"
                f" “{named(waiver.reason)}”"
            )
        dossier_view.links(request)
        _decide(request)


def _place(request: Request) -> str:
    return f"in place of version {request.from_number}"


def _decide(request: Request) -> None:
    must_differ = policies.of(database(), request.model).approval
    other = request.requested_by if must_differ else None
    with st.form(f"promote_decide_{request.id}", border=False):
        left, right = st.columns([2, 5])
        with left:
            people.name_field(f"promote_decide_name_{request.id}", other_than=other)
        with right:
            st.text_input(
                "Reason",
                key=f"promote_decide_reason_{request.id}",
                max_chars=2_000,
                placeholder="Stands beside the promotion; to refuse or withdraw it is needed",
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            for decision, label, kind in (
                ("approve", f"Approve: version {request.number} answers", "primary"),
                ("refuse", "Refuse", "secondary"),
                ("withdraw", "Withdraw", "tertiary"),
            ):
                st.form_submit_button(
                    label,
                    type=kind,  # type: ignore[arg-type]  # one of the three
                    key=f"promote_{decision}_{request.id}",
                    on_click=_note,
                    args=(request.id, decision),
                )
            if must_differ:
                asker = named(request.requested_by)
                st.caption(f"Another person than {asker} must approve it.", width="content")


def _note(request_id: int, decision: Decision) -> None:
    by = people.named(f"promote_decide_name_{request_id}")
    reason = str(st.session_state.get(f"promote_decide_reason_{request_id}") or "")
    promote_actions.ask(partial(Decided.make, Decided(request_id, decision, by, reason)))
