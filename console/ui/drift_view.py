"""Drift, drawn: the verdict, the ranked features, one feature closely, the version's answers."""

from typing import Any

import pandas as pd
import streamlit as st

from backend.versions.features import Feature
from console.charts import drift as charts
from console.drift import distributions, report
from console.drift.decisions.sentences import percent
from console.summaries.judged import Judged
from console.ui import drift_exact, links, readers
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.drift_data import View
from console.ui.format import chance, count
from console.ui.resources import palette
from console.ui.tables import download_csv, frame_table

BARS = 12
ANSWER = "Its answers: "
TOO_THIN = "No stretch of the window holds five values; choose a longer window."
WORDS = {
    "drifted": ("Drifted", "orange", ":material/error:"),
    "moderate": ("Moved moderately", "blue", ":material/info:"),
    "stable": ("Stable", "green", ":material/check_circle:"),
    "not_enough_rows": ("Not enough rows", "gray", ":material/hourglass_empty:"),
}


def verdict(view: View) -> None:
    """The verdict in a word and a sentence, with the rows behind it."""
    found = view.report
    word, colour, icon = WORDS[found.status]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, color=colour, icon=icon)  # type: ignore[arg-type]  # one of WORDS
            st.markdown(plain(view.message))
        rows = count(found.n_current, "prediction")
        st.caption(
            f"{rows} of version {view.version.number} in the window, against"
            f" {count(found.n_reference, 'reference row')}. {_how(view.judged)}"
        )
        if view.is_judged and view.judged.basis != "rows":
            drift_exact.section(view.version, view.window, found)


def _how(found: Judged) -> str:
    """How the verdict was computed, where it was not from the rows themselves."""
    shown = f" Charts show {count(len(found.rows), 'row')} drawn at random."
    return found.how + (shown if found.basis == "summaries" else "")


def ranked(view: View) -> None:
    """The features by the answers that they change, then by how far they moved, as bars."""
    st.subheader("Features, by the answers they change")
    draw(
        ("drift bars", *view.identity),
        lambda: _bars(view),
        key="drift_bars",
        alt=plain(view.message),
    )


def table(view: View) -> None:
    """Every feature's figures."""
    frame = view.frame.assign(status=[WORDS[status][0].lower() for status in view.frame["status"]])
    frame["p_value"] = frame["p_value"].map(chance)
    frame["q_value"] = frame["q_value"].map(chance)
    number, percent = st.column_config.NumberColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "title": st.column_config.TextColumn("Feature", pinned=True),
        "status": "Status",
        "effect": number("Effect", format="%.3f", help="Numbers: Wasserstein distance in standard"
                         " deviations of the reference. Categories: Jensen-Shannon distance."),
        "effect_floor": number("Floor", format="%.2f"),
        "statistic": number("Statistic", format="%.3g", help="Numbers: Kolmogorov-Smirnov"
                            " distance. Categories: chi-square."),
        "p_value": st.column_config.TextColumn("p-value", alignment="right"),
        "q_value": st.column_config.TextColumn("q-value", alignment="right",
                                               help="After Benjamini-Hochberg's correction."),
        "stability": number("PSI", format="%.3f", help="Population stability index."),
        "missing_reference": percent("Missing, reference", format="percent"),
        "missing_current": percent("Missing, current", format="percent"),
        "out_of_range": percent("Out of range", format="percent",
                                help="Share of current values outside the range of training."),
        "new_categories": "New categories",
        "n_current": number("Values", format="localized"),
    }  # fmt: skip
    frame_table(frame, columns, key="drift_table", height=420 if len(frame) > 11 else "content")
    download_csv("Download", view.frame, "drift.csv", key="drift_csv")


def close_up(view: View) -> Feature:
    """One feature, chosen here (`?feature=`): reference against current."""
    st.subheader("One feature")
    features = view.features
    titles = {name: feature.title for name, feature in features.items()}
    key = f"drift_feature_{view.version.id}"
    feature = features[links.choose("Feature", list(features), key, "feature", titles=titles)]
    messages = view.frame.set_index("feature")["message"]
    st.markdown(plain(str(messages[feature.name])))
    distribution(view, feature, f"drift_shape_{feature.name}")
    return feature


def answers(view: View) -> None:
    """The version's own answers, reference against current."""
    outputs = report.outputs_of(readers.signature(view.version))
    messages = view.report.prediction.set_index("feature")["message"]
    for slot, output in zip(st.columns(2), outputs, strict=False):
        with slot:
            message = str(messages.get(output.name, ""))
            st.markdown(plain(message.replace(f"`{output.name}`", f"**{output.title}**")))
            distribution(view, output, f"drift_answer_{output.name}")


def over_time(view: View, feature: Feature) -> None:
    """A feature's course through the window, with what it was in the reference."""
    st.subheader(f"{plain(feature.title)} over time")
    draw(
        ("drift time", feature.name, *view.identity),
        lambda: _number_course(view, feature) if feature.is_numeric else _course(view, feature),
        key=f"drift_time_{feature.name}",
        alt=f"{feature.title} over time.",
    )


def distribution(view: View, feature: Feature, key: str) -> None:
    """A feature's or an answer's values, reference against current."""
    draw(
        ("drift shape", feature.name, *view.identity),
        lambda: _shape(view, feature),
        key=key,
        alt=f"Values of {feature.title}, reference against current, as shares.",
    )


def _bars(view: View) -> Drawing:
    frame = _labelled(distributions.ranked(view.frame, BARS), view.frame)
    answers = view.report.prediction
    answers = distributions.ranked(answers.assign(title=ANSWER + answers["title"]))
    if frame.empty:
        return Drawing(None, "No feature has enough values to be compared.")
    shown = f"{len(frame)} of" if len(frame) < view.report.n_features else "All"
    return Drawing(
        charts.bars(pd.concat([frame, answers], ignore_index=True), palette()),
        f"{shown} {view.report.n_features} features. An effect counts as drift from its floor (1×)"
        " on, and only where it is significant after correction (q < .04).",
    )


def _labelled(bars: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Bars whose labels say how many answers a moved feature changes."""
    shares = frame.set_index("feature")["changed"]
    labels = [
        label if pd.isna(shares[name]) else f"{label} · changes {percent(shares[name])}"
        for name, label in zip(bars["feature"], bars["label"], strict=True)
    ]
    return bars.assign(label=labels)


def _shape(view: View, feature: Feature) -> Drawing:
    numeric, title, colours = feature.is_numeric, feature.title, palette()
    make = distributions.histogram if numeric else distributions.categories
    frame = make(feature, view.reference, view.current)
    if frame.empty:
        return Drawing(None, "There are no values to draw on one of the two sides.")
    rows = frame.groupby("side")["n"].sum()
    notes = {
        side: f"{side}: {count(int(rows[side]), 'value')}" for side in ("reference", "current")
    }
    if not numeric:
        return Drawing(charts.categories(frame, title, notes, colours))
    is_whole = feature.kind == "integer" and bool(frame["upper"].sub(frame["lower"]).eq(1).all())
    return Drawing(charts.histogram(frame, title, notes, colours, is_whole))


def _number_course(view: View, feature: Feature) -> Drawing:
    frame = distributions.number_over_time(feature, view.reference, view.current, view.window)
    if frame.empty:
        return Drawing(None, TOO_THIN)
    middle = distributions.level(feature, view.reference)
    coarse = distributions.is_coarse(feature, view.reference)
    what = "Mean, with its 95 % interval" if coarse else "Median, with the middle 80 % of values"
    return Drawing(
        charts.number_over_time(frame, feature.title, middle, palette()),
        f"{what} shaded, in {count(len(frame), 'stretch', 'stretches')} of the window.",
    )


def _course(view: View, feature: Feature) -> Drawing:
    frame = distributions.category_over_time(feature, view.reference, view.current, view.window)
    if frame.empty:
        return Drawing(None, TOO_THIN)
    stretches = count(frame["at"].nunique(), "stretch", "stretches")
    return Drawing(
        charts.category_over_time(frame, feature.title, palette()),
        f"Shares of the values that changed most, in {stretches} of the window.",
    )
