"""History on Promote: the champions over traffic and performance, who served when, every move."""

from datetime import datetime

import pandas as pd
import streamlit as st

from backend.records import aliases
from backend.records.database import now
from console import promotion, windows
from console.charts import promotion as charts
from console.promotion import Standing
from console.promotion.history import sentence
from console.promotion.moves import KINDS
from console.ui import history_data, links
from console.ui.boundary import guarded, plain
from console.ui.drawing import Drawing, draw
from console.ui.format import NONE, count
from console.ui.history_data import Drawn
from console.ui.resources import database, palette, zone
from console.ui.tables import download_csv, frame_table, times

PARAM = "at"
_KEY, _EXACT = "promote_at", "_promote_at"
DOSSIER = st.column_config.LinkColumn("Dossier", display_text="Open", width="small")


@guarded
def history(standing: Standing) -> None:
    """Who answered over time, at a chosen time, and each move with its reason."""
    st.subheader("History")
    found = history_data.drawn(standing)
    if found is None:
        st.caption("No version has been promoted yet; each move will stand here with its reason.")
        return
    draw(
        ("champions", standing.model.name, _decides(found)),
        lambda: Drawing(
            charts.timeline(found.stretches, found.traffic, found.ends, found.metric, palette()),
            _caption(found),
        ),
        key="promote_timeline",
        alt="The champions over the requests that they answered and how right they were.",
    )
    _who_served(standing)
    _moves(standing)
    _requests(standing)


def _decides(found: Drawn) -> tuple[object, ...]:
    """What decides the drawing."""
    rows = int(found.traffic["count"].sum()) if len(found.traffic) else 0
    return (len(found.stretches), rows, found.ends, found.metric)


def _caption(found: Drawn) -> str:
    parts = ["Champions, above the requests that each version answered"]
    if found.traffic.empty:
        parts = ["Champions; no request came since the first promotion"]
    if found.metric is None:
        why = next((m for m in reversed(found.stretches["message"].tolist()) if m), "")
        parts = [f"{parts[0]}. No figure of performance yet. {why}".rstrip()]
    else:
        n = int(found.stretches["n"].sum())
        title = found.metric[0].lower() if found.metric[1] else found.metric[0]
        rows = count(n, "row")
        parts = [f"{parts[0]}, above its {title} on {rows} with truth, with 95 % intervals."]
    if found.before:
        parts.append(
            f"{count(found.before, 'answered request')} with times before the first promotion"
            f" (replayed history) {'is' if found.before == 1 else 'are'} not drawn."
        )
    return " ".join(parts)


def _who_served(standing: Standing) -> None:
    """The champion of any moment, in a sentence; the moment may come by the address."""
    exact = _seed()
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left:
        chosen = st.datetime_input(f"Who served at ({zone()})", key=_KEY)
    # The field knows whole minutes only: as long as nobody changed it, the moment is the exact one.
    at = exact if chosen == _minute(exact) else windows.at(chosen.replace(tzinfo=zone()))
    model = standing.model.name
    right.markdown(plain(sentence(model, at, promotion.serving(database(), model, at))))


def _seed() -> int:
    """The time in the address, else the present one, for the field until it is changed."""
    if _KEY not in st.session_state:
        asked = st.query_params.get(PARAM)
        st.session_state[_EXACT] = windows.moment(asked) if asked else now()
        st.session_state[_KEY] = _minute(st.session_state[_EXACT])
        links.put(PARAM, None)
    return int(st.session_state[_EXACT])


def _minute(at: int) -> datetime:
    local = datetime.fromtimestamp(at / windows.SECOND, zone())
    return local.replace(tzinfo=None, second=0, microsecond=0)


def _moves(standing: Standing) -> None:
    found = aliases.history(database(), standing.model.name)
    frame = pd.DataFrame(
        {
            "at": times(pd.Series([move.at for move in found], dtype="int64")),
            "move": [KINDS[move.kind] for move in found],
            "from_number": pd.Series([move.from_number for move in found], dtype="Int64"),
            "to_number": pd.Series([move.to_number for move in found], dtype="Int64"),
            "actor": [move.actor for move in found],
            "approved_by": [move.approved_by or NONE for move in found],
            "reason": [move.reason for move in found],
            "dossier": [_address(move.request_id) for move in found],
        }
    )
    columns = {
        "at": "When",
        "move": "Move",
        "from_number": st.column_config.NumberColumn("From", width="small"),
        "to_number": st.column_config.NumberColumn("To", width="small"),
        "actor": "Who",
        "approved_by": "Approved by",
        "reason": st.column_config.TextColumn("Why", width="large"),
        "dossier": DOSSIER,
    }
    frame_table(frame, columns, key="promote_history")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(count(len(frame), "move"), width="content")
        download_csv("Download", frame, "promotions.csv", key="promote_history_csv")


def _requests(standing: Standing) -> None:
    """What was asked for and became of it, where something was not simply promoted."""
    found = history_data.ended(standing.model.name)
    if all(one.state == "made" for one in found):
        return
    frame = pd.DataFrame(
        {
            "request": [one.id for one in found],
            "at": times(pd.Series([one.requested_at for one in found], dtype="int64")),
            "version": [one.number for one in found],
            "by": [one.requested_by for one in found],
            "state": [one.state for one in found],
            "decided_by": [one.decided_by or NONE for one in found],
            "decision": [one.decision or NONE for one in found],
            "dossier": [_address(one.id) for one in found],
        }
    )
    columns = {
        "request": st.column_config.NumberColumn("Request", width="small"),
        "at": "Asked",
        "version": st.column_config.NumberColumn("Version", width="small"),
        "by": "By",
        "state": "Became",
        "decided_by": "Decided by",
        "decision": st.column_config.TextColumn("Why", width="large"),
        "dossier": DOSSIER,
    }
    with st.expander(f"{count(len(found), 'request')} decided or overtaken"):
        frame_table(frame, columns, key="promote_requests")


def _address(request: int | None) -> str | None:
    return None if request is None else f"/requests/{request}/dossier.html"
