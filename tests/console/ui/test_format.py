"""Numbers as people read them."""

import pytest

from console.ui import count, duration, number, percent, plain
from console.ui.format import chance


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0, "0"),
        (1234567, "1,234,567"),
        (1234.5678, "1,235"),
        (0.123456, "0.1235"),
        (12.5, "12.5"),
        (-3.14159, "-3.142"),
        (0.0000012345, "1.23e-06"),
        (100.0, "100"),
    ],
)
def test_a_number_has_four_figures_and_no_idle_ones(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_share_is_a_percentage() -> None:
    assert percent(0.1234) == "12.3 %"
    assert percent(1, 0) == "100 %"
    assert percent(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.84, "0.8 s"), (42.2, "42 s"), (185, "3 min 5 s"), (7_800, "2 h 10 min")],
)
def test_a_duration_has_at_most_two_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_one_is_not_several() -> None:
    assert count(1, "row") == "1 row"
    assert count(2_000, "reply", "replies") == "2,000 replies"


def test_a_picture_in_a_callers_value_is_not_fetched() -> None:
    assert "![" not in plain("Feature `x` is `![](http://example.org/spy.png)`.")


@pytest.mark.parametrize(
    ("p", "text"), [(0.04999, "0.050"), (0.001, "0.001"), (1e-300, "< 0.001"), (None, "–")]
)
def test_a_p_value_has_three_decimals_and_is_never_zero(p: float | None, text: str) -> None:
    assert chance(p) == text
