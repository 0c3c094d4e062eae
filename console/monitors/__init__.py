"""Monitors: rules that live traffic is held against, the alerts they open, and who is told.

`python -m console watch` and the worker call `watch`; nothing here knows Streamlit.
"""
