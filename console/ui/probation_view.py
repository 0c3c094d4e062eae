"""The probation of a new champion: what it amounts to, and what was compared with what."""

import pandas as pd
import streamlit as st

from console.promotion import Standing
from console.promotion.probation import Finding, Probation, probation
from console.ui import moves, readers
from console.ui.boundary import guarded, plain
from console.ui.format import NONE, number, percent
from console.ui.pickers import span_caption
from console.ui.resources import database, store
from console.ui.tables import frame_table

STATUS = {
    "worse": "Worse",
    "same": "No worse",
    "better": "Better",
    "unknown": "Cannot tell",
}


@guarded
def banner(standing: Standing) -> None:
    """What probation says of the champion; nothing where none is on probation."""
    since = standing.since
    if since is None:
        return
    found: Probation | None = readers.cached(
        ("probation", standing.model.name, since.id),
        lambda: probation(database(), standing.model.name, store()),
    )
    if found is None:
        return
    _said(found)
    with st.expander("What probation compares", icon=":material/balance:"):
        _findings(found)
        st.caption(
            f"Version {found.against}: {span_caption(found.before)}. Version {found.version}:"
            f" {span_caption(found.after)}."
        )
    if found.proposes_rollback and standing.earlier is not None:
        _way_back(standing, found)


def _said(found: Probation) -> None:
    text = plain(found.message)
    if found.proposes_rollback:
        st.warning(text, icon=":material/warning:")
    elif all(one.status == "unknown" for one in found.findings):
        st.info(text, icon=":material/hourglass_top:")
    elif any(one.status == "worse" for one in found.findings):
        st.info(text, icon=":material/balance:")
    else:
        st.info(text, icon=":material/check_circle:")


def _way_back(standing: Standing, found: Probation) -> None:
    pressed = st.button(
        f"Roll back to version {found.against} …",
        key="promote_probation_rollback",
        type="primary",
        icon=":material/undo:",
    )
    if pressed:
        moves.confirm(standing, "rollback", found.against)


def _findings(found: Probation) -> None:
    """The figures of both side by side, and each finding in words."""
    rows = [
        {
            "title": one.title,
            "status": STATUS[one.status] + (": speaks for going back" if one.proposes else ""),
            "before": _figure(one, "before"),
            "rows_before": one.n_before,
            "after": _figure(one, "after"),
            "rows_after": one.n_after,
        }
        for one in found.findings
    ]
    columns = {
        "title": "What",
        "status": "Since the promotion",
        "before": f"Version {found.against}, before",
        "rows_before": st.column_config.NumberColumn("Rows", format="localized", width="small"),
        "after": f"Version {found.version}, since",
        "rows_after": st.column_config.NumberColumn("Rows", format="localized", width="small"),
    }
    frame_table(pd.DataFrame(rows), columns, key="promote_probation")
    st.markdown("\n".join(f"- {plain(one.message)}" for one in found.findings))


def _figure(one: Finding, side: str) -> str:
    value, low, high = (getattr(one, name) for name in (side, f"{side}_low", f"{side}_high"))
    if value is None:
        return NONE
    shown = percent if one.unit == "share" else number
    text = shown(value)
    return text if low is None or high is None else f"{text} ({shown(low)} to {shown(high)})"
