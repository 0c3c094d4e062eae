"""Train: how good would a new version be?"""

import streamlit as st

from console.ui import train_form, train_result

st.title("Train")

# read
left, right = st.columns([4, 7], gap="large")
with right:
    train_result.watch()
    draft = train_result.opened()
    below = st.container()

# draw: what training made, and what waits
with right:
    if draft is not None:
        train_result.result(draft)
    train_result.waiting_drafts(None if draft is None else draft.id)

# draw: the form
with left:
    source = train_form.pick_data()
    choices = train_form.pick_choices(source)
    task = train_form.task_of(source.dataset, choices)
    why_not = train_form.obstacle(choices, task)
    if st.button(
        "Train", key="train_submit", type="primary", disabled=why_not is not None, width="stretch"
    ):
        job_id = train_form.submit(source, choices)
        st.query_params.update({"job": str(job_id)})
        st.query_params.pop("draft", None)
        st.rerun()
    if why_not is not None:
        st.warning(why_not, icon=":material/warning:")
with below:
    if draft is None:
        train_form.preview(source.dataset)
