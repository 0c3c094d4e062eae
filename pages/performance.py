"""Performance: is the champion still right, where truth is known and where it is not yet?"""

import streamlit as st

st.title("Performance")
