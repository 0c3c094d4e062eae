"""Compare: which of two versions is better, on the same rows and on logged traffic?"""

import streamlit as st

from console import ui
from console.ui import (
    comparison_data,
    comparison_details,
    comparison_pick,
    comparison_several,
    rescoring_view,
)
from console.ui import comparison_view as view

st.title("Compare")

# read
first, second = st.columns([2, 6])
with first:
    model = ui.pick_model(key="compare_model")
with second:
    a, b = comparison_pick.pick_two(model)
asked = comparison_pick.pick_rows(model)

# compute and draw: on the same rows
with ui.boundary():
    if asked.chosen is not None:
        found = comparison_data.compare(a, b, asked, asked.chosen)
        view.verdict(found)
        left, right = st.columns([5, 6], gap="medium")
        with left:
            st.subheader("Metrics")
            view.metrics(found)
        with right:
            st.subheader("Differences, with their intervals")
            view.differences(found)
        comparison_details.sections(found)
        comparison_several.section(a, b, asked, asked.chosen)

# draw: on what callers asked
rescoring_view.section(b, asked.window)
