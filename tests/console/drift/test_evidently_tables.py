"""The tables that Evidently is given: what callers wrote in them can do no harm there."""

import numpy as np
import pandas as pd
import pytest

from backend.versions.features import Feature
from console.drift.evidently.tables import OTHER, SAMPLE, free_name, harmless, tables


def test_a_text_can_neither_end_a_script_nor_begin_an_element() -> None:
    assert harmless("</script><script>alert(1)</script>") == "‹/script›‹script›alert(1)‹/script›"
    assert harmless("javascript:alert(1)") == "javascript:alert(1)"


def test_a_long_text_is_cut() -> None:
    assert harmless("a" * 200) == "a" * 200
    assert harmless("a" * 201) == "a" * 199 + "…"


def test_names_that_look_alike_stay_apart() -> None:
    taken: list[str] = []
    for name in ("<a>", "‹a›", "a", "<a>"):
        taken.append(free_name(name, taken))
    assert taken == ["‹a›", "‹a› (2)", "a", "‹a› (3)"]


def test_features_of_one_display_name_keep_a_column_each() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    features = [
        Feature("a", "number", display_name="Size"),
        Feature("b", "number", display_name="Size"),
    ]
    made = tables(frame, frame, features)
    assert made.names == made.numeric == ["Size", "Size (2)"]
    assert made.reference["Size (2)"].tolist() == [3.0, 4.0]


def test_only_a_sample_of_a_large_table_is_used() -> None:
    frame = pd.DataFrame({"size": np.arange(SAMPLE + 5.0)})
    made = tables(frame, frame, [Feature("size", "number")])
    assert len(made.reference) == len(made.current) == SAMPLE
    assert made.current["size"].is_unique
    assert made.current["size"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("reference", "current", "sentence"),
    [
        ([1.0], [np.nan], "It has no values in the window."),
        ([np.nan], [1.0], "It has no values in the reference."),
        ([None], [None], "It has no values in the reference and in the window."),
    ],
)
def test_a_column_without_values_is_named(
    reference: list[float], current: list[float], sentence: str
) -> None:
    feature = Feature("size", "number")
    made = tables(pd.DataFrame({"size": reference}), pd.DataFrame({"size": current}), [feature])
    assert made.empty == {"size": sentence}
    assert made.names == ["size"]


def test_a_thousand_values_stand_for_themselves() -> None:
    frame = pd.DataFrame({"shop": [f"s{i}" for i in range(1_000)]})
    made = tables(frame, frame, [Feature("shop", "category")])
    assert made.pooled == {}
    assert made.current["shop"].nunique() == 1_000


def test_of_more_values_the_rarest_are_counted_as_one() -> None:
    reference = pd.DataFrame({"shop": ["often"] * 50 + [f"s{i}" for i in range(900)]})
    current = pd.DataFrame({"shop": ["often"] * 50 + [None] + [f"t{i}" for i in range(900)]})
    made = tables(reference, current, [Feature("shop", "category")])
    assert made.pooled == {
        "shop": "Of its 1,801 different values the 802 rarest are counted as one."
    }
    both = pd.concat([made.reference["shop"], made.current["shop"]])
    assert both.nunique() == 1_000
    assert (both == OTHER).sum() == 802
    assert (made.current["shop"] == "often").sum() == 50
    assert made.current["shop"].isna().sum() == 1
