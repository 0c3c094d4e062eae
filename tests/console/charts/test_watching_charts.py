"""The chart of evidence is valid Vega-Lite, with and without a beginning."""

import pandas as pd
import pytest

from console.charts import watching
from console.charts.base import DARK, LIGHT

FRAME = pd.DataFrame(
    {
        "at": pd.date_range("2024-03-01", periods=3, freq="h", tz="UTC"),
        "n": [200, 200, 180],
        "log_evidence": [-3.0, 4.0, 700.0],
        "title": ["Age", "Age", "Income"],
    }
)


def test_evidence_is_a_share_of_the_way_to_an_alarm_and_stays_on_the_chart() -> None:
    drawn = watching.evidence(FRAME, 8.0, FRAME["at"].iloc[1], LIGHT).to_dict()
    [rows] = [rows for rows in drawn["datasets"].values() if "share" in rows[0]]
    assert [row["share"] for row in rows] == [0.0, 0.5, watching.TOP]
    y = drawn["layer"][0]["encoding"]["y"]
    assert y["scale"]["domain"] == [0, pytest.approx(watching.TOP * 1.05)]
    assert "began to grow" in str(drawn["datasets"])


def test_a_quiet_course_has_the_alarms_level_and_no_beginning() -> None:
    drawn = watching.evidence(FRAME.head(2), 8.0, None, DARK).to_dict()
    assert "began to grow" not in str(drawn["datasets"])
    assert "'alarm'" in str(drawn["datasets"])
