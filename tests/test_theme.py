"""Streamlit takes every option of .streamlit/config.toml, and the theme can be read by everyone."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
THEMES = ("light", "dark")
NAMED = ("red", "orange", "yellow", "green", "blue", "violet", "gray")


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def theme(name: str) -> dict[str, Any]:
    values: dict[str, Any] = CONFIG["theme"][name]
    return values


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


def test_streamlit_knows_every_option() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "not a valid config option" not in shown.stdout + shown.stderr
    assert 'address = "127.0.0.1"' in shown.stdout.splitlines()
    assert "gatherUsageStats = false" in shown.stdout.splitlines()


def test_nothing_in_it_is_fetched_from_elsewhere() -> None:
    assert "://" not in (ROOT / ".streamlit" / "config.toml").read_text()


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read(name: str) -> None:
    colours = theme(name)
    background = colours["backgroundColor"]

    assert contrast(colours["textColor"], background) >= 7
    assert contrast(colours["textColor"], colours["secondaryBackgroundColor"]) >= 7
    assert contrast(colours["linkColor"], background) >= 4.5
    for colour in NAMED:
        own = colours[f"{colour}BackgroundColor"]
        assert contrast(colours[f"{colour}TextColor"], own) >= 4.5, colour


@pytest.mark.parametrize("name", THEMES)
def test_marks_and_controls_stand_out(name: str) -> None:
    colours = theme(name)
    background = colours["backgroundColor"]

    assert contrast(colours["primaryColor"], background) >= 4
    assert contrast("#FFFFFF", colours["primaryColor"]) >= 4  # a primary button's text is white
    for colour in [*colours["chartCategoricalColors"], *(colours[f"{n}Color"] for n in NAMED)]:
        assert contrast(colour, background) >= 3, colour


@pytest.mark.parametrize("name", THEMES)
def test_scales_have_the_ten_colours_that_streamlit_wants(name: str) -> None:
    colours = theme(name)

    assert len(colours["chartSequentialColors"]) == 10
    assert len(colours["chartDivergingColors"]) == 10
    lightness = [luminance(colour) for colour in colours["chartSequentialColors"]]
    assert lightness == sorted(lightness, reverse=name == "light"), "more is further from nothing"
