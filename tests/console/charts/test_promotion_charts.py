"""The chart of a model's champions: its parts, their ends, one colour a version."""

from typing import Any

import pandas as pd
import pytest

from console.charts import promotion
from console.charts.base import DARK, LIGHT, Palette

HOUR = pd.Timedelta(hours=1)
START = pd.Timestamp("2026-03-01", tz="UTC")
ENDS = (int(START.timestamp() * 1e3), int((START + 4 * HOUR).timestamp() * 1e3))


@pytest.fixture
def stretches() -> pd.DataFrame:
    """Version 1, then version 10, then version 1 again, of which nothing is known yet."""
    return pd.DataFrame(
        {
            "series": ["version 1", "version 10", "version 1"],
            "label": ["version 1", "version 10", ""],
            "start": [START, START + HOUR, START + 3 * HOUR],
            "until": [START + HOUR, START + 3 * HOUR, START + 4 * HOUR],
            "by": ["ana", "ana, approved by ben", "ben"],
            "reason": ["first", "better", "it was not"],
            "value": [0.9, 0.95, float("nan")],
            "low": [0.85, 0.9, float("nan")],
            "high": [0.94, 0.98, float("nan")],
            "n": [100, 100, 0],
        }
    )


@pytest.fixture
def traffic() -> pd.DataFrame:
    """Two bars; one of them has refused requests."""
    return pd.DataFrame(
        {
            "at": [START, START + HOUR, START + HOUR],
            "until": [START + HOUR, START + 2 * HOUR, START + 2 * HOUR],
            "series": ["version 1", "version 10", "refused"],
            "count": [5, 3, 1],
            "low": [0, 0, 3],
            "high": [5, 3, 4],
        }
    )


def layers(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every layer that draws."""
    found: list[dict[str, Any]] = []
    for layer in document["layer"]:
        found += layers(layer) if "layer" in layer else [layer]
    return found


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_version_has_one_colour_in_all_parts(
    stretches: pd.DataFrame, traffic: pd.DataFrame, palette: Palette
) -> None:
    made = promotion.timeline(stretches, traffic, ENDS, ("Accuracy", True), palette).to_dict()

    scales = [
        layer["encoding"]["color"]["scale"]
        for layer in layers(made)
        if "color" in layer["encoding"]
    ]
    assert len(scales) == 4
    assert all(scale == scales[0] for scale in scales)
    assert scales[0]["domain"] == ["version 1", "version 10", "refused"]
    assert len(set(scales[0]["range"])) == 3


def test_all_parts_span_the_same_time(stretches: pd.DataFrame, traffic: pd.DataFrame) -> None:
    made = promotion.timeline(stretches, traffic, ENDS, ("Accuracy", True), LIGHT).to_dict()

    for layer in layers(made):
        assert layer["encoding"]["x"]["scale"]["domain"] == list(ENDS)


def test_performance_is_drawn_where_it_is_known(
    stretches: pd.DataFrame, traffic: pd.DataFrame
) -> None:
    made = promotion.timeline(stretches, traffic, ENDS, ("Accuracy", True), LIGHT).to_dict()
    without = promotion.timeline(stretches, traffic, ENDS, None, LIGHT).to_dict()

    rows = made["datasets"][made["layer"][-1]["data"]["name"]]
    line = made["layer"][-1]["layer"][-1]
    assert [row["value"] for row in rows] == [0.9, 0.95]
    assert line["encoding"]["y"]["axis"]["title"] == "Accuracy"
    assert made["height"] > without["height"]
    fields = [layer["encoding"].get("y", {}).get("field") for layer in layers(without)]
    assert "value" not in fields


def test_without_any_traffic_the_champions_stand_alone(stretches: pd.DataFrame) -> None:
    nothing = pd.DataFrame({name: [] for name in ("at", "until", "series", "count", "low", "high")})

    made = promotion.timeline(stretches, nothing, ENDS, None, LIGHT).to_dict()

    assert len(layers(made)) == 2

    [scale] = {str(layer["encoding"]["color"]["scale"]["domain"]) for layer in layers(made)
               if "color" in layer["encoding"]}  # fmt: skip
    assert scale == "['version 1', 'version 10']"
