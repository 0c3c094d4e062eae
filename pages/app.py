"""The router: runs before every page, names it, and stands between its errors and its reader."""

import streamlit as st

from console import ui

st.set_page_config(page_title="Watchdesk", page_icon="📈", layout="wide")

page = st.navigation(ui.pages(), position="hidden" if ui.is_presenting() else "top")
with ui.boundary():
    page.run()
