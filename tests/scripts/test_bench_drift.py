"""The benchmark of drift on a small log: what it builds is judged, and its table says so."""

from pathlib import Path

import pytest

from console.windows import DAY
from scripts.bench_drift import parts
from scripts.bench_drift.build import build
from scripts.bench_drift.table import text

ROWS = 30_000


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> parts.Opened:
    """A log of thirty days with a drift in its last two."""
    folder = tmp_path_factory.mktemp("bench") / "log"
    build(folder, ROWS)
    return parts.Opened(folder)


def test_each_part_measures_the_log_and_has_its_rows_in_the_table(opened: parts.Opened) -> None:
    figures = {
        "derive": parts.derive(opened),
        "reading": parts.reading(opened),
        "exactness": parts.exactness(opened),
    }
    assert figures["derive"]["rows"] == ROWS
    whole, late = figures["exactness"]["30"], figures["exactness"]["2"]
    assert whole["rows"] == ROWS
    assert late["rows"] == pytest.approx(ROWS * 2 / 30, abs=50)
    assert late["drifted"] >= 2
    for found in (whole, late):
        assert found["same_rows"]
        # Pages judge so few rows by themselves; of millions the errors are under 0.002.
        assert found["effect"] < 0.004
        assert found["statistic"] < 0.004
        assert found["statuses"] == 0
    page = text(figures, "a machine", ROWS, 12_000_000)
    assert "Drift over 30,000 logged predictions" in page
    assert page.count("verdicts that differ | 0 | 0 |") == 2
    assert "Evidently:" not in page  # not measured, so not in the table


def test_a_log_that_is_there_is_used_again_and_half_a_one_is_not(
    opened: parts.Opened, tmp_path: Path
) -> None:
    data = opened.settings.data_dir
    assert build(data, ROWS).database_url == opened.settings.database_url
    assert opened.newest(30 * DAY).end > opened.newest(DAY).start
    half = tmp_path / "half"
    half.mkdir()
    with pytest.raises(SystemExit, match="remove it and start again"):
        build(half, ROWS)
