"""Charts: the colours of the theme, units on axes, nothing computed."""

import tomllib
from dataclasses import fields

import pandas as pd
import pytest

from backend.settings import ROOT
from console.charts import base, predictions, what_if
from console.charts.base import DARK, LIGHT, Palette

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
PALETTES = {"light": LIGHT, "dark": DARK}


@pytest.mark.parametrize("name", PALETTES)
def test_charts_have_the_colours_of_the_theme(name: str) -> None:
    theme, palette = THEME[name], PALETTES[name]

    assert list(palette.series) == theme["chartCategoricalColors"]
    assert palette.ink == theme["textColor"]
    assert palette.grid == theme["dataframeBorderColor"]
    assert palette.current == palette.series[0]


@pytest.mark.parametrize("name", PALETTES)
def test_what_differs_in_meaning_differs_in_colour(name: str) -> None:
    palette = PALETTES[name]
    meanings = [palette.reference, palette.current, palette.alert]

    assert len(set(meanings)) == 3
    assert all(getattr(palette, field.name) for field in fields(Palette))


def test_traffic_keeps_a_version_blue_whatever_else_is_drawn() -> None:
    alone = predictions.series_colours(["version 1"], LIGHT)
    among = predictions.series_colours(["failed", "refused", "version 1", "version 2"], LIGHT)

    assert alone["version 1"] == among["version 1"] == LIGHT.current
    assert among["failed"] == LIGHT.alert
    assert len(set(among.values())) == 4


def test_the_traffic_chart_spans_the_window_and_stacks_from_the_frame() -> None:
    times = pd.to_datetime([0, 3_600_000_000], unit="us", utc=True)
    frame = pd.DataFrame(
        {"at": times[:1], "until": times[1:], "series": ["version 1"], "count": [3]}
    ).assign(low=0, high=3)
    moves = pd.DataFrame({"at": times[:1], "label": ["version 1 answers"], "late": [False]})

    bars = predictions.traffic(frame, moves, (0, 7_200_000), LIGHT).to_dict()["layer"][0]

    assert bars["encoding"]["x"]["scale"]["domain"] == [0, 7_200_000]
    assert (bars["encoding"]["y"]["field"], bars["encoding"]["y2"]["field"]) == ("low", "high")


@pytest.mark.parametrize(
    ("values", "kind"), [([1.0, 2.0], "quantitative"), (["a", "b"], "nominal")]
)
def test_a_curve_says_what_it_draws_and_marks_where_the_row_is(
    values: list[object], kind: str
) -> None:
    frame = pd.DataFrame(
        {"input": values, "answer": [0.2, 0.9], "decision": ["no", "yes"], "is_now": [True, False]}
    )

    layers = what_if.curve(frame, "Age (years)", "Probability of yes", DARK, share=True).to_dict()
    line = layers["layer"][0]["encoding"]

    assert line["x"]["type"] == kind
    assert line["x"]["axis"]["title"] == "Age (years)"
    assert line["y"]["axis"]["title"] == "Probability of yes"
    assert line["y"]["scale"]["domain"] == [0, 1]
    assert layers["layer"][1]["mark"]["color"] == DARK.alert


def test_probabilities_are_drawn_in_the_frames_order() -> None:
    frame = pd.DataFrame({"label": ["b", "a"], "probability": [0.7, 0.3], "chosen": [True, False]})

    bars = what_if.probabilities(frame, LIGHT).to_dict()["layer"][0]

    assert bars["encoding"]["y"]["sort"] is None


def test_an_axis_names_its_unit() -> None:
    assert base.axis("Latency", "ms").to_dict()["title"] == "Latency (ms)"
