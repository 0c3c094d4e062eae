"""The Drift page, presented: the verdict, then each moved feature, then what is to be done."""

from functools import partial

import streamlit as st

from console.drift.decisions.changes import Change
from console.drift.decisions.sentences import of_change
from console.ui import drift_view, presenting
from console.ui.drift_data import View
from console.ui.format import count
from console.ui.pickers import span_caption
from console.ui.presenting import Slide

MOST = 12
NOT_MEASURED = "How many answers it changes was not measured: others moved further."
SCOPE = (
    "A live report keeps no decisions. Freeze this window for a review: it stays as it is, and each"
    " finding gets a decision, an owner and a date."
)


def show(view: View) -> None:
    """The live report of a window, one moved feature at a time."""
    context = f"{view.version.model} · version {view.version.number} · {span_caption(view.window)}"
    moved = view.moved[:MOST]
    slides = [
        Slide("Verdict", partial(_verdict, view, context)),
        *(Slide("Finding", partial(_feature, view, name)) for name in moved),
        Slide("What do we do?", partial(_end, view)),
    ]
    presenting.show(slides, context)


def _verdict(view: View, context: str) -> None:
    word = drift_view.WORDS[view.report.status][0]
    presenting.title(f"Drift of {view.version.model}: {word.lower()}", context)
    presenting.part("What changed", view.message)
    if view.is_judged:
        presenting.part("Does it matter?", view.decisions.message)
    rows = count(view.report.n_current, "prediction")
    presenting.part(
        "Compared",
        f"{rows} of the window against {count(view.report.n_reference, 'reference row')}.",
    )


def _feature(view: View, name: str) -> None:
    feature = view.features[name]
    row = view.frame.set_index("feature").loc[name]
    presenting.title(feature.title, drift_view.WORDS[str(row["status"])][0])
    left, right = st.columns([1, 1], gap="large")
    with left:
        presenting.part("What changed", str(row["message"]))
        presenting.part("Does it matter?", _matters(view, name))
        presenting.part("What do we do?", "Decided in a review, on the frozen window.")
    with right:
        drift_view.distribution(view, feature, f"present_shape_{name}")


def _matters(view: View, name: str) -> str:
    found: dict[str, Change] = {each.feature: each for each in view.decisions.changes}
    if name not in found:
        return NOT_MEASURED
    return of_change(view.decisions.scope, found[name])


def _end(view: View) -> None:
    presenting.title("What do we do?")
    moved = len(view.moved)
    presenting.part("Findings", f"{count(moved, 'feature')} moved." if moved else view.message)
    presenting.part("Decisions", SCOPE)
