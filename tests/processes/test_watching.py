"""Several that watch at once give one alert; whoever is killed, no alert and no message is lost."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from backend.records import alerts, aliases, deliveries, monitors, predictions, registry
from backend.records.database import Database, connect
from backend.settings import ROOT, Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from console.monitors import setup
from tests.conftest import Problem, new_version
from tests.console.log_rows import row
from tests.console.monitors.conftest import AT
from tests.console.monitors.receivers import Webhook, webhook
from tests.databases import BOTH, settings_on
from tests.processes.conftest import Process, descendants, environment, lives, wait_until
from tests.processes.run_watch import STEP

pytestmark = pytest.mark.processes
ROUNDS = 24
ALERTS = ROUNDS // 4
UNTIL = AT + (ROUNDS - 1) * STEP


@pytest.fixture(params=BOTH)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with each of the databases."""
    return settings_on(request.param, request, tmp_path)


@pytest.fixture
def watched(
    settings: Settings, problems: dict[str, Problem]
) -> Iterator[tuple[Database, Settings]]:
    """A monitor and traffic of which every fourth window opens an alert, and resolves one."""
    database, store = connect(settings.database_url), Store.of(settings)
    new = new_version(problems["iris"])
    made = registration.register(database, registration.add(database, new, store), store)
    assert made.number is not None
    aliases.promote(database, made.model, made.number, actor="tester", reason="test")
    version = registry.version(database, made.model, made.number)
    for place in range(ROUNDS):
        outcome = "refused" if place % 4 < 2 else "answered"
        at = AT + place * STEP
        predictions.append(database, [row(version, at - 1 - i, outcome=outcome) for i in range(30)])
    setup.add_monitor(database, "iris", "refused", {"window_minutes": 5}, actor="tester")
    yield database, settings
    database.dispose()


def start(settings: Settings) -> "subprocess.Popen[str]":
    """A process that watches when it is told to."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.processes.run_watch", str(UNTIL)],
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def begin(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def _came(receiver: Webhook, seen: int) -> bool:
    return len(receiver.got) > seen


def test_of_two_that_watch_at_once_each_look_counts_once(
    watched: tuple[Database, Settings],
) -> None:
    database, settings = watched
    both = [start(settings) for _ in range(2)]
    for process in both:
        ready(process)
    for process in both:
        begin(process)
    counted = [int(process.communicate(timeout=60)[0]) for process in both]
    assert sum(counted) == ROUNDS
    (monitor,) = monitors.of_model(database, "iris")
    assert monitor.turn == ROUNDS
    found = alerts.of_model(database, "iris")
    assert len(found) == ALERTS
    assert all(not one.is_open for one in found)
    for one in found:
        assert [e.kind for e in alerts.events(database, one.id)] == ["opened", "resolved"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_whoever_is_killed_no_alert_and_no_message_is_lost(
    watched: tuple[Database, Settings],
) -> None:
    database, settings = watched
    draw = random.Random(5)
    with webhook() as receiver:
        setup.add_channel(database, "team", "webhook", receiver.url, actor="tester")
        (monitor,) = monitors.of_model(database, "iris")
        monitors.change(database, monitor.id, actor="tester", channels=("team",))
        for _ in range(3):
            process = start(settings)
            ready(process)
            begin(process)
            # Killed in the middle of its work: after a message, and a random while.
            came = partial(_came, receiver, len(receiver.got))
            wait_until(came, "a message came")
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(draw.uniform(0, 0.02))
            process.kill()
            assert process.wait() == -signal.SIGKILL
            process.communicate()
        last = start(settings)
        begin(last)
        last.communicate(timeout=60)
    found = alerts.of_model(database, "iris")
    assert len(found) == ALERTS
    got = Counter((m["watchdesk"]["alert"], m["watchdesk"]["event"]) for _, m in receiver.got)
    assert set(got) == {(one.id, event) for one in found for event in ("opened", "resolved")}
    sent = [each for one in found for each in deliveries.of_alert(database, one.id)]
    assert all(one.delivered_at is not None for one in sent)
    assert len(sent) == 2 * ALERTS


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_worker_watches_in_a_process_that_ends_with_it(
    watched: tuple[Database, Settings], run: Callable[..., Process]
) -> None:
    database, settings = watched
    code = (
        "from backend.settings import Settings; from console.jobs import worker;"
        " worker.work(Settings.from_environment())"
    )
    worker = run("-c", code, env=environment(settings))

    def looked() -> bool:
        (monitor,) = monitors.of_model(database, "iris")
        return monitor.checked_at is not None

    wait_until(looked, "the monitor was looked at", 60)
    children = descendants(worker.pid)
    assert children
    worker.terminate()
    assert worker.wait(15) == 0
    assert not any(lives(pid) for pid in children)
