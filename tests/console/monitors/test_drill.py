"""A drill: faults are noticed by who should, nobody cries without one, nothing real is touched."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from backend.errors import NoChampion
from backend.records.database import Database
from backend.records.monitors import Monitor
from backend.records.registry import Version
from backend.records.tables import alerts, channels, deliveries, monitors, predictions
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from backend.versions.signature import Signature
from console.monitors.drill import FAULTS, drill
from console.monitors.drill.faults import planned
from console.monitors.drill.traffic import Traffic, traffic_of
from console.windows import DAY, HOUR
from tests.console.drift.logs import log_rows
from tests.console.log_rows import NOON


def held(database: Database) -> list[Any]:
    """All that a drill must leave alone."""
    with database.read() as connection:
        tables = (alerts, channels, deliveries, monitors, predictions)
        return [connection.execute(sa.select(table)).all() for table in tables]


def noticed(document: dict[str, Any], fault: str) -> dict[str, int]:
    (found,) = [one for one in document["faults"] if one["fault"] == fault]
    return {one["monitor"]: one["after_seconds"] for one in found["noticed"]}


def test_each_fault_is_noticed_by_its_monitor_and_none_without_a_fault(
    database: Database,
    settings: Settings,
    champion: Version,
    watched: Callable[..., Monitor],
    log: Callable[..., None],
) -> None:
    log(40)
    for kind, rule in (
        ("refused", {"every_minutes": 15}),
        ("traffic", {"every_minutes": 15, "quiet_minutes": 60}),
        ("latency", {"every_minutes": 15}),
        ("drift", {"window_hours": 12, "every_minutes": 180}),
    ):
        watched(kind, **rule)
    before = held(database)
    document = drill(database, settings, champion.model)
    assert held(database) == before
    assert [one["fault"] for one in document["faults"]] == [fault.name for fault in FAULTS]
    assert document["quiet"]["fired"] == []
    assert set(noticed(document, "shift")) == {"Drift"}
    assert set(noticed(document, "unit")) == {"Drift"}
    assert noticed(document, "stopped")["Traffic"] <= 2 * 3_600
    assert noticed(document, "refused")["Refused requests"] <= 3_600
    assert set(noticed(document, "slow")) == {"Latency"}
    # The version takes no missing values: its service would refuse them.
    assert set(noticed(document, "nulls")) == {"Refused requests"}
    assert document["message"] == (
        "7 of 7 faults were noticed within 24 h. With no fault none would have fired."
    )


def test_a_model_without_a_champion_has_no_drill(
    database: Database, settings: Settings, registered: Callable[..., Version]
) -> None:
    registered("iris", promoted=False)
    with pytest.raises(NoChampion):
        drill(database, settings, "iris")


def test_traffic_is_the_log_moved_in_time_by_whole_days(
    database: Database, store: Store, champion: Version
) -> None:
    frame = artefacts.table(database, champion, artefacts.REFERENCE, store).head(60)
    times = NOON + np.arange(60, dtype=np.int64) * HOUR
    log_rows(database, champion, frame, times, store)
    window = _window(30)
    made = traffic_of(database, champion, store, window)
    assert len(made) == 600  # 60 rows in 60 hours, once in three days, for thirty days
    name = Signature.from_json(champion.signature).names[0]
    last = made.features[name].to_numpy()[-60:]
    assert last.tolist() == frame[name].tolist()
    assert (made.at[-60:] - made.at[-60] == times - times[0]).all()
    assert made.at[-1] == window.end - 1
    assert made.at[0] >= window.start


def test_each_fault_does_what_it_says(database: Database, store: Store, champion: Version) -> None:
    reference = artefacts.table(database, champion, artefacts.REFERENCE, store)
    plain = traffic_of(database, champion, store, _window(3))
    signature = Signature.from_json(champion.signature)
    found = {one.fault.name: one for one in planned(signature, reference)}
    made: dict[str, Traffic] = {name: one.on(plain, reference) for name, one in found.items()}
    name = "mean radius"
    sd = reference[name].std()
    np.testing.assert_allclose(made["shift"].features[name] - plain.features[name], sd)
    np.testing.assert_allclose(made["unit"].features[name] / plain.features[name], 1_000)
    np.testing.assert_allclose(made["inches"].features[name] / plain.features[name], 2.54)
    assert abs(made["nulls"].features[name].isna().mean() - 0.3) < 0.15
    assert len(made["stopped"]) == 0
    assert 0.3 < made["refused"].refused.mean() < 0.7
    np.testing.assert_allclose(made["slow"].latency_ms - plain.latency_ms, 2_000)


def _window(days: int) -> Any:
    from backend.records.predictions import Window

    return Window(NOON + 100 * DAY, NOON + (100 + days) * DAY)
