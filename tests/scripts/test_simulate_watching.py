"""The simulation of watching in small: what is run has its row in the page."""

from pathlib import Path
from typing import Any

import pytest

from scripts.simulate_watching import page
from scripts.simulate_watching.cells import Cell, cells


def test_every_function_that_is_simulated_has_its_line_in_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PATH", tmp_path / "watching.md")
    hour, day = ("hour", "daily", 0.5, 1), ("day", "weekly", 0.5, 4)
    found: dict[Cell, list[Any]] = {
        Cell("quiet", ("mixed", 300, 2), 3): [0, 2, 1],
        Cell("fixed", (300, 1), 2): [160, 168],
        Cell("verdicts", (300, 1), 2): [6, 0],
        Cell("delays", (300,), 2): [
            {"before": 0, "0.1": 12.0, "0.2": 4.0, "0.3": 2.0, "category": 3.0},
            {"before": 1, "0.1": float("nan"), "0.2": 6.0, "0.3": 2.0, "category": 5.0},
        ],
        Cell("cycled", hour, 2): [100, 120],
        Cell("cycled", day, 1): [Cell("cycled", day, 1).run(0)],
        Cell("is_seen", (0.2,), 1): [Cell("is_seen", (0.2,), 1).run(0)],
    }
    page.write(found, "a machine")
    text = (tmp_path / "watching.md").read_text()
    assert "| mixed | 300 | 2 | 3 | 2 | 1.00 | 2.58 |" in text
    assert "| 300 | 2 | 164.0 | 2 of 2 | 3.0 | 1 of 2 |" in text
    assert "| 300 | 2 | > 168 | 5, 6 | 2, 2 | 4, 5 | 1 / 2 / 2 / 2 |" in text
    assert "| daily cycle, amplitude 0.5 sd | hours | 1 | 2 | 110.00 | 2 |" in text
    assert "| weekends differ by 0.5 sd | days | 4 | 1 |" in text
    assert "| 0.2 | 1 | 100 % |" in text
    assert {cell.function for cell in found} == {cell.function for cell in cells()}
