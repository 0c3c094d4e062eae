"""Monitors, alerts and channels as they are kept, on both databases."""

import pytest
import sqlalchemy as sa

from backend.errors import NotFound, Refused, Unusable
from backend.records import alerts, channels, deliveries, monitors, registry
from backend.records.alerts import Alert
from backend.records.database import Database, now
from backend.records.monitors import Monitor
from backend.records.tables import alert_events, models
from backend.records.tables import alerts as alerts_table
from backend.records.tables import deliveries as deliveries_table

RULE = {"limit": 0.05, "after_looks": 1, "calm_looks": 2}


@pytest.fixture
def monitor(database: Database) -> Monitor:
    """A monitor of a model."""
    with database.write() as connection:
        values = {"name": "m", "task": "binary", "target": "t", "demo": False}
        made = models.insert().values(**values, created_at=1, created_by="tester")
        connection.execute(made)
    return monitors.add(database, "m", "Refused", "refused", RULE, actor="tester")


@pytest.fixture
def alert(database: Database, monitor: Monitor) -> Alert:
    """An open alert of it."""
    with database.write() as connection:
        values = {"opened_at": 5, "start": 1, "end": 5, "message": "Too many.", "seen_at": 5}
        made = alerts_table.insert().values(monitor_id=monitor.id, model="m", **values)
        row_id = connection.execute(made.returning(alerts_table.c.id)).scalar_one()
    return alerts.get(database, int(row_id))


def kinds(database: Database, alert: Alert) -> list[str]:
    return [event.kind for event in alerts.events(database, alert.id)]


def test_a_monitor_is_kept_as_it_was_given(database: Database, monitor: Monitor) -> None:
    assert monitors.of_model(database, "m") == [monitor]
    assert monitors.all_enabled(database) == [monitor]
    assert (monitor.rule, monitor.channels, monitor.status) == (RULE, (), "new")
    assert monitor.checked_at is None
    assert monitor.state is None


def test_a_name_is_taken_once_a_model(database: Database, monitor: Monitor) -> None:
    with pytest.raises(Refused, match="has a monitor named `Refused` already"):
        monitors.add(database, "m", "Refused", "traffic", {}, actor="tester")
    with pytest.raises(NotFound, match="There is no model `other`"):
        monitors.add(database, "other", "Refused", "traffic", {}, actor="tester")


def test_another_rule_begins_anew_and_makes_void_what_is_under_way(
    database: Database, monitor: Monitor
) -> None:
    changed = monitors.change(database, monitor.id, actor="ana", rule=RULE | {"limit": 0.5})
    assert changed.turn == monitor.turn + 1
    assert (changed.status, changed.state, changed.changed_by) == ("new", None, "ana")
    off = monitors.change(database, monitor.id, actor="ana", enabled=False)
    assert monitors.all_enabled(database) == []
    assert off.rule["limit"] == 0.5


def test_every_change_of_an_alert_is_an_event_that_stays(database: Database, alert: Alert) -> None:
    alerts.acknowledge(database, alert.id, actor="ana", text="On it.")
    alerts.assign(database, alert.id, " ben ", actor="ana")
    alerts.comment(database, alert.id, "A bad batch.", actor="ben")
    until = now() + 3_600_000_000
    assert alerts.snooze(database, alert.id, until, actor="ben").snoozed_until == until
    done = alerts.resolve(database, alert.id, actor="ben", text="Mended.")
    assert kinds(database, alert) == [
        "acknowledged",
        "assigned",
        "comment",
        "snoozed",
        "resolved",
    ]
    assert (done.acknowledged_by, done.assigned_to, done.is_open) == ("ana", "ben", False)
    assert [event.actor for event in alerts.events(database, alert.id)][-1] == "ben"
    assert alerts.open_ones(database) == []
    assert [one.id for one in alerts.of_model(database, "m")] == [alert.id]


def test_who_acknowledges_ends_a_snooze(database: Database, alert: Alert) -> None:
    alerts.snooze(database, alert.id, now() + 3_600_000_000, actor="ana")
    assert alerts.acknowledge(database, alert.id, actor="ben").snoozed_until is None


def test_a_resolved_alert_takes_comments_and_nothing_else(database: Database, alert: Alert) -> None:
    alerts.resolve(database, alert.id, actor="ana")
    with pytest.raises(Refused, match=f"Alert {alert.id} \\(`Refused` of `m`\\) is resolved al"):
        alerts.acknowledge(database, alert.id, actor="ben")
    alerts.comment(database, alert.id, "What it was.", actor="ben")
    assert kinds(database, alert) == ["resolved", "comment"]


def test_what_was_before_an_alert_was_resolved_by_hand_counts_no_more(
    database: Database, alert: Alert
) -> None:
    before = now()
    alerts.resolve(database, alert.id, actor="ana")
    found = monitors.get(database, alert.monitor_id)
    assert found.state is not None
    assert before <= found.state["since"] <= now()
    assert found.turn == 1


def test_texts_have_their_bounds(database: Database, alert: Alert) -> None:
    with pytest.raises(Unusable, match="A comment needs a text"):
        alerts.comment(database, alert.id, "  ", actor="ana")
    with pytest.raises(Unusable, match="The text has 4,001 characters; expected at most 4,000"):
        alerts.comment(database, alert.id, "x" * 4_001, actor="ana")
    with pytest.raises(Unusable, match="until a later time than now"):
        alerts.snooze(database, alert.id, now() - 1, actor="ana")
    with pytest.raises(NotFound, match="There is no alert 999"):
        alerts.resolve(database, 999, actor="ana")
    assert kinds(database, alert) == []


def test_a_channel_that_is_removed_is_taken_from_its_monitors(
    database: Database, monitor: Monitor
) -> None:
    for name in ("chat", "team"):
        channels.add(database, name, "email", f"{name}@example.com", actor="ana")
    monitors.change(database, monitor.id, actor="ana", channels=("chat", "team"))
    channels.remove(database, "chat")
    assert monitors.get(database, monitor.id).channels == ("team",)
    assert [one.name for one in channels.all(database)] == ["team"]
    with pytest.raises(NotFound, match="There is no channel `chat`"):
        channels.remove(database, "chat")


def test_of_a_webhook_the_host_alone_is_shown(database: Database) -> None:
    secret = "https://hooks.example.com/services/T0/B1/secret"
    made = channels.add(database, "chat", "webhook", secret, actor="ana")
    assert made.shown == "hooks.example.com"
    assert channels.get(database, "chat") == made


def test_a_message_is_claimed_by_one_and_due_again_if_that_one_dies(
    database: Database, alert: Alert
) -> None:
    with database.write() as connection:
        values = {"alert_id": alert.id, "channel": "chat", "event": "opened", "attempts": 0}
        connection.execute(deliveries_table.insert().values(**values, due_at=10))
    assert deliveries.due(database, 9) == []
    (found,) = deliveries.due(database, 10)
    taken = deliveries.claim(database, found, 10)
    assert taken is not None
    assert taken.attempts == 1
    assert deliveries.claim(database, found, 10) is None
    assert deliveries.due(database, 10 + deliveries.LEASE - 1) == []
    again = deliveries.claim(database, found, 10 + deliveries.LEASE)
    assert again is not None
    deliveries.delivered(database, found, 12)
    (one,) = deliveries.of_alert(database, alert.id)
    assert (one.due_at, one.delivered_at, one.attempts) == (None, 12, 2)


def test_with_a_monitor_go_its_alerts_and_with_a_model_its_monitors(
    database: Database, alert: Alert
) -> None:
    alerts.comment(database, alert.id, "Seen.", actor="ana")
    registry.remove_model(database, "m")
    with database.read() as connection:
        for table in (alerts_table, alert_events):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    with pytest.raises(NotFound, match="There is no monitor"):
        monitors.get(database, alert.monitor_id)
