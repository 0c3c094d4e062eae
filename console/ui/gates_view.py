"""The gates of a candidate, drawn: what stands in the way, what passes, and what is waived."""

import streamlit as st

from backend.records.requests import Waiver
from console.promotion.gates import Gate
from console.promotion.waivers import summary
from console.ui import gates_data, people, promote_actions
from console.ui.boundary import plain
from console.ui.format import NONE, count, number, when
from console.ui.gates_data import Judged
from console.ui.literal import named

WIDTHS = (1.25, 7, 1.1, 1.1, 0.9)
HEADS = ("Status", "Gate", "Found", "Limit", "Rows")
ORDER = {"fail": 0, "pass": 1}


def gates(one: Judged) -> None:
    """The verdict in a sentence, each gate that applies in a row, and those that do not."""
    given = gates_data.waivers(one)
    _verdict(one, given)
    applies = [gate for gate in one.gates if gate.status in ORDER]
    with st.container(border=True, gap="small", key="promote_gates"):
        for column, head in zip(st.columns(WIDTHS), HEADS, strict=True):
            column.caption(head)
        for gate in sorted(applies, key=lambda g: ORDER[g.status]):
            _row(one, gate, given.get(gate.name))
    others = [gate for gate in one.gates if gate.status not in ORDER]
    if others:
        with st.expander(f"{count(len(others), 'gate')} not asked for, or not applicable"):
            for gate in others:
                st.markdown(plain(f"**{gate.title}** · {gate.message}"))


def _verdict(one: Judged, given: dict[str, Waiver]) -> None:
    failing = sum(gate.status == "fail" for gate in one.gates)
    with st.container(horizontal=True, vertical_alignment="center"):
        if failing > len(given):
            st.badge("Blocked", color="red", icon=":material/block:")
        elif failing:
            st.badge("Passes with waivers", color="orange", icon=":material/front_hand:")
        else:
            st.badge("Passes", color="green", icon=":material/check:")
        st.markdown(f"**{summary(one.gates, list(given.values()))}**")
        st.space("stretch")
        st.caption(f"Judged {when(one.at)}", width="content")
        st.button(
            "Judge again",
            key="promote_judge",
            type="tertiary",
            icon=":material/refresh:",
            on_click=gates_data.forget,
            args=(one,),
        )


def _row(one: Judged, gate: Gate, waiver: Waiver | None) -> None:
    columns = st.columns(WIDTHS, vertical_alignment="top")
    with columns[0]:
        _status(gate, waiver)
    with columns[1].container(gap=None):
        st.markdown(plain(f"**{gate.title}**"))
        st.caption(plain(gate.message))
        if waiver is not None:
            _waived(one, waiver)
        elif gate.status == "fail":
            _waive(one, gate)
    for column, text in zip(columns[2:], _figures(gate), strict=True):
        column.markdown(text)


def _status(gate: Gate, waiver: Waiver | None) -> None:
    if gate.status == "pass":
        st.badge("Pass", color="green", icon=":material/check:")
    elif waiver is not None:
        st.badge("Waived", color="orange", icon=":material/front_hand:")
    else:
        st.badge("Fail", color="red", icon=":material/close:")


def _figures(gate: Gate) -> tuple[str, str, str]:
    rows = NONE if gate.n is None else f"{gate.n:,}"
    return number(gate.figure), number(gate.limit), rows


def _waived(one: Judged, waiver: Waiver) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        said = f":material/front_hand: Waived by {named(waiver.actor)}: “{named(waiver.reason)}”"
        st.markdown(said, width="content")
        st.button(
            "Take back",
            key=f"promote_unwaive_{waiver.gate}",
            type="tertiary",
            on_click=gates_data.take_back,
            args=(one, waiver.gate),
        )


def _waive(one: Judged, gate: Gate) -> None:
    key = f"{one.name}_{gate.name}"
    with (
        st.popover("Waive …", type="tertiary", icon=":material/front_hand:"),
        st.form(f"promote_waive_{key}", border=False),
    ):
        st.markdown("Let this gate pass for this request. It stands in the dossier.")
        st.text_area(
            "Reason",
            key=f"promote_waive_reason_{key}",
            max_chars=2_000,
            height=90,
            placeholder="Why it may answer nevertheless",
        )
        people.name_field(f"promote_waive_name_{key}")
        st.form_submit_button(
            "Waive this gate",
            key=f"promote_waive_agree_{gate.name}",
            on_click=_note,
            args=(one, gate.name, key),
        )


def _note(one: Judged, gate: str, key: str) -> None:
    by = people.named(f"promote_waive_name_{key}")
    reason = str(st.session_state.get(f"promote_waive_reason_{key}") or "")
    promote_actions.ask(lambda: gates_data.waive(one, gate, by, reason))
