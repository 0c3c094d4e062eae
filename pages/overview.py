"""Overview: is everything well?"""

import streamlit as st

from console import ui
from console.ui import overview_view

# read
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Overview", width="content")
    st.space("stretch")
    choice = ui.pick_span(key="overview_window")
    overview_view.demo_menu()

# compute and draw
overview_view.demo_job()
overview_view.live(choice)
