"""Monitors, alerts and channels as they are kept, on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor

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
    return new_alert(database, monitor)


def new_alert(database: Database, monitor: Monitor) -> Alert:
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


def outbox(database: Database, alert: Alert, *events: str) -> list[int]:
    """Messages to a channel that are due at 10, in that order."""
    values = {"alert_id": alert.id, "channel": "chat", "attempts": 0, "due_at": 10}
    insert = deliveries_table.insert().returning(deliveries_table.c.id)
    with database.write() as connection:
        return [
            int(connection.execute(insert.values(**values, event=event)).scalar_one())
            for event in events
        ]


def states(database: Database, alert: Alert) -> list[str]:
    return [one.state for one in deliveries.of_alert(database, alert.id)]


def test_a_later_message_waits_for_an_earlier_one_of_its_alert_and_channel(
    database: Database, alert: Alert
) -> None:
    opened, resolved = outbox(database, alert, "opened", "resolved")
    assert deliveries.due(database, 10) == [opened]
    assert deliveries.claim(database, resolved, 10) is None
    taken = deliveries.claim(database, opened, 10)
    assert taken is not None
    assert states(database, alert) == ["sending", "waiting"]
    assert deliveries.claim(database, resolved, 10) is None
    assert deliveries.failed(database, taken, "Nobody there.", 40)
    assert deliveries.due(database, 39) == []
    assert deliveries.claim(database, opened, 40) is not None
    deliveries.delivered(database, opened, 41)
    assert deliveries.due(database, 41) == [resolved]


@pytest.mark.parametrize("how", ["acknowledge", "resolve", "snooze"])
def test_what_is_dealt_with_before_it_could_be_sent_is_withdrawn(
    database: Database, alert: Alert, how: str
) -> None:
    (opened,) = outbox(database, alert, "opened")
    taken = deliveries.claim(database, opened, 10)
    assert taken is not None
    assert deliveries.failed(database, taken, "Nobody there.", 40)
    later = (now() + 3_600_000_000,) if how == "snooze" else ()
    getattr(alerts, how)(database, alert.id, *later, actor="ana")
    (one,) = deliveries.of_alert(database, alert.id)
    assert (one.state, one.due_at, one.attempts) == ("withdrawn", None, 1)
    assert one.error is not None
    assert one.error.startswith("Withdrawn: it was ")
    assert one.error.endswith(" first. Nobody there.")
    assert deliveries.due(database, now()) == []


def test_what_is_being_sent_while_it_is_dealt_with_is_withdrawn_when_that_fails(
    database: Database, alert: Alert
) -> None:
    (opened,) = outbox(database, alert, "opened")
    taken = deliveries.claim(database, opened, 10)
    assert taken is not None
    alerts.acknowledge(database, alert.id, actor="ana")
    assert states(database, alert) == ["sending"]
    assert not deliveries.failed(database, taken, "Nobody there.", 40)
    assert states(database, alert) == ["withdrawn"]


def test_what_a_killed_sender_left_is_withdrawn_if_it_is_over_and_what_follows_goes(
    database: Database, alert: Alert
) -> None:
    (opened,) = outbox(database, alert, "opened")
    assert deliveries.claim(database, opened, 10) is not None
    alerts.resolve(database, alert.id, actor="ana")
    (resolved,) = outbox(database, alert, "resolved")
    late = 10 + deliveries.LEASE
    assert deliveries.due(database, late - 1) == []
    assert deliveries.claim(database, opened, late) is None
    assert states(database, alert) == ["withdrawn", "waiting"]
    assert deliveries.due(database, late) == [resolved]


def test_a_sender_whose_lease_ran_out_does_not_undo_what_another_did(
    database: Database, alert: Alert
) -> None:
    (opened,) = outbox(database, alert, "opened")
    slow = deliveries.claim(database, opened, 10)
    assert slow is not None
    assert deliveries.claim(database, opened, 10 + deliveries.LEASE) is not None
    assert not deliveries.failed(database, slow, "It took too long.", 40)
    assert states(database, alert) == ["sending"]
    deliveries.delivered(database, opened, 12)
    assert states(database, alert) == ["delivered"]


def test_several_that_send_at_once_keep_the_order(database: Database, monitor: Monitor) -> None:
    made = [new_alert(database, monitor) for _ in range(10)]
    for one in made:
        outbox(database, one, "opened", "again", "resolved")
    seen: list[tuple[int, str]] = []

    def send() -> None:
        while waiting := deliveries.due(database, 10):
            for found in waiting:
                taken = deliveries.claim(database, found, 10)
                if taken is not None:
                    seen.append((taken.alert_id, f"begins {taken.event}"))
                    time.sleep(0.01)
                    seen.append((taken.alert_id, f"ends {taken.event}"))
                    deliveries.delivered(database, found, 11)

    with ThreadPoolExecutor(4) as pool:
        for sender in [pool.submit(send) for _ in range(4)]:
            sender.result()
    for one in made:
        mine = [step for alert_id, step in seen if alert_id == one.id]
        events = ("opened", "again", "resolved")
        assert mine == [f"{step} {event}" for event in events for step in ("begins", "ends")]


def test_with_a_monitor_that_is_switched_off_its_alert_ends(
    database: Database, alert: Alert
) -> None:
    outbox(database, alert, "opened")
    monitors.change(database, alert.monitor_id, actor="ana", channels=())
    assert alerts.get(database, alert.id).is_open
    monitors.change(database, alert.monitor_id, actor="ana", enabled=False)
    assert alerts.open_ones(database) == []
    (event,) = alerts.events(database, alert.id)
    assert (event.kind, event.actor, event.text) == (
        "resolved", "ana", "The monitor was switched off.",
    )  # fmt: skip
    assert states(database, alert) == ["withdrawn"]
    on = monitors.change(database, alert.monitor_id, actor="ana", enabled=True)
    assert on.state is not None
    assert on.state["since"] == alerts.get(database, alert.id).resolved_at


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
