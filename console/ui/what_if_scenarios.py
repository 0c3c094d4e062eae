"""Scenarios in What-if: keep a row with the answer it must get, and see who gives it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.records import scenarios
from backend.records.registry import Version
from backend.records.scenarios import Scenario
from backend.versions import artefacts
from console.ui import links, readers
from console.ui.boundary import boundary, guarded, plain
from console.ui.format import when
from console.ui.resources import actor, database, store
from console.ui.tables import frame_table
from console.what_if import Answer
from console.what_if.scenarios import Outcome, judge, keep, said

MARGIN = 0.1
"""Of a value: how far around the answer of now the range begins that is offered."""


def save(version: Version, values: Mapping[str, Any], answer: Answer) -> None:
    """A button that keeps the row as a scenario, with the answer that is expected of it."""
    signature = readers.signature(version)
    with st.popover("Save as scenario", icon=":material/bookmark_add:"):
        st.caption(
            "Every version of the model shall answer this row so; a gate asks it of a version"
            " before it is promoted."
        )
        edition = st.session_state.setdefault(_EDITION, 0)
        # What is offered follows the answer, and so do the fields; the name stays.
        key = f"what_if_save_{version.id}_{edition}_{answer.decision}"
        name = f"what_if_save_name_{edition}"
        st.text_input("Name", key=name, placeholder="What the row is, in a few words")
        if signature.task == "regression":
            _range(key, answer)
        else:
            labels = list(signature.labels)
            texts = [str(label) for label in labels]
            now = texts.index(answer.decision) if answer.decision in texts else 0
            st.selectbox(
                f"Expected {plain(signature.target)}", labels, now, key=f"{key}_label",
                format_func=str,
            )  # fmt: skip
        st.button(
            "Save",
            key="what_if_save",
            type="primary",
            on_click=_save,
            args=(version, dict(values), name, key),
        )


def section(version: Version) -> None:
    """The model's scenarios, and whether the version passes them; each opens, or is removed."""
    kept = scenarios.of_model(database(), version.model)
    st.subheader("Scenarios")
    if not kept:
        st.caption("None yet. Save a row with the answer that every version must give to it.")
        return
    with boundary():
        found = _judged(version.id, tuple(one.id for one in kept), version, tuple(kept))
        passed = sum(outcome.passed for outcome in found)
        st.markdown(f"**Version {version.number} passes {passed} of {len(found):,}.**")
        _table(version, found)


_EDITION = "_what_if_saved"


def _range(key: str, answer: Answer) -> None:
    """Two fields, filled with values around the answer; one may be left empty."""
    margin = max(abs(answer.value) * MARGIN, 1e-6)
    slots = st.columns(2)
    for slot, end, label, value in (
        (slots[0], "low", "At least", answer.value - margin),
        (slots[1], "high", "At most", answer.value + margin),
    ):
        # By the state and not as a default, so that it can be emptied.
        st.session_state.setdefault(f"{key}_{end}", float(f"{value:.3g}"))
        slot.number_input(label, value=None, key=f"{key}_{end}", placeholder="no limit")


@guarded
def _save(version: Version, values: Mapping[str, Any], name: str, key: str) -> None:
    state, signature = st.session_state, readers.signature(version)
    if signature.task == "regression":
        expected = {end: state[f"{key}_{end}"] for end in ("low", "high")}
    else:
        expected = {"label": state[f"{key}_label"]}
    wanted = state[name]
    made = keep(database(), signature, version.model, wanted, values, expected, actor=actor())
    state[_EDITION] += 1  # the next one begins with empty fields
    st.toast(f"Saved: {plain(made.name)}")


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _judged(
    version_id: int,  # noqa: ARG001  # key
    ids: tuple[int, ...],  # noqa: ARG001  # key: a scenario never changes
    _version: Version,
    _kept: tuple[Scenario, ...],
) -> tuple[Outcome, ...]:
    return judge(artefacts.load(database(), _version, store()), _kept)


def _table(version: Version, found: tuple[Outcome, ...]) -> None:
    frame = pd.DataFrame(
        {
            "name": [one.scenario.name for one in found],
            "outcome": ["✓ passes" if one.passed else "✗ fails" for one in found],
            "expected": [said(one.scenario.expected).strip("`") for one in found],
            "answer": [one.answer.strip("`") or "refused" for one in found],
            "by": [one.scenario.created_by for one in found],
            "at": [when(one.scenario.created_at) for one in found],
        }
    )
    columns = {
        "name": "Name",
        "outcome": st.column_config.TextColumn("Outcome", width="small"),
        "expected": "Expected",
        "answer": f"Version {version.number} answers",
        "by": st.column_config.TextColumn("Kept by", width="small"),
        "at": st.column_config.TextColumn("When", width="small"),
    }
    ids = "_".join(str(one.scenario.id) for one in found)
    event = frame_table(
        frame,
        columns,
        key=f"what_if_scenarios_{version.model}_{abs(hash(ids))}",
        on_select="rerun",
        selection_mode="single-row",
        height="content",
    )
    chosen = [found[place] for place in event.selection.rows]
    if not chosen:
        st.caption("Select one to open or remove it.")
        return
    _chosen(chosen[0])


def _chosen(outcome: Outcome) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        name = outcome.scenario.name
        st.button("Open", key="what_if_scenario_open", on_click=_open, args=(name,),
                  icon=":material/open_in_new:")  # fmt: skip
        st.button("Remove", key="what_if_scenario_remove", type="tertiary", on_click=_remove,
                  args=(outcome.scenario,), icon=":material/delete:")  # fmt: skip
        st.caption(plain(outcome.message), width="stretch")


def _open(name: str) -> None:
    for param in ("prediction", "row", "set"):
        links.put(param, None)
    links.put("scenario", name)


@guarded
def _remove(one: Scenario) -> None:
    scenarios.remove(database(), one.model, one.name, actor=actor())
    if st.query_params.get("scenario") == one.name:
        links.put("scenario", None)
