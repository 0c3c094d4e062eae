"""What the service answers to a what-if, drawn."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from backend.records.registry import Version
from console import what_if
from console.charts import what_if as charts
from console.ui import format as shown
from console.ui import links, readers
from console.ui.boundary import plain
from console.ui.resources import client, palette
from console.what_if import Answer, Start


def ask(version: Version, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The service's answers of a version to some rows; one request, kept for some seconds.

    Raises:
        Unavailable, Unusable: as the service says.
    """
    body = json.dumps(rows, sort_keys=True)
    return readers.cached(
        ("what_if", version.id, body),
        lambda: client().what_if(version.model, version.number or 0, rows),
    )


def answer_card(version: Version, start: Start, values: Mapping[str, Any]) -> Answer:
    """The answer as it is now, and what it was for the row that it started from."""
    signature = readers.signature(version)
    answer = what_if.read_answer(signature, ask(version, [values])[0])
    changes = what_if.changed(start.features, values)
    with st.container(border=True):
        what = f": {signature.target}" if signature.task == "regression" else ""
        st.metric(plain(f"Version {version.number} answers{what}"), plain(answer.decision))
        if answer.probabilities:
            st.altair_chart(
                charts.probabilities(answer.frame, palette()),
                key="what_if_probabilities",
                alt=f"Probability of each class; {answer.decision} is the likeliest.",
            )
        if changes:
            _before(version, start, answer, len(changes))
    return answer


def notes(version: Version, values: Mapping[str, Any]) -> None:
    """Say which inputs lie outside what the version was trained on."""
    signature = readers.signature(version)
    found = what_if.check(signature, values)
    if found:
        lines = [f"- **{plain(signature.feature(n).title)}**: {text}" for n, text in found.items()]
        st.warning(
            "Nothing in training was like this, so the answer is a guess:\n\n" + "\n".join(lines),
            icon=":material/warning:",
        )


def sweep(version: Version, values: Mapping[str, Any], answer: Answer) -> None:
    """How the answer moves along one feature, the others staying as they are."""
    signature = readers.signature(version)
    with st.container(horizontal=True):
        titles = {feature.name: feature.title for feature in signature.features}
        name = links.choose(
            "Move one input",
            what_if.ranked(signature, version.evaluation),
            f"what_if_feature_{version.model}",
            "feature",
            titles=titles,
        )
        label = _pick_label(version, answer)
    feature = signature.feature(name)
    tried = what_if.grid(feature, values[name])
    answers = ask(version, what_if.instances(values, name, tried))
    frame = what_if.curve(signature, tried, answers, values[name], label)
    regression = signature.task == "regression"
    title = signature.target if regression else f"Probability of {label}"
    st.altair_chart(
        charts.curve(frame, feature.title, title, palette(), share=not regression),
        key="what_if_curve",
        alt=f"{title} as {feature.title} moves over {len(frame)} values.",
    )
    low, high = shown.number(frame["answer"].min(), 3), shown.number(frame["answer"].max(), 3)
    st.caption(
        f"{len(frame)} values over what training saw, all other inputs as they are: the answer"
        f" moves between {low} and {high}."
    )


def as_curl(version: Version, values: Mapping[str, Any]) -> None:
    """The same question from a shell, to copy."""
    with st.expander("Ask from a shell", icon=":material/terminal:"):
        st.code(
            what_if.curl(client().url, version.model, version.number or 0, values),
            language="bash",
            wrap_lines=True,
        )
        st.caption("What-if questions are not logged as traffic. `/predict` takes the same row.")


def _pick_label(version: Version, answer: Answer) -> str:
    """Whose probability is drawn: the positive class of two, a chosen one of several."""
    signature = readers.signature(version)
    if signature.task != "multiclass":
        return str(signature.positive)
    labels = [str(label) for label in signature.labels]
    return links.choose(
        "Class", labels, f"what_if_label_{version.model}", "label", default=answer.decision
    )


def _before(version: Version, start: Start, answer: Answer, changes: int) -> None:
    try_first = ask(version, [start.features])[0]
    before = what_if.read_answer(readers.signature(version), try_first)
    same = before.decision == answer.decision
    if answer.probabilities:
        label = answer.decision
        moved = f"{before.probabilities[label]:.3f} → {answer.probabilities[label]:.3f}"
        detail = f"probability of {label} {moved}"
    else:
        detail = f"{before.decision} → {answer.decision}"
    verb = "The answer stays" if same else f"The answer was {before.decision}"
    st.markdown(
        f":material/difference: {plain(verb)}: {plain(detail)}, after"
        f" {shown.count(changes, 'change')} to {start.origin}."
    )
