"""The table of a drill: each fault against each monitor, once, with what came of it."""

from typing import Any

from console.charts import alerts as charts
from console.charts.base import DARK
from console.monitors import drilled

NAMES = ("Drift", "Missing", "Refused", "Performance")
DOCUMENT: dict[str, Any] = {
    "monitors": [{"monitor": name, "kind": name.lower()} for name in NAMES],
    "faults": [
        {
            "fault": "nulls",
            "title": "Age is missing in 30 % of requests",
            "noticed": [
                {"monitor": "Missing", "after_seconds": 5400, "after": "90 min", "message": "31 %."}
            ],
            "missed": ["Refused", "Performance"],
            "firing_anyway": ["Drift"],
        },
        {
            "fault": "stopped",
            "title": "Requests stop coming",
            "noticed": [],
            "missed": ["Missing", "Refused", "Performance"],
            "firing_anyway": ["Drift"],
        },
    ],
    "quiet": {"fired": [], "no_data": [{"monitor": "Performance"}]},
}


def test_every_fault_meets_every_monitor_in_the_drills_order() -> None:
    frame = drilled.matrix(DOCUMENT)

    assert list(frame.columns) == list(drilled.COLUMNS)
    assert frame["monitor"].tolist() == [*NAMES, *NAMES]
    nulls = frame[frame["fault"] == "nulls"].set_index("monitor")
    assert nulls["status"].to_dict() == {
        "Drift": "anyway",
        "Missing": "noticed",
        "Refused": "missed",
        "Performance": "no_data",
    }
    said = nulls.to_dict("index")["Missing"]
    assert (said["after_seconds"], said["text"], said["message"]) == (5400.0, "90 min", "31 %.")
    assert frame["after_seconds"].count() == 1


def test_the_chart_is_valid_and_has_a_word_for_every_status() -> None:
    frame = drilled.matrix(DOCUMENT)
    found = charts.matrix(frame, DARK).to_dict(validate=True)

    assert set(frame["status"]) == set(charts.WORDS)
    domain = found["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert domain == list(charts.WORDS.values())


def test_a_drill_without_monitors_is_an_empty_table() -> None:
    frame = drilled.matrix(DOCUMENT | {"monitors": []})

    assert frame.empty
    assert list(frame.columns) == list(drilled.COLUMNS)
