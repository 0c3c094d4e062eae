"""Review: what was found, what was decided, and who does it?"""

import streamlit as st

st.title("Review")
