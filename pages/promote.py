"""Promote: may this version answer requests?"""

import streamlit as st

from console import promotion, ui
from console.ui import (
    asking_view,
    gates_data,
    gates_view,
    history_view,
    probation_view,
    promote_actions,
    requests_view,
    rules_view,
    standings,
)

st.title("Promote")

# read
with st.columns([2, 5])[0]:
    model = ui.pick_model(key="promote_model")
promote_actions.carry_out()
standing = promotion.standing(ui.database(), model)
if not standing.versions:
    ui.no_version(model)

# draw
probation_view.banner(standing)
left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    standings.champion_card(standing)
with right.container(border=True, height="stretch"):
    standings.challenger_card(standing)
requests_view.waiting(model)

standings.heading(standing)
if standing.candidates:
    chosen = standings.choose_candidate(standing, st.query_params.get("version"))
    standings.evidence(standing, chosen)
    with ui.boundary():
        judged = gates_data.judged(standing.version(chosen), standing.champion)
        gates_view.gates(judged)
        if not asking_view.follow(model):
            asking_view.form(standing, judged)
        asking_view.at_once(standing, chosen, judged)
else:
    asking_view.follow(model)
    ui.empty_state(
        "There is no other version",
        "Train another one, and register it, to have a choice.",
        "train",
        "Train a version",
        {"model": model},
    )

history_view.history(standing)
rules_view.rules(standing)
