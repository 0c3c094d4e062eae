"""`streamlit run` as people run it: what it brings up, and that all of it leaves with it."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import requests

from backend.records.database import connect
from backend.settings import Settings
from console import jobs
from tests.conftest import free_port
from tests.processes.conftest import Process, descendants, environment, lives, wait_until

pytestmark = pytest.mark.processes
Run = Callable[..., Process]


class Console:
    """A running `streamlit run` on ports of its own."""

    def __init__(self, run: Run, settings: Settings, **more: str) -> None:
        self.port, self.service_port = free_port(), free_port()
        more = {"WATCHDESK_PORT": str(self.service_port), "WATCHDESK_DEMO": "no", **more}
        self.process = run(
            *("-m", "streamlit", "run", f"--server.port={self.port}", "--server.headless=true"),
            env=environment(settings, **more),
            stderr=subprocess.PIPE,
        )

    def up(self) -> "Console":
        """Wait until the console and the service answer."""
        wait_until(lambda: answers(self.port, "/_stcore/health"), "the console answers", 60)
        wait_until(lambda: answers(self.service_port, "/health"), "the service answers", 60)
        return self

    def children(self) -> dict[str, int]:
        """The ids of its children by what they run: `backend`, `console`."""
        found = {}
        for pid in filter(lives, descendants(self.process.pid)):
            with contextlib.suppress(FileNotFoundError):  # it has left just now
                words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                found[words[2]] = pid  # python -m NAME
        return found

    def sentence(self) -> str:
        """Wait until it has given up, and return what it wrote on standard error."""
        assert self.process.wait(60) == 1
        assert self.process.stderr is not None
        return self.process.stderr.read().decode().strip()


def answers(port: int, path: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=2).ok
    except requests.RequestException:
        return False


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_stays_when_the_console_ends(run: Run, settings: Settings, how: int) -> None:
    console = Console(run, settings).up()
    wait_until(lambda: {"backend", "console"} <= set(console.children()), "both children run")
    theirs = descendants(console.process.pid)
    os.kill(console.process.pid, how)
    console.process.wait(15)
    wait_until(lambda: not any(map(lives, theirs)), "all processes left", 8)
    assert is_free(console.port)
    assert is_free(console.service_port)


def test_a_child_that_dies_is_started_again(run: Run, settings: Settings) -> None:
    console = Console(run, settings).up()
    before = console.children()["backend"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: answers(console.service_port, "/health"), "the service is back")
    assert console.children()["backend"] != before


def test_one_start_makes_database_and_key_queues_the_demo_once_and_serves_reports(
    run: Run, tmp_path: Path
) -> None:
    fresh = Settings.from_environment({"WATCHDESK_DATA_DIR": str(tmp_path / "fresh")})
    # An external service, so that the demo has nobody to send its traffic to and changes nothing.
    far = {"WATCHDESK_DEMO": "yes", "WATCHDESK_BACKEND_URL": f"http://127.0.0.1:{free_port()}"}
    for _ in range(2):
        console = Console(run, fresh, **far)
        wait_until(lambda at=console.port: answers(at, "/_stcore/health"), "it answers", 60)  # type: ignore[misc]  # mypy cannot infer a lambda's default
        assert "backend" not in console.children()
        database = connect(fresh.database_url)
        submitted = jobs.recent(database, "demo")
        assert len(submitted) == 1
        jobs.cancel(database, submitted[0].id)
        ended = partial(jobs.get, database, submitted[0].id)
        wait_until(lambda ended=ended: not ended().is_active, "the demo is cancelled")  # type: ignore[misc]  # as above
        database.dispose()
        report = requests.get(f"http://127.0.0.1:{console.port}/reports/1/x.html", timeout=5)
        assert (report.status_code, report.text) == (404, "Job 1 kept no file `x.html`.\n")
        console.process.terminate()
        console.process.wait(15)
    assert fresh.key_file.stat().st_mode & 0o777 == 0o600


def test_a_taken_port_is_a_sentence(run: Run, settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        console = Console(run, settings, WATCHDESK_PORT=str(port))
        assert console.sentence() == (
            f"Port {port}, where the prediction service listens, is taken by another program."
            f" Stop that program, or set another port: `WATCHDESK_PORT={port % 65535 + 1}`."
        )


def test_a_database_that_cannot_be_used_is_a_sentence(run: Run, settings: Settings) -> None:
    console = Console(run, settings, WATCHDESK_DATABASE_URL="mysql://somewhere/else")
    assert console.sentence() == (
        "`WATCHDESK_DATABASE_URL` begins with `mysql`; expected `sqlite` or `postgresql`."
    )
    Path(settings.database_url.removeprefix("sqlite:///")).write_bytes(b"not a database" * 100)
    console = Console(run, settings)
    assert console.sentence() == (
        "The database cannot be opened: file is not a database. See that `WATCHDESK_DATABASE_URL`"
        " or `WATCHDESK_DATA_DIR` names a database of Watchdesk's, or restore it from a backup."
    )
