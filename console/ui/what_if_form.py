"""The form of What-if: where the row starts, and a field for each input.

What a colleague needs to see the same is in the address: the start (`?prediction=`, `?row=` or
`?scenario=`) and the inputs that were changed since (`?set=`, a JSON object).
"""

import json
from collections.abc import Collection
from typing import Any

import streamlit as st

from backend.records import predictions, scenarios
from backend.records.registry import Version
from console import what_if
from console.ui import links, readers
from console.ui.boundary import plain
from console.ui.resources import database
from console.what_if import Input, Start

COLUMNS = 3
STARTS = {
    "median": "Typical row",
    "row": "Reference row",
    "prediction": "Logged request",
    "scenario": "Scenario",
}
_EDITION = "_what_if_edition"


def open_prediction() -> None:
    """Where the address names a logged row only, take the model and version from it.

    Raises:
        NotFound, Unusable: there is no such row.
    """
    asked = st.query_params.get("prediction")
    if asked and "model" not in st.query_params:
        row = predictions.one(database(), asked)
        links.put("model", row["model"])
        links.put("version", str(row["version"]) if row["version"] else None)


def pick_start(version: Version) -> Start:
    """The row to start from.

    Raises:
        NotFound, Unusable: the row that was asked for is not there.
    """
    signature, reference = readers.signature(version), readers.reference(version)
    kept = {one.name: one.features for one in scenarios.of_model(database(), version.model)}
    chosen = _pick_kind(kept)
    row = str(_row_number(len(reference))) if chosen == "row" else None
    prediction = _prediction_id() if chosen == "prediction" else None
    scenario = _scenario(list(kept), version.model) if chosen == "scenario" else None
    links.put("row", row)
    links.put("prediction", prediction)
    links.put("scenario", scenario)
    st.session_state["_what_if_asked"] = _asked(kept)
    if row is not None:
        return what_if.reference_row(signature, reference, int(row))
    if prediction:
        return what_if.logged_row(signature, predictions.one(database(), prediction))
    if scenario is not None:
        return what_if.scenario_row(signature, plain(scenario), kept[scenario])
    return what_if.median_row(signature, reference)


def form(version: Version, start: Start) -> dict[str, Any]:
    """Draw a field for each input, and return the row they make (JSON-ready).

    A field whose value was not seen in training is marked as such.
    """
    signature = readers.signature(version)
    edition = _edition()
    key = f"what_if_{version.id}_{abs(hash(json.dumps(start.features)))}_{edition}"
    wanted = {
        **start.features,
        **what_if.parse_changes(signature, st.query_params.get("set")),
    }
    values: dict[str, Any] = {}
    grid = st.columns(COLUMNS, gap="small")
    for position, field in enumerate(what_if.inputs(signature, wanted)):
        feature = signature.features[position]
        name = f"{key}_{field.name}"
        outside = what_if.outside(feature, st.session_state.get(name, field.value))
        with grid[position % COLUMNS]:
            values[field.name] = _draw(field, name, outside)
    changes = what_if.changed(start.features, values)
    text = json.dumps(changes, separators=(",", ":")) if changes else None
    links.put("set", text)
    st.session_state[f"{_EDITION}_set"] = text
    return values


def reset_button(changes: int) -> None:
    """A button that takes every change back."""
    st.button(
        "Undo changes",
        key="what_if_reset",
        icon=":material/undo:",
        type="tertiary",
        disabled=not changes,
        on_click=_reset,
    )


def _pick_kind(scenarios: Collection[str]) -> str:
    key = "what_if_start"
    _follow_address(key, _asked(scenarios)[0], scenarios)
    kinds = [kind for kind in STARTS if kind != "scenario" or scenarios]
    return str(
        st.segmented_control(
            "Start from", kinds, key=key, format_func=STARTS.__getitem__, required=True
        )
    )


def _asked(scenarios: Collection[str]) -> tuple[str, str]:
    """The start that the address names, and which; a scenario that is no more is not asked for."""
    for kind in ("prediction", "row", "scenario"):
        asked = st.query_params.get(kind)
        if asked is not None and (kind != "scenario" or asked in scenarios):
            return kind, asked
    return "median", ""


def _follow_address(key: str, value: Any, scenarios: Collection[str] = ()) -> None:
    """Give a widget what the address says, where that is new."""
    if key not in st.session_state or st.session_state.get("_what_if_asked") != _asked(scenarios):
        st.session_state[key] = value


def _row_number(rows: int) -> int:
    asked = st.query_params.get("row", "1")
    first = int(asked) if asked.isdecimal() and 1 <= int(asked) <= rows else 1
    key = f"what_if_row_{rows}"
    if st.session_state.get("_what_if_asked") != _asked(()):
        st.session_state[key] = first
    return int(st.number_input(f"Row, of {rows:,}", 1, rows, first, key=key, width=160))


def _prediction_id() -> str:
    key = "what_if_prediction"
    _follow_address(key, st.query_params.get("prediction", ""))
    text = st.text_input(
        "Prediction id",
        key=key,
        placeholder="Select a row on the Predictions page, or paste an id",
        width=380,
    )
    return text.strip()


def _scenario(names: list[str], model: str) -> str:
    key = f"what_if_scenario_{model}"
    asked = st.query_params.get("scenario")
    _follow_address(key, asked if asked in names else names[0], names)
    if st.session_state[key] not in names:
        st.session_state[key] = names[0]
    return str(st.selectbox("Scenario", names, key=key, width=380))


def _edition() -> int:
    """A number that changes when the address was changed from outside (back, a pasted one)."""
    asked = st.query_params.get("set")
    if asked != st.session_state.get(f"{_EDITION}_set") and _EDITION in st.session_state:
        st.session_state[_EDITION] += 1
    return int(st.session_state.setdefault(_EDITION, 0))


def _reset() -> None:
    links.put("set", None)
    st.session_state[_EDITION] = st.session_state.get(_EDITION, 0) + 1
    st.session_state[f"{_EDITION}_set"] = None


def _draw(field: Input, key: str, outside: str | None) -> Any:
    title = plain(field.title)
    label = f"{title} :orange-badge[:material/warning: unusual]" if outside else title
    about = f"{outside} {field.about}" if outside else field.about
    if field.kind == "boolean":
        options = [True, False, None] if field.nullable else [True, False]
        index = options.index(field.value) if field.value in options else 0
        return st.selectbox(label, options, index, key=key, help=about, format_func=_said)
    if field.kind == "category":
        options_of: list[str | None] = [*field.options, *([None] if field.nullable else [])]
        chosen = options_of.index(field.value) if field.value in options_of else 0
        return st.selectbox(label, options_of, chosen, key=key, help=about, format_func=_said)
    if field.kind == "integer":
        whole = None if field.value is None else round(field.value)
        return st.number_input(label, value=whole, step=1, key=key, help=about)
    return st.number_input(
        label,
        value=None if field.value is None else float(field.value),
        step=field.step,
        format=f"%.{field.decimals}f",
        key=key,
        help=about,
    )


def _said(value: Any) -> str:
    return (
        "none" if value is None else "yes" if value is True else "no" if value is False else value
    )
