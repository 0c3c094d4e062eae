"""Messages reach real receivers, are tried again, and are given up; no secret is ever said."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.errors import NotFound, Unusable
from backend.records import alerts, channels, deliveries
from backend.records.alerts import Alert
from backend.records.database import Database
from backend.records.monitors import Monitor
from backend.settings import Settings
from console.monitors import deliver, setup, watch
from console.monitors.deliver import Sent, send_due
from console.monitors.evaluate import watch_once
from console.monitors.unsent import NotSent
from console.windows import HOUR, MINUTE, SECOND
from tests.conftest import free_port
from tests.console.monitors.conftest import AT
from tests.console.monitors.receivers import Webhook, certificate, mail_server, webhook

Log = Callable[..., None]
Watched = Callable[..., Monitor]


@pytest.fixture
def fire(
    database: Database, settings: Settings, log: Log, watched: Watched
) -> Callable[[str, str], Alert]:
    """A function that adds a channel and lets a monitor that tells it fire."""

    def make(kind: str, address: str) -> Alert:
        setup.add_channel(database, "team", kind, address, actor="ana")
        watched("refused", channels=("team",))
        log(30, outcome="refused", features="{")
        (look,) = watch_once(database, settings, AT)
        assert look.alert_id is not None
        return alerts.get(database, look.alert_id)

    return make


def outbox(database: Database, alert: Alert) -> list[Any]:
    return deliveries.of_alert(database, alert.id)


def test_a_webhook_gets_slacks_json_with_ours_beside_it(
    database: Database, settings: Settings, fire: Callable[[str, str], Alert]
) -> None:
    settings = replace(settings, console_url="https://watch.example.com")
    with webhook() as receiver:
        alert = fire("webhook", receiver.url)
        assert send_due(database, settings, AT) == Sent(1, 0, 0)
        assert send_due(database, settings, AT + HOUR) == Sent(0, 0, 0)
    ((path, document),) = receiver.got
    assert path == "/services/secret"
    assert document["text"].startswith("Alert: Refused requests of breast_cancer\n\n30 of 30")
    header, section, actions = document["blocks"]
    assert header["text"]["type"] == section["text"]["type"] == "plain_text"
    link = f"https://watch.example.com/alerts?model=breast_cancer&alert={alert.id}"
    assert actions["elements"][0]["url"] == document["watchdesk"]["url"] == link
    assert document["watchdesk"]["event"] == "opened"
    assert document["watchdesk"]["figure"] == 1.0
    (sent,) = outbox(database, alert)
    assert (sent.due_at, sent.delivered_at, sent.attempts) == (None, AT, 1)


def test_what_fails_is_tried_again_with_longer_pauses(
    database: Database, settings: Settings, fire: Callable[[str, str], Alert]
) -> None:
    with webhook(500, 503, 200) as receiver:
        alert = fire("webhook", receiver.url)
        assert send_due(database, settings, AT) == Sent(0, 1, 0)
        (first,) = outbox(database, alert)
        assert (first.due_at, first.error) == (
            AT + 30 * SECOND,
            "The webhook at `127.0.0.1` answered 500.",
        )
        assert send_due(database, settings, AT + 29 * SECOND) == Sent(0, 0, 0)
        assert send_due(database, settings, AT + 30 * SECOND) == Sent(0, 1, 0)
        assert send_due(database, settings, AT + 90 * SECOND) == Sent(1, 0, 0)
    assert len(receiver.got) == 3
    (sent,) = outbox(database, alert)
    assert (sent.attempts, sent.error) == (3, None)


@pytest.fixture
def over(database: Database, settings: Settings, log: Log, watched: Watched) -> Iterator[Webhook]:
    """A receiver that failed twice while a monitor fired, and answers since the alert is over."""
    with webhook(500, 500, 200) as receiver:
        setup.add_channel(database, "team", "webhook", receiver.url, actor="ana")
        watched("refused", channels=("team",), window_minutes=5)
        log(30, outcome="refused", features="{")
        watch.once(database, settings, AT)
        assert send_due(database, settings, AT + 30 * SECOND) == Sent(0, 1, 0)
        receiver.got.clear()
        yield receiver


def test_of_an_alert_that_ends_before_it_could_be_told_one_message_says_both(
    database: Database, settings: Settings, log: Log, over: Webhook
) -> None:
    for place in (1, 2):
        moment = AT + place * 5 * MINUTE
        log(30, before=moment)
        # Its sender sleeps: the first word waits for its turn.
        watch_once(database, settings, moment)
    (alert,) = alerts.of_model(database, "breast_cancer")
    assert not alert.is_open
    for minute in range(90):
        send_due(database, settings, AT + 10 * MINUTE + minute * MINUTE)
    ((_, document),) = over.got
    assert document["watchdesk"]["event"] == "resolved"
    assert document["text"].startswith(
        "Fired and resolved: Refused requests of breast_cancer\n\nIt fired on 1 Apr 2011, 12:00"
        " UTC and no longer does; no earlier message of it is known to have arrived here. Before:"
        " 30 of 30 requests"
    )
    withdrawn, sent = outbox(database, alert)
    assert (withdrawn.state, sent.state) == ("withdrawn", "delivered")
    assert withdrawn.error == (
        "Withdrawn: it was over first. The webhook at `127.0.0.1` answered 500."
    )


def test_what_was_told_that_it_fires_is_told_that_it_is_over(
    database: Database, settings: Settings, log: Log, over: Webhook
) -> None:
    for place in (1, 2):
        log(30, before=AT + place * 5 * MINUTE)
        watch.once(database, settings, AT + place * 5 * MINUTE)
    first, last = [document["text"].splitlines()[0] for _, document in over.got]
    assert first == "Alert: Refused requests of breast_cancer"
    assert last == "Resolved: Refused requests of breast_cancer"


@pytest.mark.parametrize("act", [alerts.acknowledge, alerts.resolve])
def test_what_somebody_has_in_hand_before_it_could_be_told_is_not_told(
    database: Database, settings: Settings, over: Webhook, act: Callable[..., Alert]
) -> None:
    (alert,) = alerts.open_ones(database)
    act(database, alert.id, actor="ana")
    assert send_due(database, settings, AT + HOUR) == Sent(0, 0, 0)
    assert over.got == []
    assert [one.state for one in outbox(database, alert)] == ["withdrawn"]


def test_nobody_there_is_tried_ten_times_and_given_up_without_a_secret(
    database: Database,
    settings: Settings,
    fire: Callable[[str, str], Alert],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="watchdesk")
    alert = fire("webhook", f"http://127.0.0.1:{free_port()}/services/secret")
    outcomes = [send_due(database, settings, AT + i * HOUR) for i in range(11)]
    assert outcomes == [*[Sent(0, 1, 0)] * 9, Sent(0, 0, 1), Sent(0, 0, 0)]
    (sent,) = outbox(database, alert)
    assert sent.error == (
        "The webhook at `127.0.0.1` cannot be reached. It was tried 10 times, and is given up."
    )
    assert caplog.text
    assert "secret" not in caplog.text


def test_pauses_double_up_to_an_hour() -> None:
    assert [deliver.pause(n) // SECOND for n in range(1, 10)] == [
        30,
        60,
        120,
        240,
        480,
        960,
        1_920,
        3_600,
        3_600,
    ]


def test_a_redirect_elsewhere_is_not_followed(
    database: Database, settings: Settings, fire: Callable[[str, str], Alert]
) -> None:
    with webhook() as other, webhook(307, location=other.url) as receiver:
        alert = fire("webhook", receiver.url)
        assert send_due(database, settings, AT) == Sent(0, 1, 0)
        assert other.got == []
    assert "redirects elsewhere, and is not followed" in outbox(database, alert)[0].error


def test_a_redirect_to_the_same_host_is_followed(database: Database, settings: Settings) -> None:
    with webhook(308, 200, location="/moved") as receiver:
        setup.add_channel(database, "team", "webhook", receiver.url, actor="ana")
        deliver.send_test(database, settings, "team")
    assert [path for path, _ in receiver.got] == ["/services/secret", "/moved"]


def test_what_a_caller_sent_is_no_mention(
    database: Database, settings: Settings, fire: Callable[[str, str], Alert]
) -> None:
    with webhook() as receiver:
        setup.add_channel(database, "<!channel> & co", "webhook", receiver.url, actor="ana")
        deliver.send_test(database, settings, "<!channel> & co")
    ((_, document),) = receiver.got
    assert "<!channel>" not in document["text"]
    assert "&lt;!channel&gt; &amp; co" in document["text"]


def test_mail_comes_encrypted_where_tls_is_offered(
    database: Database,
    settings: Settings,
    fire: Callable[[str, str], Alert],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context, vouches = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouches))
    with mail_server(context) as server:
        url = f"smtp://localhost:{server.port}"
        settings = replace(settings, smtp_url=url, smtp_from="desk@example.com")
        alert = fire("email", "ana@example.com, ben@example.com")
        assert send_due(database, settings, AT) == Sent(1, 0, 0), outbox(database, alert)
    ((envelope, encrypted),) = server.got
    assert encrypted
    assert envelope.mail_from == "desk@example.com"
    assert envelope.rcpt_tos == ["ana@example.com", "ben@example.com"]
    assert isinstance(envelope.content, bytes)
    text = envelope.content.decode()
    assert "Subject: Alert: Refused requests of breast_cancer" in text
    assert "30 of 30 requests of the last hour were refused" in text.replace("=\r\n", "")


def test_a_server_that_cannot_be_trusted_gets_no_mail(
    database: Database, settings: Settings, fire: Callable[[str, str], Alert], tmp_path: Path
) -> None:
    context, _ = certificate(tmp_path)
    with mail_server(context) as server:
        settings = replace(settings, smtp_url=f"smtp://name:p%40ss@localhost:{server.port}")
        alert = fire("email", "ana@example.com")
        assert send_due(database, settings, AT) == Sent(0, 1, 0)
    assert (server.got, server.logins) == ([], [])
    (kept,) = outbox(database, alert)
    assert kept.error == (
        "The mail server `localhost` cannot be trusted: its certificate is not valid."
    )


def test_mail_without_tls_logs_in_on_loopback(database: Database, settings: Settings) -> None:
    setup.add_channel(database, "team", "email", "ana@example.com", actor="ana")
    with mail_server() as server:
        url = f"smtp://desk:p%40ss%20word@127.0.0.1:{server.port}"
        deliver.send_test(database, replace(settings, smtp_url=url), "team")
        wrong = url.replace("p%40ss", "wrong")
        with pytest.raises(NotSent) as told:
            deliver.send_test(database, replace(settings, smtp_url=wrong), "team")
    ((_, encrypted),) = server.got
    assert not encrypted
    assert server.logins[0] == (b"desk", b"p@ss word")
    assert told.value.detail == ("The mail server `127.0.0.1` does not take the name or password.")


def test_mail_without_a_server_says_what_to_set(database: Database, settings: Settings) -> None:
    setup.add_channel(database, "team", "email", "ana@example.com", actor="ana")
    with pytest.raises(NotSent, match="Set `WATCHDESK_SMTP_URL`"):
        deliver.send_test(database, settings, "team")


def test_a_channel_that_was_removed_meanwhile_is_given_up(
    database: Database, settings: Settings, fire: Callable[[str, str], Alert]
) -> None:
    alert = fire("email", "ana@example.com")
    channels.remove(database, "team")
    assert send_due(database, settings, AT) == Sent(0, 0, 1)
    assert "There is no channel `team`" in outbox(database, alert)[0].error
    with pytest.raises(NotFound):
        deliver.send_test(database, settings, "team")


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("webhook", "ftp://example.com/secret"),
        ("webhook", "https:///secret"),
        ("webhook", "http://exa mple.com/secret"),
        ("email", "ana"),
        ("email", "ana@example.com\r\nBcc: eve@example.com"),
        ("email", ""),
        ("pager", "1"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_a_secret(
    database: Database, kind: str, address: str
) -> None:
    with pytest.raises(Unusable) as told:
        setup.add_channel(database, "team", kind, address, actor="ana")
    assert "secret" not in told.value.detail
    assert channels.all(database) == []
