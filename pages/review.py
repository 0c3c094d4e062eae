"""Review: what was found, what was decided, and who does it?"""

import streamlit as st

from console import ui
from console.ui import (
    presenting,
    review_actions,
    review_data,
    review_findings,
    review_list,
    review_meeting,
)
from console.ui import review_view as view

with presenting.aside("review_title"):
    st.title("Review")
review_actions.carry_out()  # before anything is read, so that what was done is seen

# read
with presenting.aside("review"):
    asked = review_data.asked()
    first, second, third = st.columns([2, 3, 5])
    with first:
        model = ui.pick_model(key="review_model")
    review = review_data.of_model(asked, model)
if review is None:
    with second:
        version = ui.pick_version("review_version", model)
    with third:
        window = ui.pick_window("review_window", model)
    found = review_data.listed(model)

    # draw
    review_list.freezing(version, window)
    review_list.still_open(review_data.still_open(model))
    review_list.listed(found)
    review_list.trend(model, found)
    st.stop()

# compute
opened = review_data.opened(review)

# draw
if ui.is_presenting():
    review_meeting.show(opened)
    st.stop()
view.print_style(opened)
with second:
    review_list.chosen(review)
view.tools(opened)
view.last_time(opened)
view.verdict(opened)
review_findings.findings(opened)
view.rest(opened)
