"""Alerts: what was noticed while nobody was looking?"""

import streamlit as st

st.title("Alerts")
