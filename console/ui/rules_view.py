"""What a model asks of its versions: the gates' text, the policy, and what retention removes.

Each form carries what its reader saw: where somebody changed it meanwhile, that is said, and
nothing is overwritten.
"""

import pandas as pd
import streamlit as st

from backend.records import gate_texts, policies
from backend.records.policies import MOST_DAYS, MOST_HOURS, MOST_KEPT, Policy
from backend.records.request_rows import check_said
from console.promotion import Standing, gates, retention
from console.promotion.retention import Planned
from console.ui import gates_trial, people, promote_actions
from console.ui.boundary import guarded
from console.ui.format import count
from console.ui.resources import database
from console.ui.tables import frame_table, times

GATES = {
    "default": "Where gates are written for it",
    "always": "Always",
    "asked": "Only where it is asked to",
}
MEANS: dict[str, bool | None] = {"default": None, "always": True, "asked": False}
WORDS = {meaning: name for name, meaning in MEANS.items()}
HEIGHT, BESIDE = 420, 280
CODE = """<style>[class*="st-key-promote_rules_"] textarea { line-height: 1.45;
  font-family: "Source Code Pro", ui-monospace, Menlo, Consolas, monospace; font-size: 0.8125rem;
}</style>"""


@guarded
def rules(standing: Standing) -> None:
    """The expander with all of it."""
    model = standing.model.name
    with st.expander("Rules: gates, approval, probation, retention", icon=":material/rule:"):
        written, policy, kept = st.tabs(["Gates", "Policy", "Retention"])
        with written:
            _gates(standing)
        with policy:
            _policy(model)
        with kept:
            _retention(model)


def _gates(standing: Standing) -> None:
    model, candidate = standing.model.name, gates_trial.candidate(standing)
    seen = gate_texts.get(database(), model)
    text = gates.text_of(database(), model)
    sha256 = gates.hash_of(text)
    st.caption(
        "What a version must show before it may answer, as TOML; a section that is left out is not"
        " checked. docs/gates.md explains each. A change is a row of the audit log."
    )
    st.html(CODE)
    key = f"promote_rules_{model}_{sha256[:12]}"
    with st.form(f"{key}_form", border=False):
        st.text_area("Gates", text, key=key, height=HEIGHT, label_visibility="collapsed")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            people.name_field(f"{key}_name", width=BESIDE)
            st.form_submit_button(
                "Save the gates",
                key="promote_rules_save",
                on_click=_note_gates,
                args=(model, key, seen),
            )
            if candidate is not None:
                st.form_submit_button(
                    f"Try on version {candidate.number}",
                    key="promote_rules_try",
                    help="Judges it by what is written here; nothing is saved.",
                    on_click=_note_trial,
                    args=(key,),
                )
            st.form_submit_button(
                "Back to the default",
                key="promote_rules_reset",
                type="tertiary",
                on_click=_note_gates,
                args=(model, key, seen, True),
            )
    own = "Written for this model" if seen is not None else "The default of its task"
    st.caption(f"{own} · SHA-256 `{sha256}`")
    gates_trial.trial(standing)


def _note_trial(key: str) -> None:
    gates_trial.note(str(st.session_state.get(key) or ""))


def _note_gates(model: str, key: str, seen: str | None, reset: bool = False) -> None:
    text = "" if reset else str(st.session_state.get(key) or "")
    by = people.named(f"{key}_name")

    def save() -> str:
        check_said(by, "-", "writes gates")
        gates.save_rules(database(), model, text, actor=by, seen=seen)
        return f"The gates of `{model}` are saved; candidates are judged by them from now on."

    promote_actions.ask(save)


def _policy(model: str) -> None:
    held = policies.of(database(), model)
    key = f"promote_policy_{model}_{abs(hash(held))}"
    with st.form(f"{key}_form", border=False):
        st.toggle("Another person must approve a promotion", held.approval, key=f"{key}_approval")
        left, right = st.columns(2)
        with left:
            st.selectbox(
                "Gates must pass",
                list(GATES),
                list(GATES).index(WORDS[held.gates]),
                format_func=GATES.__getitem__,
                key=f"{key}_gates",
                help="With an approval they must in any case.",
            )
            st.number_input(
                "Probation (hours)",
                0,
                MOST_HOURS,
                held.probation_hours,
                key=f"{key}_hours",
                help="For so long a new champion is watched beside the one before; 0: not at all.",
            )
        with right:
            st.number_input(
                "Keep the newest versions", 1, MOST_KEPT, held.keep_last, key=f"{key}_last"
            )
            st.number_input(
                "Keep versions of the last days",
                1,
                MOST_DAYS,
                held.keep_days,
                key=f"{key}_days",
                placeholder="Of any age",
                help="Older ones may go, but those that served or are named in a dossier or"
                " review. Empty: none goes.",
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            people.name_field(f"{key}_name", width=BESIDE)
            st.form_submit_button(
                "Save the policy",
                key="promote_policy_save",
                on_click=_note_policy,
                args=(model, key, held),
            )


def _note_policy(model: str, key: str, seen: Policy) -> None:
    state = st.session_state
    days = state.get(f"{key}_days")
    policy = Policy(
        approval=bool(state[f"{key}_approval"]),
        probation_hours=int(state[f"{key}_hours"]),
        keep_days=None if days is None else int(days),
        keep_last=int(state[f"{key}_last"]),
        gates=MEANS[str(state[f"{key}_gates"])],
    )
    by = people.named(f"{key}_name")

    def save() -> str:
        check_said(by, "-", "changes the policy")
        policies.save(database(), model, policy, actor=by, seen=seen)
        return f"The policy of `{model}` is saved."

    promote_actions.ask(save)


def _retention(model: str) -> None:
    planned = retention.plan(database(), model)
    st.markdown(retention.sentence(planned))
    if not planned:
        return
    frame_table(
        _frame(planned),
        {
            "title": "What",
            "algorithm": "Algorithm",
            "created_at": "Made",
            "becomes": "Would be",
            "why": st.column_config.TextColumn("For it", width="large"),
            "size": "Size",
        },
        key="promote_retention",
    )
    going = tuple(one for one in planned if one.removed)
    if not going:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people.name_field("promote_retention_name", width=BESIDE)
        st.button(
            f"Remove {count(len(going), 'of these', 'of these')}",
            key="promote_retention_apply",
            icon=":material/delete:",
            on_click=_note_retention,
            args=(model, planned),
        )


def _frame(planned: tuple[Planned, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "title": [one.title for one in planned],
            "algorithm": [one.algorithm.replace("_", " ") for one in planned],
            "created_at": times(pd.Series([one.created_at for one in planned], dtype="int64")),
            "becomes": ["removed" if one.removed else "kept" for one in planned],
            "why": ["; ".join(one.reasons) for one in planned],
            "size": [retention.size(one.bytes) for one in planned],
        }
    )


def _note_retention(model: str, planned: tuple[Planned, ...]) -> None:
    by = people.named("promote_retention_name")

    def remove() -> str:
        check_said(by, "-", "removes versions")
        return retention.done(retention.apply(database(), model, actor=by, planned=planned))

    promote_actions.ask(remove)
