"""The entry of `streamlit run`: the console, and with it the prediction service and the worker.

`streamlit run` recognises this file by the direct call of `st.App` below. The pages' router is
pages/app.py; its path is absolute, or it would be looked for in the current folder.
"""

from pathlib import Path

import streamlit as st

from console.launch import lifespan
from console.reports_route import routes

app = st.App(Path(__file__).parent / "pages" / "app.py", lifespan=lifespan, routes=routes)
