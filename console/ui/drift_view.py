"""Drift, drawn: the verdict, the ranked features, one feature closely, the version's answers."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.features import Feature
from console.charts import drift as charts
from console.drift import DriftReport, distributions, report
from console.ui import links, readers
from console.ui.boundary import plain
from console.ui.format import count
from console.ui.resources import cache_dir, database, palette
from console.ui.tables import download_csv, frame_table

BARS = 12
WORDS = {
    "drifted": ("Drifted", "orange", ":material/error:"),
    "moderate": ("Moved moderately", "blue", ":material/info:"),
    "stable": ("Stable", "green", ":material/check_circle:"),
    "not_enough_rows": ("Not enough rows", "gray", ":material/hourglass_empty:"),
}


@dataclass(frozen=True)
class View:
    """A window against a version's reference: the verdict and the rows behind it."""

    version: Version
    window: Window
    report: DriftReport
    reference: pd.DataFrame
    current: pd.DataFrame

    @property
    def features(self) -> dict[str, Feature]:
        """The version's features by name, the most drifted first."""
        signature = readers.signature(self.version)
        return {name: signature.feature(name) for name in self.report.frame["feature"]}

    @property
    def is_judged(self) -> bool:
        """Whether there were enough rows for a verdict."""
        return self.report.status != "not_enough_rows"


def view(version: Version, window: Window) -> View:
    """Compare a window of the log with a version's reference; kept for some seconds.

    Raises:
        ArtefactDamaged: the version's reference is missing or altered.
    """
    reference = readers.reference(version)
    current = readers.cached(
        ("drift_rows", version.id, window), lambda: report.rows(database(), version, window)
    )
    found = readers.cached(
        ("drift", version.id, window),
        lambda: report.reference_of(database(), version, cache_dir()).compare(current, report.NOUN),
    )
    return View(version, window, found, reference, current)


def verdict(view: View) -> None:
    """The verdict in a word and a sentence, with the rows behind it."""
    found = view.report
    word, colour, icon = WORDS[found.status]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, color=colour, icon=icon)  # type: ignore[arg-type]  # one of WORDS
            st.markdown(plain(found.message))
        rows = count(found.n_current, "prediction")
        st.caption(
            f"{rows} of version {view.version.number} in the window, against"
            f" {count(found.n_reference, 'reference row')}."
        )


def ranked(view: View) -> None:
    """The features by how far they moved, as bars."""
    frame = distributions.ranked(view.report.frame, BARS)
    st.subheader("Features, most drifted first")
    if frame.empty:
        st.caption("No feature has enough values to be compared.")
        return
    st.altair_chart(charts.bars(frame, palette()), key="drift_bars", alt=plain(view.report.message))
    shown = f"The {len(frame)} most drifted of" if len(frame) < view.report.n_features else "All"
    st.caption(
        f"{shown} {view.report.n_features} features. An effect counts as drift from its floor (1×)"
        " on, and only where it is significant after correction (q < .05)."
    )


def table(view: View) -> None:
    """Every feature's figures."""
    frame = view.report.frame.assign(
        status=[WORDS[status][0].lower() for status in view.report.frame["status"]]
    )
    number, percent = st.column_config.NumberColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "title": st.column_config.TextColumn("Feature", pinned=True),
        "status": "Status",
        "effect": number("Effect", format="%.3f", help="Numbers: Wasserstein distance in standard"
                         " deviations of the reference. Categories: Jensen-Shannon distance."),
        "effect_floor": number("Floor", format="%.2f"),
        "statistic": number("Statistic", format="%.3g", help="Numbers: Kolmogorov-Smirnov"
                            " distance. Categories: chi-square."),
        "p_value": number("p-value", format="%.3g"),
        "q_value": number("q-value", format="%.3g", help="After Benjamini-Hochberg's correction."),
        "stability": number("PSI", format="%.3f", help="Population stability index."),
        "missing_reference": percent("Missing, reference", format="percent"),
        "missing_current": percent("Missing, current", format="percent"),
        "out_of_range": percent("Out of range", format="percent",
                                help="Share of current values outside the range of training."),
        "new_categories": "New categories",
        "n_current": number("Values", format="localized"),
    }  # fmt: skip
    frame_table(frame, columns, key="drift_table", height=420 if len(frame) > 11 else "content")
    download_csv("Download", view.report.frame, "drift.csv", key="drift_csv")


def close_up(view: View) -> Feature:
    """One feature, chosen here (`?feature=`): reference against current."""
    st.subheader("One feature")
    features = view.features
    titles = {name: feature.title for name, feature in features.items()}
    key = f"drift_feature_{view.version.id}"
    feature = features[links.choose("Feature", list(features), key, "feature", titles=titles)]
    messages = view.report.frame.set_index("feature")["message"]
    st.markdown(plain(str(messages[feature.name])))
    _distribution(view, feature, f"drift_shape_{feature.name}")
    return feature


def answers(view: View) -> None:
    """The version's own answers, reference against current."""
    outputs = report.outputs_of(readers.signature(view.version))
    messages = view.report.prediction.set_index("feature")["message"]
    for slot, output in zip(st.columns(2), outputs, strict=False):
        with slot:
            message = str(messages.get(output.name, ""))
            st.markdown(plain(message.replace(f"`{output.name}`", f"**{output.title}**")))
            _distribution(view, output, f"drift_answer_{output.name}")


def _distribution(view: View, feature: Feature, key: str) -> None:
    numeric = feature.is_numeric
    make = distributions.histogram if numeric else distributions.categories
    frame = make(feature, view.reference, view.current)
    if frame.empty:
        st.caption("There are no values to draw on one of the two sides.")
        return
    rows = frame.groupby("side")["n"].sum()
    notes = {
        side: f"{side}: {count(int(rows[side]), 'value')}" for side in ("reference", "current")
    }
    title, colours = feature.title, palette()
    if numeric:
        is_whole = bool(
            frame["lower"].mod(1).eq(0.5).all() and len(frame) <= 2 * distributions.BINS
        )
        chart = charts.histogram(frame, title, notes, colours, is_whole)
    else:
        chart = charts.categories(frame, title, notes, colours)
    what = f"Values of {title}, reference against current, as shares in the same bins."
    st.altair_chart(chart, key=key, alt=what)


def over_time(view: View, feature: Feature) -> None:
    """A feature's course through the window, with what it was in the reference."""
    st.subheader(f"{plain(feature.title)} over time")
    if feature.is_numeric:
        frame = distributions.number_over_time(feature, view.reference, view.current, view.window)
        middle = distributions.level(feature, view.reference)
        chart = charts.number_over_time(frame, feature.title, middle, palette())
    else:
        frame = distributions.category_over_time(feature, view.reference, view.current, view.window)
        chart = charts.category_over_time(frame, feature.title, palette())
    if frame.empty:
        st.caption("No stretch of the window holds five values; choose a longer window.")
        return
    st.altair_chart(chart, key=f"drift_time_{feature.name}", alt=f"{feature.title} over time.")
    what = "Share of values"
    if feature.is_numeric:
        coarse = distributions.is_coarse(feature, view.reference)
        band = "Mean, with its 95 % interval shaded" if coarse else "Median, with the middle 80 %"
        what = band if coarse else f"{band} shaded"
    st.caption(f"{what}, in {frame['at'].nunique()} stretches of the window.")
