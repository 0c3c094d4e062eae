"""What a model asks of its versions: the gates' text, the policy, and what retention removes.

Each form carries what its reader saw: where somebody changed it meanwhile, that is said, and
nothing is overwritten.
"""

from dataclasses import replace

import pandas as pd
import streamlit as st

from backend.errors import Refused
from backend.records import policies
from backend.records.database import Database
from backend.records.policies import MOST_DAYS, MOST_HOURS, MOST_KEPT, Policy
from console.promotion import gates, retention
from console.promotion.retention import Planned
from console.ui import people, promote_actions
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
HEIGHT = 420


@guarded
def rules(model: str) -> None:
    """The expander with all of it."""
    with st.expander("Rules: gates, approval, probation, retention", icon=":material/rule:"):
        written, policy, kept = st.tabs(["Gates", "Policy", "Retention"])
        with written:
            _gates(model)
        with policy:
            _policy(model)
        with kept:
            _retention(model)


def _gates(model: str) -> None:
    text = gates.text_of(database(), model)
    seen = gates.hash_of(text)
    st.caption(
        "What a version must show before it may answer, as TOML; a section that is left out is not"
        " checked. docs/gates.md explains each. A change is a row of the audit log."
    )
    key = f"promote_rules_{model}_{seen[:12]}"
    with st.form(f"{key}_form", border=False):
        st.text_area("Gates", text, key=key, height=HEIGHT, label_visibility="collapsed")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            people.name_field(f"{key}_name")
            st.form_submit_button(
                "Save the gates", key="promote_rules_save", on_click=_note_gates, args=(model, key)
            )
            st.form_submit_button(
                "Back to the default",
                key="promote_rules_reset",
                type="tertiary",
                on_click=_note_gates,
                args=(model, key, True),
            )
    st.caption(f"SHA-256 `{seen}`")


def _note_gates(model: str, key: str, reset: bool = False) -> None:
    text = "" if reset else str(st.session_state.get(key) or "")
    by, seen = people.named(f"{key}_name"), key.rpartition("_")[2]
    promote_actions.ask(lambda: save_gates(database(), model, text, seen=seen, actor=by))


def save_gates(database: Database, model: str, text: str, *, seen: str, actor: str) -> str:
    """Keep a text, if the one there is still the one that was seen; returns what was done.

    Args:
        seen: how the SHA-256 of the text that was seen begins.

    Raises:
        Refused: somebody wrote another text meanwhile.
        NotFound, Unusable: as `gates.save_rules`.
    """
    if not gates.hash_of(gates.text_of(database, model)).startswith(seen):
        raise Refused(
            f"Somebody changed the gates of `{model}` meanwhile, and nothing was overwritten. Look"
            " at what they wrote, then save again."
        )
    gates.save_rules(database, model, text, actor=actor)
    return f"The gates of `{model}` are saved; candidates are judged by them from now on."


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
            people.name_field(f"{key}_name")
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
    promote_actions.ask(lambda: save_policy(database(), model, policy, seen=seen, actor=by))


def save_policy(database: Database, model: str, policy: Policy, *, seen: Policy, actor: str) -> str:
    """Keep a policy, if the one there is still the one that was seen; returns what was done.

    Raises:
        Refused: somebody saved another one meanwhile.
        NotFound, Unusable: as `policies.save`.
    """
    if policies.of(database, model) != seen:
        raise Refused(
            f"Somebody changed the policy of `{model}` meanwhile, and nothing was overwritten."
            " Look at what they chose, then save again."
        )
    policies.save(database, model, replace(policy), actor=actor)
    return f"The policy of `{model}` is saved."


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
            "why": st.column_config.TextColumn("It", width="large"),
            "size": "Size",
        },
        key="promote_retention",
    )
    going = tuple(one for one in planned if one.removed)
    if not going:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people.name_field("promote_retention_name")
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
    promote_actions.ask(
        lambda: retention.done(retention.apply(database(), model, actor=by, planned=planned))
    )
