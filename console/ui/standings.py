"""How a model stands, drawn: the champion, the challenger, a version's figures, the history."""

import pandas as pd
import streamlit as st

from backend.records.aliases import Promotion
from backend.records.registry import Version
from console import promotion
from console.promotion import Standing
from console.ui import moves
from console.ui.boundary import plain
from console.ui.format import number, when, words
from console.ui.literal import named
from console.ui.pickers import title_of
from console.ui.tables import frame_table


def champion_card(standing: Standing) -> None:
    """The version that answers, since when and why, and the way back."""
    champion, since = standing.champion, standing.since
    st.caption("Champion: answers requests")
    if champion is None:
        st.markdown("##### None yet")
        st.markdown("Requests are refused until a version is promoted.")
        return
    _head(champion)
    if since is not None:
        _since(since)
    earlier = standing.earlier
    label = "Roll back …" if earlier is None else f"Roll back to version {earlier} …"
    why = "No other version was champion before." if earlier is None else None
    pressed = st.button(
        label, key="promote_rollback", icon=":material/undo:", disabled=earlier is None, help=why
    )
    if pressed and earlier is not None:
        moves.confirm(standing, "rollback", earlier)


def challenger_card(standing: Standing) -> None:
    """The version that is compared with the champion, and the way to name or withdraw it."""
    challenger = standing.challenger
    st.caption("Challenger: is compared with the champion")
    if challenger is None:
        st.markdown("##### None named")
        _name_challenger(standing)
        return
    _head(challenger)
    st.markdown(f"Registered {when(challenger.registered_at)}{_note(challenger)}")
    if st.button("Withdraw …", key="promote_withdraw", icon=":material/close:"):
        moves.confirm(standing, "withdraw", challenger.number or 0)


def choose_candidate(standing: Standing, asked: str | None) -> int:
    """The version that may be promoted; by default `asked` (the address), else the challenger."""
    titles = {n: title_of(standing.version(n)) for n in standing.candidates}
    first = next((n for n in standing.candidates if str(n) == asked), standing.candidates[0])
    # The widget is another one for another champion: what may be promoted has changed.
    key = f"promote_version_{standing.model.name}_{standing.model.champion}"
    with st.columns([3, 4])[0]:
        chosen = st.selectbox(
            "Version",
            standing.candidates,
            index=standing.candidates.index(first),
            format_func=lambda n: titles[n],
            key=key,
        )
    st.query_params["version"] = str(chosen)
    return int(chosen)


def heading(standing: Standing) -> None:
    """What the part about the candidate is for."""
    which = "the first version" if standing.champion is None else "another version"
    st.subheader(f"Promote {which}")


def evidence(standing: Standing, chosen: int) -> None:
    """The candidate's figures beside the champion's, what will answer, and where to see more."""
    figures_table(promotion.figures(standing, chosen), chosen, standing.model.champion)
    st.caption(promotion.about_rows(standing, chosen))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(promotion.engine(standing, chosen), width="stretch")
        if len(standing.versions) > 1:
            moves.versions_link("compare", standing.model.name, a=standing.model.champion, b=chosen)


def figures_table(frame: pd.DataFrame, chosen: int, champion: int | None) -> None:
    """A version's figures beside the champion's (`promotion.figures`)."""
    columns = {"title": "Metric", "chosen": f"Version {chosen}"}
    if champion is not None:
        columns |= {"champion": f"Version {champion} (champion)", "difference": "Difference"}
    shown = frame.assign(
        chosen=[
            _with_spread(v, s) for v, s in zip(frame["chosen"], frame["chosen_spread"], strict=True)
        ],
        champion=[
            _with_spread(v, s)
            for v, s in zip(frame["champion"], frame["champion_spread"], strict=True)
        ],
        difference=[
            "–" if pd.isna(d) else f"{'+' if d > 0 else '−' if d < 0 else ''}{number(abs(d), 3)}"
            for d in frame["difference"]
        ],
    )
    frame_table(shown, columns, key="promote_figures")


def _name_challenger(standing: Standing) -> None:
    if not standing.candidates:
        st.markdown("There is no other version to name.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Version",
            standing.candidates,
            format_func=lambda n: title_of(standing.version(n)),
            key=f"promote_challenger_{standing.model.name}",
            label_visibility="collapsed",
        )
        if st.button("Name challenger …", key="promote_assign"):
            moves.confirm(standing, "assign", int(chosen))


def _since(move: Promotion) -> None:
    """Since when, by whom and why; and the dossier that it rests on."""
    approved = f", approved by {named(move.approved_by)}" if move.approved_by else ""
    st.markdown(f"Since {when(move.at)}, by {named(move.actor)}{approved}: “{named(move.reason)}”")
    if move.request_id is not None:
        address = f"/requests/{move.request_id}/dossier.html"
        st.markdown(f":material/description: [Dossier of request {move.request_id}]({address})")


def _head(version: Version) -> None:
    st.markdown(f"##### Version {version.number} · {words(version.algorithm)}")


def _note(version: Version) -> str:
    return f": “{plain(version.note)}”" if version.note else ""


def _with_spread(value: float | None, spread: float | None) -> str:
    if value is None or pd.isna(value):
        return "–"
    return number(value) + ("" if spread is None or pd.isna(spread) else f" ± {number(spread, 2)}")
