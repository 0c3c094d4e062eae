"""Alerts: nothing there, suggested, firing, in hand, resolved; monitors, channels and the drill."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from backend.records import alerts, channels, monitors, predictions
from backend.records.alerts import Alert
from backend.records.database import Database, now
from backend.records.registry import Version
from backend.settings import Settings
from console import jobs
from console.jobs import claims
from console.jobs.context import JobContext
from console.monitors import drill, drilled, evaluate, setup
from console.ui.literal import sentence
from console.windows import DAY, HOUR, MINUTE
from tests.console.log_rows import row
from tests.console.monitors.receivers import webhook
from tests.pages.conftest import OpenPage, texts

Register = Callable[..., Version]
REFUSED = "30 of 60 requests of the last hour were refused or failed (50 %)"


@pytest.fixture
def version(database: Database, registered: Register) -> Version:
    """A champion; of 60 requests of the last half hour every other one was refused."""
    made = registered("iris")
    rows = []
    for i in range(60):
        how: dict[str, Any] = {"label": "setosa"}
        if i % 2:
            how = {"outcome": "refused", "label": None, "score": None, "error": "no `petal`"}
        rows.append(row(made, now() - (i + 1) * MINUTE // 2, **how))
    predictions.append(database, rows)
    return made


@pytest.fixture
def alert(database: Database, settings: Settings, version: Version) -> Alert:
    """The alert that a monitor of refused requests opened."""
    setup.add_monitor(database, version.model, "refused", {}, actor="ada", name="Refusals")
    evaluate.watch_once(database, settings)
    [found] = alerts.open_ones(database)
    return found


def opened(database: Database, alert: Alert) -> Alert:
    return alerts.get(database, alert.id)


def history(database: Database, alert: Alert) -> list[tuple[str, str]]:
    return [(event.kind, event.actor) for event in alerts.events(database, alert.id)]


def links(page: AppTest) -> list[tuple[str, str]]:
    """The words and the query of every link to a page."""
    return [(link.proto.label, link.proto.query_string) for link in page.get("page_link")]


def test_says_what_to_do_without_any_model(open_page: OpenPage) -> None:
    page = open_page("alerts")

    assert "No model yet" in texts(page)
    assert not page.exception


def test_a_model_that_nobody_watches_is_offered_what_is_suggested(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    page = open_page("alerts", model="iris")

    suggested = setup.suggested(database, "iris")
    assert len(suggested) >= 3
    assert "**Nobody watches `iris` yet**" in texts(page)
    for one in suggested:
        assert f"- **{one.name}**" in texts(page)
    assert page.info[0].value.startswith("No alert is open, and none can come")

    page = page.button(key="alerts_suggest_iris").click().run()

    kept = monitors.of_model(database, "iris")
    assert sorted(one.name for one in kept) == sorted(one.name for one in suggested)
    assert {one.created_by for one in kept} == {"tester"}
    assert f"{len(kept)} monitors set up for `iris`" in page.success[-1].value
    assert not page.error


def test_an_open_alert_says_what_fired_and_where_to_see_it(
    alert: Alert, open_page: OpenPage
) -> None:
    page = open_page("alerts")

    assert "**1 alert is open**, and nobody has it in hand." in texts(page)
    assert REFUSED in texts(page)
    assert "against a limit of 5 %" in texts(page)
    assert "nobody has it" in texts(page)
    [(_, query)] = [link for link in links(page) if link[0] == "See what was refused"]
    assert "model=iris" in query
    assert "outcome=refused" in query
    assert not page.exception
    asked = {name: value for name, [value] in parse_qs(query).items()}
    assert "30 rows" in texts(open_page("predictions", **asked))


def test_overview_counts_open_alerts_and_leads_to_them(alert: Alert, open_page: OpenPage) -> None:
    page = open_page()

    assert "1 alert is open for `iris`, and nobody has it in hand." in texts(page)
    assert "See them" in [label for label, _ in links(page)]


def test_acknowledging_notes_who_has_it_in_hand(
    database: Database, alert: Alert, open_page: OpenPage
) -> None:
    page = open_page("alerts")
    page = page.button(key=f"alerts_acknowledge_{alert.id}").click().run()

    assert opened(database, alert).acknowledged_by == "tester"
    assert history(database, alert)[-1] == ("acknowledged", "tester")
    assert "is acknowledged by tester" in page.success[0].value
    assert page.button(key=f"alerts_acknowledge_{alert.id}").disabled
    assert "**1 alert is open**, and in hand." in texts(page)


def test_an_alert_is_assigned_snoozed_and_commented(
    database: Database, alert: Alert, open_page: OpenPage
) -> None:
    page = open_page("alerts")
    page.text_input(key=f"alerts_assign_text_{alert.id}").set_value("Grace")
    page = page.button(key=f"alerts_assign_do_{alert.id}").click().run()
    assert opened(database, alert).assigned_to == "Grace"
    assert "**Grace** has it" in texts(page)

    page = page.menu_button(key=f"alerts_snooze_{alert.id}").click("1 day").run()
    until = opened(database, alert).snoozed_until
    assert until is not None
    assert 0 <= now() + DAY - until < HOUR
    assert "is snoozed until" in page.success[0].value

    page.text_area(key=f"alerts_comment_text_{alert.id}").set_value("The feed sends no petals.")
    page = page.button(key=f"alerts_comment_do_{alert.id}").click().run()
    assert "tester:" in texts(page)
    assert "The feed sends no petals." in [element.value for element in page.text]
    assert page.text_area(key=f"alerts_comment_text_{alert.id}").value == ""
    assert [kind for kind, _ in history(database, alert)] == [
        "opened", "assigned", "snoozed", "comment",
    ]  # fmt: skip


def test_a_resolved_alert_is_kept_below_with_what_happened(
    database: Database, alert: Alert, open_page: OpenPage
) -> None:
    page = open_page("alerts")
    page.text_area(key=f"alerts_resolve_text_{alert.id}").set_value("The feed is mended.")
    page = page.button(key=f"alerts_resolve_do_{alert.id}").click().run()
    assert not opened(database, alert).is_open

    page = open_page("alerts", alert=str(alert.id))
    assert "Resolved" in [heading.value for heading in page.subheader]
    assert "tester resolved it." in texts(page)
    assert "The feed is mended." in [element.value for element in page.text]
    assert "No alert is open. 1 monitor is on" in page.success[0].value


def test_what_people_write_is_text_and_no_line_of_the_history(
    database: Database, alert: Alert, open_page: OpenPage
) -> None:
    forged = "fine\n\n:small[:gray[21 Nov 2026, 16:00]] Grace acknowledged it."
    name = "**Eve** :red[acknowledged] ![x](https://example.org/x.png)"
    alerts.comment(database, alert.id, forged, actor=name)
    alerts.assign(database, alert.id, name, actor=name)
    alerts.acknowledge(database, alert.id, actor=name)
    page = open_page("alerts")

    assert forged in [element.value for element in page.text]
    drawn = texts(page)
    assert "Grace" not in drawn
    escaped = "\\*\\*Eve\\*\\* \\:red\\[acknowledged\\] \\!\\[x\\](https\\://example.org/x.png)"
    assert f"{escaped} gave it to {escaped}." in drawn
    assert f"acknowledged by {escaped}" in drawn
    assert name not in drawn


def test_names_of_monitors_and_channels_are_text(
    database: Database, settings: Settings, version: Version, open_page: OpenPage
) -> None:
    name = "x` **Eve** :red[y]"
    setup.add_channel(database, name, "email", "ana@example.org", actor="ada")
    setup.add_monitor(
        database, version.model, "refused", {}, actor="ada", name=name, channels=[name]
    )
    evaluate.watch_once(database, settings)
    page = open_page("alerts", model="iris")

    drawn = texts(page)
    assert "x\\` \\*\\*Eve\\*\\* \\:red\\[y\\]" in drawn
    assert "Tells `x´ **Eve** :red[y]`." in drawn
    assert "Channel `x´ **Eve** :red[y]` is about to be told that it fires." in drawn
    assert name not in drawn
    assert not page.exception


def test_what_was_withdrawn_is_said_to_be(
    database: Database, settings: Settings, version: Version, open_page: OpenPage
) -> None:
    setup.add_channel(database, "ops", "email", "ana@example.org", actor="ada")
    setup.add_monitor(database, version.model, "refused", {}, actor="ada", channels=["ops"])
    evaluate.watch_once(database, settings)
    [found] = alerts.open_ones(database)
    alerts.acknowledge(database, found.id, actor="ada")

    assert (
        "Channel `ops` was not told that it fires. Withdrawn\\: it was acknowledged first."
    ) in texts(open_page("alerts"))


def test_an_alert_that_was_resolved_meanwhile_is_said_to_be(
    database: Database, alert: Alert, open_page: OpenPage
) -> None:
    page = open_page("alerts")
    alerts.resolve(database, alert.id, actor="grace")
    page = page.button(key=f"alerts_acknowledge_{alert.id}").click().run()

    assert page.error[0].value == (
        f"Alert {alert.id} (`Refusals` of `iris`) is resolved already. If it fires again, a new"
        " alert is opened."
    )
    assert opened(database, alert).acknowledged_by is None


def test_monitors_that_nobody_evaluates_are_said_to_be_late(
    database: Database, settings: Settings, version: Version, open_page: OpenPage
) -> None:
    setup.add_monitor(database, version.model, "traffic", {}, actor="ada")
    evaluate.watch_once(database, settings, now() - HOUR)

    page = open_page("alerts")

    assert page.warning[0].value.startswith("The last look was 1 h ago, and 1 monitor is overdue.")


def test_a_limit_that_cannot_be_used_is_said_in_the_form_which_stays(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    page = open_page("alerts", model="iris")
    page = page.button(key="alerts_add").click().run()
    page = page.selectbox(key="alerts_form_kind").set_value("refused").run()
    page.number_input(key="alerts_form_refused_new_limit").set_value(5.0)
    page = page.button(key="alerts_form_done").click().run()
    assert page.error[0].value == ("`limit` is `5.0`; expected a number from 0 to 0.999 (share).")
    assert monitors.of_model(database, "iris") == []

    page.number_input(key="alerts_form_refused_new_limit").set_value(0.2)
    page.text_input(key="alerts_form_refused_new_name").set_value("Too many refusals")
    page = page.button(key="alerts_form_done").click().run()
    [kept] = monitors.of_model(database, "iris")
    assert (kept.name, kept.kind, kept.rule["limit"]) == ("Too many refusals", "refused", 0.2)
    assert "“Too many refusals” is added." in page.success[-1].value


def test_a_monitor_is_changed_switched_off_and_removed(
    database: Database, alert: Alert, open_page: OpenPage
) -> None:
    [monitor] = monitors.of_model(database, "iris")
    page = open_page("alerts", model="iris")
    page = page.button(key=f"alerts_change_{monitor.id}").click().run()
    page.number_input(key=f"alerts_form_refused_{monitor.id}_limit").set_value(0.6)
    page = page.button(key="alerts_form_done").click().run()
    changed = monitors.get(database, monitor.id)
    assert changed.rule["limit"] == 0.6
    assert "More than 60 % of the requests" in texts(page)

    page = page.toggle(key=f"alerts_on_{monitor.id}_{changed.turn}").set_value(False).run()
    assert not monitors.get(database, monitor.id).enabled
    assert "“Refusals” is off." in page.success[-1].value
    assert alerts.open_ones(database) == []
    assert alerts.events(database, alert.id)[-1].text == "The monitor was switched off."

    page = page.button(key=f"alerts_remove_do_{monitor.id}").click().run()
    assert monitors.of_model(database, "iris") == []
    assert alerts.open_ones(database) == []
    assert "“Refusals” of `iris` is removed." in page.success[-1].value


def test_a_channel_is_added_tested_and_shown_by_its_host_alone(
    database: Database, version: Version, open_page: OpenPage
) -> None:
    page = open_page("alerts", model="iris")
    page = page.button(key="alerts_channel_add").click().run()
    page.text_input(key="alerts_channel_name").set_value("ops")
    page.text_input(key="alerts_channel_webhook").set_value("ftp://example.org/x")
    page = page.button(key="alerts_channel_done").click().run()
    assert "The webhook's address is no URL that messages can be posted to" in page.error[0].value
    assert "example.org/x" not in page.error[0].value
    assert channels.all(database) == []

    with webhook(200, 500) as receiver:
        page.text_input(key="alerts_channel_webhook").set_value(receiver.url)
        page = page.button(key="alerts_channel_done").click().run()
        assert [channel.name for channel in channels.all(database)] == ["ops"]
        assert "127.0.0.1" in texts(page)
        assert "secret" not in texts(page)

        page = page.button(key="alerts_channel_test_ops").click().run()
        assert "A test message was sent to `ops` (127.0.0.1)." in page.success[0].value
        [(path, message)] = receiver.got
        assert path == "/services/secret"
        assert message["text"].startswith("Test: ops")

        page = page.button(key="alerts_channel_test_ops").click().run()
        assert page.error[0].value == "The webhook at `127.0.0.1` answered 500."

    page = page.button(key="alerts_channel_remove_do_ops").click().run()
    assert channels.all(database) == []


def test_a_drill_is_held_by_a_job_and_read_as_faults_against_monitors(
    database: Database, settings: Settings, version: Version, open_page: OpenPage
) -> None:
    rule = {"quiet_minutes": 60, "every_minutes": 60}
    setup.add_monitor(database, "iris", "traffic", rule, actor="ada")
    page = open_page("alerts", model="iris")
    page.toggle(key="alerts_drill_calm").set_value(True)
    page = page.run().button(key="alerts_drill").click().run()
    [job] = jobs.recent(database, "drill")
    assert job.params == {"model": "iris", "calm": True}
    assert "**Fire drill of iris**" in texts(page)
    assert page.button(key="alerts_drill").disabled

    assert claims.claim(database, "w") == job.id
    context = JobContext(database, settings, jobs.get(database, job.id))
    document = drill.run_job(context, **job.params)
    context.close()
    claims.finish(database, job.id, "w", state="done", result=document)
    page = open_page("alerts", model="iris")
    assert sentence(document["message"]) in texts(page)
    [_] = page.get("vega_lite_chart")
    found = drilled.matrix(document).set_index(["fault", "monitor"])
    assert found.loc[("stopped", "Traffic"), "status"] == "noticed"
    assert found.loc[("slow", "Traffic"), "text"] == "missed"
    assert not page.exception
