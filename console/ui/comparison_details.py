"""What lies behind a comparison: where two versions disagree, calibration, thresholds, speed."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from console.charts import comparison as charts
from console.comparison import Comparison
from console.comparison.curves import Costs, costs
from console.comparison.speed import Speed
from console.ui import comparison_data as data
from console.ui import links, readers
from console.ui.boundary import boundary, guarded, plain
from console.ui.comparison_view import identity, name_of, records, unlike
from console.ui.drawing import Drawing, draw
from console.ui.format import count, number
from console.ui.resources import palette
from console.ui.tables import frame_table

FIGURES = {
    "cost": "Cost",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "flagged": "Share flagged",
}
Section = tuple[str, Callable[[Comparison], None]]
RATIOS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""What a miss may cost, in false alarms."""


def sections(found: Comparison) -> None:
    """The sections that there are for the task, two beside each other."""
    speed: list[Section] = [("Speed and size", _speed)]
    last: list[Section] = [("What differs", lambda found: unlike(found.a, found.b))]
    slots: list[list[Section]] = [speed, last]
    if not found.thresholds.empty:  # which is long, so that both find room beside it
        slots = [[("Thresholds and costs", _thresholds)], [*speed, *last]]
    if found.agreement is not None:
        slots = [[("Where they disagree", _disagree)], [("Calibration", _calibration)], *slots]
    for first in range(0, len(slots), 2):
        for place, slot in zip(st.columns(2, gap="large"), slots[first : first + 2], strict=True):
            with place:
                for title, draw_it in slot:
                    st.subheader(title)
                    draw_it(found)


def _disagree(found: Comparison) -> None:
    """Who alone is right, and the rows that the two label differently."""
    if found.mcnemar is not None:
        st.markdown(found.mcnemar.message)
    if found.flips.empty:
        st.caption(f"They give all {count(found.n, 'row')} the same label.")
        return
    a, b = name_of(found, "a"), name_of(found, "b")
    whole = st.column_config.NumberColumn
    columns = {
        "label_a": f"{a} answers",
        "label_b": f"{b} answers",
        "n": whole("Rows", format="localized"),
        "a_right": whole(f"{a} right", format="localized"),
        "b_right": whole(f"{b} right", format="localized"),
    }
    frame_table(found.flips, columns, key="compare_flips")
    st.caption("The p-value is of McNemar's exact test, over the rows that one alone has right.")


def _calibration(found: Comparison) -> None:
    signature = readers.signature(found.b)
    of = str(signature.positive) if found.b.task == "binary" else "the answer"
    draw(
        ("calibration", *identity(found)),
        lambda: Drawing(
            charts.calibration(found.calibration, of, _names(found), palette()),
            f"{count(found.n, 'row')} in ten bins of scores, with Wilson's 95 % intervals; on the"
            " straight line what is foretold comes true as often.",
        ),
        key="compare_calibration",
        alt="How often what each version foretold came true, by its score.",
    )


def _thresholds(found: Comparison) -> None:
    # A fragment, so that moving the slider draws nothing else again.
    st.fragment(guarded(_by_threshold))(found)


def _by_threshold(found: Comparison) -> None:
    chosen = str(
        st.segmented_control(
            "Figure",
            list(FIGURES),
            default="cost",
            key="compare_figure",
            format_func=FIGURES.__getitem__,
            required=True,
            label_visibility="collapsed",
        )
    )
    if chosen == "cost":
        _costs(found)
        return
    frame = found.thresholds
    draw(
        ("threshold", chosen, *identity(found)),
        lambda: Drawing(
            charts.by_threshold(
                frame, chosen, FIGURES[chosen], _names(found), _at_half(frame), 1.0, palette()
            )
        ),
        key=f"compare_threshold_{chosen}",
        alt=f"{FIGURES[chosen]} of both versions by threshold.",
    )
    st.caption(
        "Rows whose score is at least the threshold are flagged; at 0.5 those that the version"
        " answers with the positive label."
    )


def _costs(found: Comparison) -> None:
    ratio = _pick_ratio()
    made = costs(found.thresholds, 1.0, ratio)
    best = made.best.set_index("side")
    said = [
        f"{name_of(found, side)} costs **{best.loc[side, 'cost_at_half']:.3f}** false alarms a row"
        f" as it answers, {best.loc[side, 'cost']:.3f} at its best threshold,"
        f" {best.loc[side, 'threshold']:.2f}."
        for side in ("a", "b")
    ]
    st.markdown("  \n".join(said))
    draw(
        ("costs", ratio, *identity(found)),
        lambda: _cost_chart(found, made),
        key="compare_costs",
        alt="What a row costs on average with each version, by threshold.",
    )


def _pick_ratio() -> float:
    asked = st.query_params.get("cost", "1")
    first = next((ratio for ratio in RATIOS if f"{ratio:g}" == asked), 1.0)
    chosen = float(
        st.select_slider(
            "A miss costs as much as … false alarms",
            RATIOS,
            first,
            key="compare_cost",
            format_func=lambda ratio: f"{ratio:g}",
        )
    )
    links.put("cost", None if chosen == 1 else f"{chosen:g}")
    return chosen


def _cost_chart(found: Comparison, made: Costs) -> Drawing:
    # At the ends nearly all rows get one label, which costs so much that little else would show.
    inner = made.frame[made.frame["threshold"].between(0.05, 0.95)]
    top = 1.15 * max(float(inner["cost"].max()), 1e-9)
    return Drawing(
        charts.by_threshold(
            made.frame,
            "cost",
            "Mean cost of a row, in false alarms",
            _names(found),
            made.best,
            top,
            palette(),
        ),
        f"Marked: the least cost. With scores that are probabilities it is at {made.advised:.2f}"
        " (Elkan 2001). The best threshold is chosen on the rows it is judged on, which flatters"
        " it a little.",
    )


def _speed(found: Comparison) -> None:
    with boundary():
        a, b = (Speed(**row) for row in records(data.speeds(found).drop(columns="side")))
        lines = [
            ("Engine", a.engine, b.engine, ""),
            _line("One row", a.single_ms, b.single_ms, "ms"),
            _line(
                f"Each of {count(a.batch_rows, 'row')} at once",
                a.batch_us_per_row,
                b.batch_us_per_row,
                "µs",
            ),
            _line("Files to load", a.size_bytes / 1e3, b.size_bytes / 1e3, "kB"),
        ]
        frame = pd.DataFrame(lines, columns=["what", "a", "b", "ratio"])
        columns = {
            "what": "",
            "a": st.column_config.TextColumn(name_of(found, "a"), alignment="right"),
            "b": st.column_config.TextColumn(name_of(found, "b"), alignment="right"),
            "ratio": st.column_config.TextColumn("b / a", alignment="right", width="small"),
        }
        frame_table(frame, columns, key="compare_speed", height="content")
        st.caption(
            "Medians on this machine, measured when the page was first opened; reading a request,"
            " waiting for others and logging are not in them."
        )


def _line(title: str, a: float, b: float, unit: str) -> tuple[str, str, str, str]:
    ratio = f"{number(b / a, 2)} ×" if a > 0 else ""
    return title, f"{number(a, 3)} {unit}", f"{number(b, 3)} {unit}", ratio


def _names(found: Comparison) -> tuple[str, str]:
    return plain(name_of(found, "a")), plain(name_of(found, "b"))


def _at_half(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["threshold"] - 0.5).abs() < 1e-9]
