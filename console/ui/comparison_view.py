"""Two versions compared, drawn: the verdict, the metrics, what differs in them and in answers."""

import re

import streamlit as st

from backend.records.registry import Version
from console.charts import comparison as charts
from console.comparison import Comparison
from console.comparison import compare as compare_versions
from console.ui import navigation, readers
from console.ui.boundary import plain
from console.ui.drawing import Drawing, draw
from console.ui.format import count, number, percent, words
from console.ui.guards import empty_state
from console.ui.pickers import pick_version
from console.ui.resources import database, palette, store
from console.ui.tables import frame_table


def pick_two(model: str) -> tuple[Version, Version]:
    """Two different versions (`?a=&b=`), by default the champion and the newest other one.

    Stops the page where there are not two.
    """
    found = readers.versions(model)
    if len(found) < 2:
        empty_state(
            f"`{model}` has {count(len(found), 'version')}",
            "A comparison needs two. Train and register another one, on the same data.",
            "train",
            "Train a version",
            {"model": model},
        )
        st.stop()
    left, right = st.columns(2)
    with left:
        a = pick_version("compare_a", model, label="Version a", param="a")
    newest = next(version.number for version in found if version.number != a.number)
    with right:
        b = pick_version("compare_b", model, label="Version b", param="b", default=newest)
    if a.number == b.number:
        st.info(f"Both are version {a.number}. Choose two different versions.")
        st.stop()
    return a, b


@st.cache_data(max_entries=32, ttl=3_600, show_spinner="Answering the held-out rows …")
def _compared(a_id: int, b_id: int, _a: Version, _b: Version) -> Comparison:  # noqa: ARG001  # key
    return compare_versions(database(), _a, _b, store())


def compare(a: Version, b: Version) -> Comparison:
    """The comparison of two versions, which never changes; kept for an hour.

    Raises:
        Unusable: they have different tasks, or share no rows that both can answer.
        ArtefactDamaged: a version's files are missing or altered.
    """
    return _compared(a.id, b.id, a, b)


def verdict(found: Comparison) -> None:
    """How many metrics speak for which version, on which rows, and the way on."""
    a, b = found.a.number, found.b.number
    with st.container(border=True):
        st.markdown(f"**{summary(found)}**")
        agree = ""
        if found.agreement is not None:
            agree = f" They give the same label to {percent(found.agreement)} of them."
        st.caption(
            f"Both answered the same {count(found.n, 'held-out row')}.{agree} Intervals are 95 %,"
            " from 1,000 paired resamples of those rows."
        )
        if found.warning:
            st.warning(plain(found.warning), icon=":material/warning:")
        query = {"model": found.b.model}
        with st.container(horizontal=True):
            for number_, aliases in ((a, found.a.aliases), (b, found.b.aliases)):
                if "champion" not in aliases:
                    navigation.link(
                        "promote", f"Promote version {number_}", query | {"version": str(number_)}
                    )


def summary(found: Comparison) -> str:
    """The verdict on all metrics as a sentence."""
    better = found.frame["better"].value_counts()
    for_a, for_b = int(better.get("a", 0)), int(better.get("b", 0))
    n = len(found.frame)
    if not for_a and not for_b:
        return f"No clear difference in any of {count(n, 'metric')}."
    parts = [
        f"version {version.number} is clearly better in {wins} of {count(n, 'metric')}"
        for version, wins in ((found.b, for_b), (found.a, for_a))
        if wins
    ]
    rest = n - for_a - for_b
    text = "; ".join(parts) + (f"; {rest} {'is' if rest == 1 else 'are'} unclear" if rest else "")
    return f"{text[0].upper()}{text[1:]}."


def metrics(found: Comparison) -> None:
    """Each metric of both, with the difference, its interval and a word."""
    names = {"a": f"Version {found.a.number}", "b": f"Version {found.b.number}"}
    shown = found.frame.assign(
        a=found.frame["a"].map(number),
        b=found.frame["b"].map(number),
        difference=[_signed(value) for value in found.frame["difference"]],
        interval=[
            f"{_signed(low)} to {_signed(high)}"
            for low, high in zip(found.frame["low"], found.frame["high"], strict=True)
        ],
        verdict=[
            "unclear" if better == "unclear" else f"{names[better].lower()} is better"
            for better in found.frame["better"]
        ],
    )
    columns = {
        "title": "Metric",
        "a": names["a"],
        "b": names["b"],
        "difference": "Difference (b − a)",
        "interval": "95 % interval",
        "verdict": "Verdict",
    }
    frame_table(shown, columns, key="compare_metrics")


def intervals(found: Comparison) -> None:
    """The differences with their intervals, one scale a metric."""
    for row in found.frame.to_dict("records"):
        metric = str(row["metric"])
        draw(
            ("interval", found.a.id, found.b.id, metric),
            lambda name=metric: _interval(found, name),  # type: ignore[misc]  # bound per metric
            key=f"compare_interval_{metric}",
            alt=f"{row['title']}: {row['label']}",
        )
    st.caption(
        f"Right of zero version {found.b.number} has the higher value; for a loss or an error,"
        " lower is better, and the sentence says who is."
    )


def unlike(found: Comparison) -> None:
    """What is not the same in the two versions, and only that."""
    if found.differences.empty:
        st.caption("Algorithm, parameters, features, data and libraries are the same in both.")
        return
    shown = found.differences.assign(
        what=found.differences["what"].str.capitalize(),
        name=found.differences["name"].map(words),
        a=found.differences["a"].map(_short),
        b=found.differences["b"].map(_short),
    )
    columns = {
        "what": st.column_config.TextColumn("What", width="small"),
        "name": "Name",
        "a": f"Version {found.a.number}",
        "b": f"Version {found.b.number}",
    }
    frame_table(shown, columns, key="compare_differences")


def flips(found: Comparison) -> None:
    """The rows that the two label differently; nothing for a regression."""
    if found.agreement is None:
        return
    st.subheader("Where they disagree")
    if found.flips.empty:
        st.caption(f"Nowhere: they give all {count(found.n, 'row')} the same label.")
        return
    a, b = f"version {found.a.number}", f"version {found.b.number}"
    columns = {
        "label_a": f"Label of {a}",
        "label_b": f"Label of {b}",
        "n": st.column_config.NumberColumn("Rows", format="localized"),
        "a_right": st.column_config.NumberColumn(f"{a.capitalize()} right", format="localized"),
        "b_right": st.column_config.NumberColumn(f"{b.capitalize()} right", format="localized"),
    }
    frame_table(found.flips, columns, key="compare_flips")


def _interval(found: Comparison, metric: str) -> Drawing:
    frame = found.frame[found.frame["metric"] == metric]
    reach = float(frame[["low", "high", "difference"]].abs().to_numpy().max())
    return Drawing(charts.interval(frame, 1.15 * max(reach, 1e-9), palette()))


def _signed(value: float) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + number(abs(value), 3)


def _short(text: str) -> str:
    """A sha256 by its first characters, which tell two apart; other texts as they are."""
    return f"{text[:12]}…" if re.fullmatch("[0-9a-f]{64}", text) else text
