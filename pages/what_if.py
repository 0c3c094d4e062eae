"""What-if: what would change this answer?"""

import streamlit as st

from console import ui
from console.ui import what_if_form, what_if_scenarios, what_if_view
from console.what_if import changed

st.title("What-if")

# read
what_if_form.open_prediction()
first, second, third = st.columns([2, 3, 5])
with first:
    model = ui.pick_model(key="what_if_model")
with second:
    version = ui.pick_version("what_if_version", model)
with third.container(horizontal=True):
    start = what_if_form.pick_start(version)

left, right = st.columns([7, 5], gap="large")
with left:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Inputs, filled from {start.origin}")
        st.space("stretch")
        undo = st.empty()
    values = what_if_form.form(version, start)
    with undo:
        what_if_form.reset_button(len(changed(start.features, values)))

# compute and draw
with right, ui.boundary():
    answer = what_if_view.answer_card(version, start, values)
    what_if_scenarios.save(version, values, answer)
    what_if_view.notes(version, values)
    what_if_view.sweep(version, values, answer)
    what_if_view.as_curl(version, values)

what_if_scenarios.section(version)
