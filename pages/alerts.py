"""Alerts: what was noticed while nobody was looking?"""

import streamlit as st

from console.ui import (
    alerts_actions,
    alerts_channels,
    alerts_data,
    alerts_drill,
    alerts_forms,
    alerts_monitors,
    alerts_view,
)

st.title("Alerts")

# read
with st.columns([2, 5])[0]:
    model = alerts_data.pick_model()

# what was asked for is done before anything is drawn, and said where it was asked
found, watching, drilling, telling = (st.container() for _ in range(4))
for place, box in (("monitors", watching), ("drill", drilling), ("channels", telling)):
    with box:
        alerts_actions.carry_out(place)

# draw
with found:
    alerts_view.live(model)
with watching:
    alerts_monitors.section(model)
with drilling:
    alerts_drill.section(model)
with telling:
    alerts_channels.section()
alerts_view.resolved(model)
alerts_forms.dialog()
