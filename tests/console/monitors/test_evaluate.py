"""Alerts open, stay one, and are resolved; only live rows before the moment count."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backend.errors import Unusable
from backend.records import alerts, channels, monitors, predictions
from backend.records.database import Database, now
from backend.records.monitors import Monitor
from backend.records.predictions import Truth
from backend.records.registry import Version
from backend.settings import Settings
from backend.versions import artefacts
from backend.versions.artefacts import Store
from console.monitors import alerting, evaluate, rules, setup
from console.monitors.evaluate import watch_once
from console.windows import DAY, HOUR, MINUTE
from tests.console.drift.logs import log_rows
from tests.console.log_rows import row
from tests.console.monitors.conftest import AT

Log = Callable[..., None]
Watched = Callable[..., Monitor]


def look(database: Database, monitor: Monitor, store: Store, moment: int = AT) -> Any:
    return evaluate.look(database, monitors.get(database, monitor.id), moment, store)


def test_refused_requests_fire_above_their_share(
    database: Database, settings: Settings, log: Log, watched: Watched
) -> None:
    watched("refused", channels=())
    log(60)
    log(40, outcome="refused", features="{")
    (found,) = watch_once(database, settings, AT)
    assert found.message == (
        "40 of 100 requests of the last hour were refused or failed (40 %), against a limit of 5 %."
    )
    assert (found.status, found.event, found.figure, found.limit) == ("firing", "opened", 0.4, 0.05)
    (alert,) = alerts.open_ones(database)
    assert (alert.id, alert.message) == (found.alert_id, found.message)


def test_a_share_that_may_be_chance_does_not_fire(
    database: Database, store: Store, log: Log, watched: Watched
) -> None:
    monitor = watched("refused")
    log(28)
    log(2, outcome="refused", features="{")
    found = look(database, monitor, store)
    assert found.status == "ok"
    assert "(6.67 %), which may be chance, against a limit of 5 %." in found.message


def test_replayed_and_later_rows_do_not_count(
    database: Database, store: Store, log: Log, watched: Watched
) -> None:
    monitor = watched("refused")
    log(30, outcome="refused", features="{", source="replay")
    log(30, before=AT + HOUR, outcome="refused", features="{")
    found = look(database, monitor, store)
    assert (found.status, found.n) == ("no_data", 0)
    everything = watched("refused", source="all", name="All")
    assert look(database, everything, store).status == "firing"


def test_an_alert_stays_one_while_it_fires_and_is_resolved_when_it_was_calm(
    database: Database, settings: Settings, log: Log, watched: Watched
) -> None:
    watched("refused", window_minutes=5, after_looks=2)
    step = 5 * MINUTE
    for moment in range(AT, AT + 5 * step, step):
        log(30, before=moment, outcome="refused", features="{")
    events = [
        watch_once(database, settings, moment)[0] for moment in range(AT, AT + 5 * step, step)
    ]
    assert [found.event for found in events] == [None, "opened", None, None, None]
    log(30, before=AT + 5 * step)
    log(30, before=AT + 6 * step)
    calm = [watch_once(database, settings, AT + i * step)[0].event for i in (5, 6)]
    assert calm == [None, "resolved"]
    (alert,) = alerts.of_model(database, "breast_cancer")
    assert (alert.resolved_at, alert.seen_at) == (AT + 6 * step, AT + 4 * step)
    assert [one.kind for one in alerts.events(database, alert.id)] == ["opened", "resolved"]


def test_a_monitor_looks_when_it_is_due(
    database: Database, settings: Settings, watched: Watched
) -> None:
    watched("traffic", every_minutes=10)
    assert len(watch_once(database, settings, AT)) == 1
    assert watch_once(database, settings, AT + 5 * MINUTE) == []
    assert len(watch_once(database, settings, AT + 10 * MINUTE - 20_000_000)) == 1


def test_acknowledged_alerts_are_silent_and_a_snooze_that_ends_tells_again(
    database: Database, settings: Settings, log: Log, watched: Watched
) -> None:
    channels.add(database, "team", "email", "team@example.com", actor="tester")
    watched("refused", channels=("team",))
    start = now()

    def told(moment: int) -> list[str]:
        log(30, before=moment, outcome="refused", features="{")
        watch_once(database, settings, moment)
        (alert,) = alerts.open_ones(database)
        return [one.event for one in alerts.deliveries_of(database, alert.id)]

    assert told(start) == ["opened"]
    (alert,) = alerts.open_ones(database)
    alerts.acknowledge(database, alert.id, actor="ana")
    assert told(start + HOUR) == ["opened"]
    alerts.snooze(database, alert.id, start + 3 * HOUR, actor="ana")
    assert told(start + 2 * HOUR) == ["opened"]
    assert told(start + 4 * HOUR) == ["opened", "again"]
    assert told(start + 5 * HOUR) == ["opened", "again"]


def test_a_look_that_began_before_a_change_counts_for_nothing(
    database: Database, store: Store, log: Log, watched: Watched
) -> None:
    monitor = watched("refused")
    log(30, outcome="refused", features="{")
    found = evaluate.look(database, monitor, AT, store)
    monitors.change(database, monitor.id, actor="ana", rule=monitor.rule | {"limit": 0.9})
    assert alerting.record(database, monitor, found, AT) is None
    assert alerts.open_ones(database) == []


def test_after_a_hand_has_resolved_it_only_what_comes_then_counts(
    database: Database, settings: Settings, log: Log, watched: Watched
) -> None:
    watched("refused")
    moment = now()
    log(30, before=moment, outcome="refused", features="{")
    (found,) = watch_once(database, settings, moment)
    assert found.alert_id is not None
    alerts.resolve(database, found.alert_id, actor="ana")
    (after,) = watch_once(database, settings, moment + 5 * MINUTE)
    assert (after.status, after.n) == ("no_data", 0)


def test_slow_answers_fire(database: Database, store: Store, log: Log, watched: Watched) -> None:
    monitor = watched("latency", limit_ms=100)
    log(80, latency_ms=5.0)
    log(20, latency_ms=900.0)
    found = look(database, monitor, store)
    assert (found.status, found.figure, found.n) == ("firing", 900.0, 100)
    assert found.message == (
        "95 % of 100 answers of the last hour came within 900 ms; the limit is 100 ms."
    )


def test_traffic_that_stopped_fires_and_none_that_never_came(
    database: Database, store: Store, log: Log, watched: Watched
) -> None:
    monitor = watched("traffic", quiet_minutes=30)
    assert look(database, monitor, store).status == "no_data"
    log(5, source="replay")
    assert look(database, monitor, store).status == "no_data"
    log(5)
    assert look(database, monitor, store).status == "ok"
    assert look(database, monitor, store, AT + 29 * MINUTE).status == "ok"
    late = look(database, monitor, store, AT + 3 * DAY)
    assert late.message == (
        "No request has come for 3 days, since 1 Apr 2011, 11:59 UTC; one is expected every"
        " 30 minutes."
    )


def test_too_few_requests_an_hour_fire(
    database: Database, store: Store, log: Log, watched: Watched
) -> None:
    monitor = watched("traffic", least_per_hour=10)
    log(9)
    found = look(database, monitor, store)
    assert (found.status, found.figure, found.limit) == ("firing", 9.0, 10.0)


def test_a_feature_that_goes_missing_fires_by_name(
    database: Database, store: Store, log: Log, watched: Watched, champion: Version
) -> None:
    names = [feature["name"] for feature in champion.signature["features"]]
    monitor = watched("missing")
    log(50, features=dict.fromkeys(names, 1.0))
    assert look(database, monitor, store).status == "ok"
    log(50, features=dict.fromkeys(names, 1.0) | {"mean radius": None})
    found = look(database, monitor, store)
    assert (found.status, found.figure, found.n) == ("firing", 0.5, 100)
    assert found.message == (
        "50 % of 100 answered requests of the last 6 hours came without `mean radius`; the limit"
        " is 5 %."
    )


def test_one_request_is_said_as_one(
    database: Database, store: Store, log: Log, watched: Watched, champion: Version
) -> None:
    names = [feature["name"] for feature in champion.signature["features"]]
    log(1, features=dict.fromkeys(names, 1.0), latency_ms=2.0)
    said = [
        look(database, watched(kind), store).message
        for kind in ("traffic", "refused", "missing", "latency")
    ]
    assert said == [
        "1 request came in the last hour, the newest at 1 Apr 2011, 11:59 UTC.",
        "There was 1 request in the last hour; a share of refused ones needs 20.",
        "There was 1 answered request in the last 6 hours; a share of missing values needs 20.",
        "1 answer of the last hour has a latency; its 95 % quantile needs 20.",
    ]
    few = watched("traffic", least_per_hour=2, name="Few")
    assert look(database, few, store).message == (
        "1 request came in the last hour; 2 are expected at least."
    )


def test_drift_fires_on_live_rows_and_says_when_they_are_too_few(
    database: Database, store: Store, log: Log, watched: Watched, champion: Version
) -> None:
    names = [feature["name"] for feature in champion.signature["features"]]
    monitor, one = watched("drift"), watched("drift", feature="mean radius", name="One")
    assert look(database, monitor, store).status == "no_data"
    log(200, features=dict.fromkeys(names, 1e3), source="replay")
    assert look(database, monitor, store).status == "no_data"
    log(200, features=dict.fromkeys(names, 1e3))
    found = look(database, monitor, store)
    assert (found.status, found.figure, found.n) == ("firing", 30.0, 200)
    single = look(database, one, store)
    assert single.status == "firing"
    assert "mean radius" in single.message


def test_performance_fires_when_truth_says_that_it_is_worse_than_promised(
    database: Database, store: Store, watched: Watched, champion: Version
) -> None:
    monitor, floor = watched("performance"), watched("performance", floor=0.3, name="Floor")
    rows = [row(champion, AT - 1 - i, label="benign") for i in range(60)]
    predictions.append(database, rows)
    assert look(database, monitor, store).status == "no_data"
    truths = [
        Truth(predictions.text_of(one.prediction_id), label, None)
        for one, label in zip(rows, ["benign", "malignant"] * 30, strict=True)
    ]
    predictions.append_feedback(database, champion.model, truths)
    found = look(database, monitor, store)
    assert (found.status, found.figure, found.n) == ("firing", 0.5, 60)
    assert found.message.startswith("Accuracy is 0.5 (0.377 to 0.623) on 60 rows with truth of the")
    assert "was promised on 569 held-out rows, down to" in found.message
    assert look(database, floor, store).status == "ok"
    # Its 95 % interval ends below this floor, that of three standard deviations does not.
    near = look(database, watched("performance", floor=0.65, name="Near"), store)
    assert near.status == "ok"
    assert "which may be chance; the limit is 0.65." in near.message


def test_evidence_fires_until_somebody_resolves_it(
    database: Database, settings: Settings, store: Store, watched: Watched, champion: Version
) -> None:
    reference = artefacts.table(database, champion, artefacts.REFERENCE, store)
    start = now() - 2 * DAY
    for hour in range(30):
        frame = reference.sample(30, random_state=hour)
        if hour >= 12:
            frame = frame.assign(**{"mean radius": frame["mean radius"] + 8})
        log_rows(database, champion, frame, start + hour * HOUR + np.arange(30), store)
    watched("evidence", block="hour")
    quiet = watch_once(database, settings, start + 12 * HOUR)[0]
    assert quiet.status == "ok"
    looks = [watch_once(database, settings, start + h * HOUR)[0] for h in (20, 25, 30)]
    assert looks[-1].status == "firing"
    assert sum(one.event == "opened" for one in looks) == 1
    (alert,) = alerts.open_ones(database)
    alerts.resolve(database, alert.id, actor="ana")
    (after,) = watch_once(database, settings, now())
    assert after.status != "firing"


def test_what_keeps_a_monitor_from_looking_is_said(
    database: Database, store: Store, watched: Watched
) -> None:
    monitor = watched("drift", feature="mean radius")
    monitors.change(database, monitor.id, actor="x", rule=monitor.rule | {"feature": "gone"})
    found = look(database, monitor, store)
    assert (found.status, found.message) == (
        "broken",
        "Version 1 of `breast_cancer` has no feature `gone`. Change the monitor's rule.",
    )


@pytest.mark.parametrize(
    ("kind", "rule", "sentence"),
    [
        ("refused", {"limit": "2"}, "`limit` is `2`; expected a number from 0 to 0.999 (share)."),
        ("refused", {"x": 1}, "A refused monitor has no `x`; expected some of `limit`,"),
        ("drift", {"window_hours": 1.5}, "expected a whole number from 1 to 2,160 (hours)."),
        ("drift", {"feature": "no"}, "`feature` is `no`, which the model does not have;"),
        ("evidence", {"block": "week"}, "expected `auto` or `hour` or `day`."),
        ("smell", {}, "There is no kind of monitor `smell`; expected one of `drift`,"),
        (
            "refused",
            {"limit": ""},
            "`limit` has no value. Give it one, or leave it out to take its default (0.05).",
        ),
        ("drift", {"feature": " "}, "leave it out to take its default (none)."),
        ("latency", {"limit_ms": "nan"}, "`limit_ms` is `nan`; expected a number from 0.01"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_in_a_sentence(
    database: Database, champion: Version, kind: str, rule: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Unusable) as told:
        setup.add_monitor(database, champion.model, kind, rule, actor="ana")
    assert sentence in told.value.detail


def test_what_is_suggested_can_be_set_up_once_and_looks(
    database: Database, settings: Settings, log: Log, champion: Version
) -> None:
    log(30)
    made = setup.set_up(database, champion.model, actor="ana")
    assert {one.kind for one in made} == set(rules.KINDS)
    assert setup.set_up(database, champion.model, actor="ana") == []
    looks = watch_once(database, settings, AT)
    # The rows have no features at all.
    assert {one.kind for one in looks if one.status == "firing"} == {"drift", "missing"}
    assert {one.status for one in looks} == {"ok", "no_data", "firing"}
    for one in made:
        assert rules.in_words(one.kind, one.rule).endswith(".")
