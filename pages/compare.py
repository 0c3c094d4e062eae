"""Compare: which of two versions is better, on the same rows?"""

import streamlit as st

from console import ui
from console.ui import comparison_view as view
from console.ui import shadow_view

st.title("Compare")

# read
first, second = st.columns([2, 6])
with first:
    model = ui.pick_model(key="compare_model")
with second:
    a, b = view.pick_two(model)

# compute
found = view.compare(a, b)

# draw
view.verdict(found)
left, right = st.columns([6, 5], gap="large")
with left:
    st.subheader("Metrics")
    view.metrics(found)
    view.flips(found)
with right:
    st.subheader("Difference, with its interval")
    view.intervals(found)
st.subheader("What differs")
view.unlike(found)

st.subheader("Shadow")
shadowed = shadow_view.read(shadow_view.switch(model))
if shadowed is not None:
    shadow_view.figures(shadowed)
    shadow_view.details(shadowed)
    shadow_view.rows(shadowed)
