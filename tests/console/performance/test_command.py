"""`performance` from a shell: its stable document and its table."""

from collections.abc import Callable

from backend.records import predictions
from backend.records.database import Database
from backend.records.predictions import Truth, text_of
from backend.records.registry import Version
from tests.console.commands.conftest import Shell, shell
from tests.console.log_rows import NOON, row

__all__ = ["shell"]

HOUR = 3_600_000_000
WINDOW = ("--from", "2011-04-01T12:00Z", "--to", "2011-04-02T12:00Z")


def log(database: Database, version: Version, known: int, n: int) -> None:
    """Rows answered with 100, the first ones with a truth that is 20 more, an hour later."""
    rows = [
        row(version, NOON + i * HOUR // 60, label=None, score=None, value=100.0) for i in range(n)
    ]
    predictions.append(database, rows)
    told = [Truth(text_of(one.prediction_id), None, 120.0, one.at + HOUR) for one in rows[:known]]
    predictions.append_feedback(database, version.model, told)


def test_realized_and_estimated_figures_as_a_document(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    log(database, registered("diabetes"), 50, 80)
    found = shell("performance", "diabetes", *WINDOW, "--json").document
    assert {
        "model", "version", "task", "from", "to", "status", "message", "answered", "known",
        "coverage", "expected", "realized", "estimated", "method", "assumption", "maturity",
        "split", "record", "over_time", "sampled", "notes",
    } == set(found)  # fmt: skip
    assert (found["model"], found["version"], found["task"]) == ("diabetes", 1, "regression")
    assert (found["from"], found["to"]) == ("2011-04-01T12:00:00Z", "2011-04-02T12:00:00Z")
    assert (found["answered"], found["known"], found["coverage"]) == (80, 50, 0.625)
    mae = found["realized"][0]
    assert mae == {
        "name": "mae",
        "title": "Mean absolute error",
        "unit": "target",
        "status": "ok",
        "value": 20.0,
        "n": 50,
        "interval": [20.0, 20.0],
        "coverage": 0.625,
        "message": "",
    }
    estimate = found["estimated"][0]
    assert set(estimate) == {
        "name", "title", "unit", "status", "value", "n", "band", "message",
    }  # fmt: skip
    assert found["method"] == "DLE"
    assert found["assumption"]["status"] in ("holds", "broken", "untested")
    assert found["maturity"]["median_hours"] == 1.0
    assert found["split"]["metric"] == "mae"
    assert found["over_time"][0]["start"] == "2011-04-01T12:00:00Z"


def test_a_table_with_the_verdict_before_it(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    log(database, registered("diabetes"), 50, 80)
    ran = shell("performance", "diabetes", *WINDOW)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith(
        "`diabetes` version 1, 2011-04-01T12:00:00Z to 2011-04-02T12:00:00Z: "
    )
    assert lines[2].split()[:4] == ["METRIC", "HELD", "OUT", "N"]
    assert lines[3].split()[0] == "mae"
    assert "Truth is known for 50 of 80 answered rows (62.5 %)." in lines


def test_a_model_that_answered_nothing_is_told_so(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    found = shell("performance", "iris", "--json").document
    assert (found["status"], found["coverage"], found["over_time"]) == ("unknown", None, [])
    assert shell("performance", "iris").code == 0


def test_an_unknown_model_or_version_is_refused(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    assert shell("performance", "nothing").err.startswith("There is no model `nothing`.")
    assert shell("performance", "iris", "--version", 7).code == 1
