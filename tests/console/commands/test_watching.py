"""`watch`, `monitors`, `channels` and `drill` from a shell: their stable forms."""

from collections.abc import Callable

import pytest

from backend.records import predictions
from backend.records.database import Database, now
from backend.records.registry import Version
from tests.console.commands.conftest import Shell
from tests.console.log_rows import row
from tests.console.monitors.receivers import webhook

LOOK = {
    "monitor_id",
    "monitor",
    "model",
    "kind",
    "moment",
    "status",
    "figure",
    "limit",
    "n",
    "message",
    "from",
    "to",
    "alert_id",
    "event",
}


def test_a_monitor_is_added_fires_and_tells_a_webhook(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    version = registered("iris")
    refused = [row(version, now() - 60_000_000 - i, outcome="refused") for i in range(30)]
    predictions.append(database, refused)
    with webhook() as receiver:
        added = shell("channels", "--add", "chat", "webhook", receiver.url, "--json").document
        assert [one["address"] for one in added["channels"]] == ["127.0.0.1"]
        shell("channels", "--test", "chat")
        options = ("--add", "refused", "limit=0.2", "--name", "Refusals", "--channel", "chat")
        listed = shell("monitors", "iris", *options, "--json").document
        ran = shell("watch", "--once", "--json")
    (monitor,) = listed["monitors"]
    assert (monitor["name"], monitor["kind"], monitor["rule"]["limit"]) == (
        "Refusals",
        "refused",
        0.2,
    )
    assert ran.code == 0
    (look,) = ran.document["looks"]
    assert set(look) == LOOK
    assert (look["status"], look["event"], look["figure"]) == ("firing", "opened", 1.0)
    assert {name: ran.document[name] for name in ("delivered", "failed", "given_up")} == {
        "delivered": 1,
        "failed": 0,
        "given_up": 0,
    }
    assert [one["watchdesk"]["event"] for _, one in receiver.got] == ["test", "opened"]
    assert shell("watch", "--once").out == "No monitor is due.\n"


def test_what_was_sent_is_said_in_numbers_that_fit(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    version = registered("iris")
    rows = [row(version, now() - 60_000_000 - i, outcome="refused") for i in range(30)]
    predictions.append(database, rows)
    with webhook(200, 500, 500) as receiver:
        for name in ("a", "b"):
            shell("channels", "--add", name, "webhook", receiver.url)
        shell("monitors", "iris", "--add", "refused", "--channel", "a", "--channel", "b")
        said = shell("watch", "--once").out
    assert "\n1 message was delivered; 1 failed and is tried again; 0 are given up.\n" in said


def test_what_is_suggested_is_listed_set_up_and_switched(
    shell: Shell, registered: Callable[..., Version]
) -> None:
    registered("iris")
    suggested = shell("monitors", "iris", "--suggest", "--json").document["suggested"]
    assert shell("monitors", "iris", "--json").document["monitors"] == []
    made = shell("monitors", "iris", "--set-up", "--json").document["monitors"]
    assert {one["name"] for one in made} == {one["name"] for one in suggested}
    off = shell("monitors", "iris", "--off", "Drift", "--json").document["monitors"]
    assert [one["name"] for one in off if one["status"] == "off"] == ["Drift"]
    left = shell("monitors", "iris", "--remove", "Drift", "--json").document["monitors"]
    assert len(left) == len(made) - 1


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("monitors", "iris", "--add", "refused", "limit"), 2, "`limit` is no KEY=VALUE"),
        (("monitors", "iris", "--add", "refused", "limit=9"), 1, "expected a number from 0 to"),
        (("monitors", "iris", "--add", "refused", "limit="), 1, "`limit` has no value."),
        (("monitors", "iris", "--channel", "no", "--add", "traffic"), 1, "no channel `no`"),
        (("monitors", "nope"), 1, "There is no model `nope`."),
        (("drill", "nope"), 1, "There is no model `nope`."),
        (("channels", "--test", "no"), 1, "There is no channel `no`."),
    ],
)
def test_what_cannot_be_done_is_said(
    shell: Shell,
    registered: Callable[..., Version],
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    registered("iris")
    ran = shell(*arguments)
    assert ran.code == code
    assert sentence in ran.err
