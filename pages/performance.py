"""Performance: is the champion still right, where truth is known and where it is not yet?"""

import streamlit as st

from console import ui
from console.ui import performance_data, performance_figures
from console.ui import performance_view as view

st.title("Performance")

# read
first, second, third = st.columns([2, 3, 5])
with first:
    model = ui.pick_model(key="performance_model")
with second:
    version = ui.pick_version("performance_version", model)
with third:
    window = ui.pick_window("performance_window", model)

# compute
found = performance_data.view(version, window)

# draw
if found.has_rows:
    view.verdict(found)
    found = performance_data.look_at(found)
    performance_figures.cards(found)
    view.assumption(found)
    if not found.has_truth:
        view.no_truth(found)
    view.over_time(found)
    left, right = st.columns(2, gap="large")
    with left:
        view.record(found)
    with right:
        view.maturity(found)
    view.split(found)
    performance_figures.table(found)
else:
    view.nothing(found)
