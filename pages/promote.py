"""Promote: may this version answer requests?"""

import streamlit as st

from console import promotion, ui
from console.ui import moves, standings

st.title("Promote")

# read
with st.columns([2, 5])[0]:
    model = ui.pick_model(key="promote_model")
moves.carry_out()
standing = promotion.standing(ui.database(), model)
if not standing.versions:
    ui.no_version(model)

# draw
left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    standings.champion_card(standing)
with right.container(border=True, height="stretch"):
    standings.challenger_card(standing)

st.subheader("Promote another version")
if standing.candidates:
    chosen = standings.choose_candidate(standing, st.query_params.get("version"))
    figures = promotion.figures(standing, chosen)
    standings.figures_table(figures, chosen, standing.model.champion)
    st.caption(promotion.about_rows(standing, chosen))
    st.caption(promotion.engine(standing, chosen))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Promote version {chosen} …", key="promote_open", type="primary"):
            moves.confirm(standing, "promote", chosen)
        moves.versions_link("compare", model, a=standing.model.champion, b=chosen)
else:
    ui.empty_state(
        "There is no other version",
        "Train another one, and register it, to have a choice.",
        "train",
        "Train a version",
        {"model": model},
    )

standings.history_table(promotion.history(ui.database(), model))
