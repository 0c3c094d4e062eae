"""Predictions: what was asked, and what was answered?"""

import streamlit as st

from console import ui
from console.ui import log_view

st.title("Predictions")

# read
first, second = st.columns([2, 8])
with first:
    model = ui.pick_model(key="predictions_model")
with second:
    window = ui.pick_window("predictions_window", model)
which = log_view.pick_filter(model, window)

# compute and draw
log_view.traffic(model, window)
left, right = st.columns([7, 5])
with left:
    selected = log_view.rows(which)
with right:
    log_view.details(selected)
