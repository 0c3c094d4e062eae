"""Evidence from a real log: what is read of it, how it goes on, what it says."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.records import predictions, stretches
from backend.records.database import Database, connect, migrate
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.watching import Evidence, evidence
from console.watching.stream import ROWS
from console.windows import DAY, HOUR, iso
from tests.conftest import Problem
from tests.console.log_rows import row

START = 1_300_000_000_000_000 // DAY * DAY
Registered = Callable[..., Version]


@pytest.fixture
def version(registered: Registered) -> Version:
    return registered("breast_cancer")


@pytest.fixture
def frame(problems: dict[str, Problem]) -> pd.DataFrame:
    return problems["breast_cancer"].frame


def logged(
    database: Database,
    version: Version,
    frame: pd.DataFrame,
    hours: range,
    *,
    per_hour: int = 40,
    seed: int = 0,
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table,
    source: str = "live",
) -> None:
    """Rows like the reference's, evenly over some hours from `START` on."""
    drawn = change(frame.sample(per_hour * len(hours), replace=True, random_state=seed))
    begin, length = START + hours.start * HOUR, len(hours) * HOUR
    at = begin + np.linspace(0, length, len(drawn), endpoint=False).astype(np.int64)
    texts = [json.dumps(values) for values in drawn.to_numpy().tolist()]
    rows = [
        row(version, int(time), features=text, source=source)
        for time, text in zip(at, texts, strict=True)
    ]
    for place in range(0, len(rows), 1_000):
        predictions.append(database, rows[place : place + 1_000])


def shifted(table: pd.DataFrame, deviations: float = 1.0) -> pd.DataFrame:
    name = "mean texture"
    return table.assign(**{name: table[name] + deviations * table[name].std()})


@pytest.fixture
def look(database: Database, version: Version, store: Store) -> Callable[..., Evidence]:
    def at(start_hour: int, end_hour: int, **more: object) -> Evidence:
        start, end = START + start_hour * HOUR, START + end_hour * HOUR
        return evidence(database, version, start, end, store, **more)  # type: ignore[arg-type]

    return at


def test_quiet_hours_are_quiet_and_a_shift_alarms_with_its_feature_and_its_beginning(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    logged(database, version, frame, range(48))
    quiet = look(0, 48, block="hour")
    assert quiet.status == "quiet"
    assert (len(quiet.frame), quiet.n_rows, quiet.n_reference) == (48, 48 * 40, 569)
    assert quiet.threshold == pytest.approx(np.log(12 * 168))
    assert quiet.message == (
        "All is quiet over 48 hours: no evidence of change is half of what an alarm takes. The"
        " budget is one false alarm in 12 weeks."
    )
    logged(database, version, frame, range(48, 60), seed=1, change=shifted)
    found = look(0, 60, block="hour")
    assert found.status == "alarm"
    assert found.leading == "mean texture"
    assert found.alarm_at is not None
    assert found.began_at is not None
    assert 48 < (found.alarm_at - START) / HOUR < 54
    assert 40 <= (found.began_at - START) / HOUR <= 50
    assert found.message.startswith(
        f"Alarm on {iso(found.alarm_at)}: `mean texture` has changed; the evidence began to grow"
    )
    over = found.frame[found.frame["log_evidence"] >= found.threshold]
    assert over["end"].tolist() == list(found.alarms)
    assert over["leading"].iloc[0] == "mean texture"


def test_going_on_from_the_state_gives_what_one_run_gives(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    # 12 rows an hour: three hours make a block, and the state ends before an open one.
    logged(database, version, frame, range(80), per_hour=12)
    whole = look(0, 80, block="auto")
    assert whole.block == "hour"
    parts, state = [], None
    for end in (5, 73, 74, 75, 80):
        found = look(0, end, block="auto", state=state)
        state = json.loads(json.dumps(found.state))
        parts.append(found.frame)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole.frame)
    assert state == json.loads(json.dumps(whole.state))
    assert (whole.frame["end"] - whole.frame["start"]).unique().tolist() == [3 * HOUR]
    assert whole.state["end"] == START + 78 * HOUR


def test_hours_or_days_are_chosen_on_three_whole_days(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    logged(database, version, frame, range(71))
    early = look(-48, 71)
    assert early.status == "not_enough_rows"
    assert early.message == (
        "Watching has not begun. Hours or days are chosen when there are 3 whole days to look for a"
        " daily cycle in; there are 2 so far. Choose hours or days to begin at once."
    )
    logged(database, version, frame, range(71, 72))
    assert look(-48, 72, state=early.state).block == "hour"


def test_a_daily_cycle_is_watched_by_whole_days(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    def cycled(table: pd.DataFrame) -> pd.DataFrame:
        angle = 2 * np.pi * np.arange(len(table)) / (24 * 40)
        column = table["mean radius"]
        return table.assign(**{"mean radius": column + column.std() * np.sin(angle)})

    logged(database, version, frame, range(4 * 24), change=cycled)
    found = look(0, 4 * 24)
    assert found.block == "day"
    assert found.reason == (
        "Blocks are whole days: the hour of the day shows in the rows, most in `mean radius`."
    )
    assert found.frame["n"].tolist() == [ROWS["day"]] * 4
    assert found.threshold == pytest.approx(np.log(12 * 7))


def test_few_rows_an_hour_are_watched_by_days_that_are_merged(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    logged(database, version, frame, range(7 * 24), per_hour=1)
    found = look(0, 7 * 24)
    assert (found.block, found.frame["n"].tolist()) == ("day", [48, 48, 48])
    assert found.state["end"] == START + 6 * DAY
    assert "too few rows an hour" in found.reason


def test_live_rows_alone_are_watched_if_asked_for(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    logged(database, version, frame, range(4), source="replay")
    assert look(0, 4, block="hour", source="live").status == "not_enough_rows"
    assert look(0, 4, block="hour", source="replay").n_rows == 160
    assert look(0, 4, block="hour").n_rows == 160


def test_a_state_of_another_version_is_not_gone_on_from(
    database: Database,
    version: Version,
    registered: Registered,
    frame: pd.DataFrame,
    store: Store,
    look: Callable[..., Evidence],
) -> None:
    logged(database, version, frame, range(6))
    state = look(0, 6, block="hour").state
    other = registered("breast_cancer")
    found = evidence(database, other, START, START + 6 * HOUR, store, block="hour", state=state)
    assert found.status == "not_enough_rows"
    assert look(0, 6, block="hour", state=state).frame.empty
    assert len(look(0, 6, block="day", state=state).frame) == 0
    assert len(look(0, 6, block="hour", state={**state, "form": 0}).frame) == 6


@pytest.mark.parametrize("weeks", [0.5, 1_000, float("nan")])
def test_a_budget_that_is_none_is_refused(look: Callable[..., Evidence], weeks: float) -> None:
    with pytest.raises(Unusable, match="weeks; expected 1 to 520"):
        look(0, 6, weeks=weeks)


def test_alarms_in_most_blocks_are_told_as_what_they_are(
    database: Database, version: Version, frame: pd.DataFrame, look: Callable[..., Evidence]
) -> None:
    def back_and_forth(table: pd.DataFrame) -> pd.DataFrame:
        return shifted(table, 3.0)

    for hour in range(0, 24, 2):
        logged(database, version, frame, range(hour, hour + 1), seed=hour)
        odd = range(hour + 1, hour + 2)
        logged(database, version, frame, odd, seed=hour, change=back_and_forth)
    found = look(0, 24, block="hour")
    assert len(found.alarms) > 6
    assert "hours alarm after it: the rows follow time itself" in found.message


def test_a_crowded_hour_gives_the_same_few_rows_each_time(
    database: Database, version: Version, frame: pd.DataFrame
) -> None:
    same_rows_each_time(database, version, frame)


@pytest.mark.postgres
def test_a_crowded_hour_gives_the_same_few_rows_each_time_on_postgresql(
    database: Database, version: Version, frame: pd.DataFrame, postgres_url: str
) -> None:
    migrate(postgres_url)
    other = connect(postgres_url)
    try:
        same_rows_each_time(other, version, frame)
    finally:
        other.dispose()


def same_rows_each_time(database: Database, version: Version, frame: pd.DataFrame) -> None:
    logged(database, version, frame, range(1), per_hour=2_500)
    logged(database, version, frame, range(1, 2), per_hour=200)
    logged(database, version, frame, range(2, 3), per_hour=20)
    which = Filter(version.model, Window(0, 1), version=version.number)
    edges = [START + hour * HOUR for hour in range(5)]
    found = stretches.sampled(database, which, [], edges, 200)
    counts = np.diff(np.searchsorted(found["__at__"], edges)).tolist()
    assert counts == [200, 200, 20, 0]
    assert found["__at__"].is_monotonic_increasing
    alone = stretches.sampled(database, which, [], edges[:2], 200)
    assert alone["__id__"].tolist() == found["__id__"].tolist()[: counts[0]]
    halves = np.searchsorted(alone["__at__"], [START + HOUR // 2])[0] / counts[0]
    assert 0.35 < halves < 0.65
    assert stretches.first(database, replace(which, window=Window(START, START + DAY))) == START
    assert stretches.first(database, which) is None
