"""Drift: has live data moved from the reference, and does it matter?"""

import streamlit as st

from console import ui
from console.ui import (
    drift_data,
    drift_decisions,
    drift_present,
    drift_reports,
    drift_view,
    drift_when,
    presenting,
    review_actions,
    watching_view,
)

with presenting.aside("drift"):
    st.title("Drift")

    # read
    first, second, third = st.columns([2, 3, 5])
    with first:
        model = ui.pick_model(key="drift_model")
    with second:
        version = ui.pick_version("drift_version", model)
    with third:
        window = ui.pick_window("drift_window", model)

# compute
view = drift_data.view(version, window)

# draw
if ui.is_presenting():
    drift_present.show(view)
    st.stop()
drift_view.verdict(view)
review_actions.from_drift(version, window, is_enough=view.is_judged)
if view.is_judged:
    drift_decisions.section(view.decisions, len(view.moved))
    left, right = st.columns([5, 6], gap="large")
    with left:
        drift_view.ranked(view)
    with right:
        feature = drift_view.close_up(view)
    drift_when.section(view)
    drift_view.over_time(view, feature)
    watching_view.section(view)
    st.subheader("What it answered")
    drift_view.answers(view)
    st.subheader("All figures")
    drift_view.table(view)
else:
    ui.empty_state(
        "There is not enough to compare in this window",
        "Choose a longer window or another version above; or send the version requests, by its"
        " address or by What-if's example.",
        "predictions",
        "See what was asked",
        {"model": model},
    )
drift_reports.section(version, window, n_current=view.report.n_current)
