"""Gates that are being written, tried on a candidate before they are saved."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from backend.records.registry import Version
from console.promotion import Standing, gates
from console.promotion.gates import Gate
from console.promotion.waivers import summary
from console.ui.boundary import guarded, plain
from console.ui.format import NONE, number
from console.ui.resources import database, store
from console.ui.tables import frame_table

WORDS = {"fail": "Fail", "pass": "Pass"}
_NOTED, _TRIED = "_promote_try", "_promote_tried"


@dataclass(frozen=True)
class Tried:
    """What a candidate shows by rules that are not saved."""

    version: Version
    gates: tuple[Gate, ...]


def candidate(standing: Standing) -> Version | None:
    """The candidate that the page shows; None where there is none."""
    asked = st.query_params.get("version")
    known = [number for number in standing.candidates if str(number) == asked]
    first = (*known, *standing.candidates)[:1]
    return standing.version(first[0]) if first else None


def note(text: str) -> None:
    """Ask for a trial of a text in the run that follows; for callbacks."""
    st.session_state.pop(_TRIED, None)
    st.session_state[_NOTED] = text


@guarded
def trial(standing: Standing) -> None:
    """Judge by the text that was asked for, if any, and show what was found last."""
    version, text = candidate(standing), st.session_state.pop(_NOTED, None)
    if version is None:
        return
    if text is not None:
        rules = gates.checked(database(), version.model, text)
        with st.spinner(f"Trying them on version {version.number} …"):
            found = gates.evaluate(
                database(), version, store(), champion=standing.champion, rules=rules
            )
        st.session_state[_TRIED] = Tried(version, found)
    tried: Tried | None = st.session_state.get(_TRIED)
    if tried is not None and tried.version.id == version.id:
        _show(tried)


def _show(tried: Tried) -> None:
    said = summary(tried.gates, ())
    st.markdown(plain(f"**Version {tried.version.number} by what is written above:** {said}"))
    rows = [
        {
            "status": WORDS[gate.status],
            "title": gate.title,
            "figure": number(gate.figure),
            "limit": number(gate.limit),
            "n": NONE if gate.n is None else f"{gate.n:,}",
            "message": gate.message,
        }
        for gate in sorted(tried.gates, key=lambda gate: gate.status)
        if gate.status in WORDS
    ]
    columns = {
        "status": st.column_config.TextColumn("Status", width="small"),
        "title": st.column_config.TextColumn("Gate", width="medium"),
        "figure": st.column_config.TextColumn("Found", width="small"),
        "limit": st.column_config.TextColumn("Limit", width="small"),
        "n": st.column_config.TextColumn("Rows", width="small"),
        "message": st.column_config.TextColumn("In words", width="large"),
    }
    frame_table(pd.DataFrame(rows), columns, key="promote_trial")
