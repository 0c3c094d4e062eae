"""Private: nothing leaves the machine while the demo runs, and all listen on loopback only."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.records import aliases
from backend.records.database import connect
from backend.settings import Settings
from console import jobs
from tests.conftest import free_port
from tests.processes.conftest import descendants, environment, wait_until

pytestmark = pytest.mark.processes
HOOK = Path(__file__).parent / "offline"


def listening(pids: list[int]) -> set[str]:
    """The IPv4 and IPv6 addresses, as hexadecimal, on which these processes listen."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = str(link.readlink())
            except FileNotFoundError:  # closed just now
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:  # 0A: LISTEN
                found.add(words[1].split(":")[0])
    return found


def test_nothing_leaves_the_machine_while_the_demo_loads_and_a_report_is_made(
    run: Callable[..., "subprocess.Popen[bytes]"], settings: Settings, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    process = run(
        *("-m", "streamlit", "run", f"--server.port={free_port()}", "--server.headless=true"),
        env=environment(
            settings,
            WATCHDESK_PORT=str(free_port()),
            WATCHDESK_DEMO="yes",
            WATCHDESK_TEST_OUTSIDE=str(outside),
            PYTHONPATH=str(HOOK),
        ),
    )
    database = connect(settings.database_url)

    def state(kind: str) -> str:
        found = jobs.recent(database, kind, limit=1)
        return found[0].state if found else "none"

    wait_until(lambda: state("demo") in {"done", "failed"}, "the demo is loaded", 120)
    assert state("demo") == "done"
    champion = aliases.champion(database, "breast_cancer")
    params = {"model": "breast_cancer", "version": champion.number, "start": 0, "end": 1 << 60}
    jobs.submit(database, "evidently", params, by="tester")
    wait_until(lambda: state("evidently") in {"done", "failed"}, "the report is made", 120)
    assert state("evidently") == "done"

    addresses = listening([process.pid, *descendants(process.pid)])
    loopback = f"{int.from_bytes(socket.inet_aton('127.0.0.1'), 'little'):08X}"
    assert addresses == {loopback}
    assert not outside.exists(), outside.read_text()
    database.dispose()
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_the_hook_of_this_test_notes_a_look_up(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    code = "import socket\ntry: socket.getaddrinfo('outside.invalid', 80)\nexcept OSError: pass"
    subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(HOOK), "WATCHDESK_TEST_OUTSIDE": str(outside)},
        check=True,
    )
    assert "outside.invalid" in outside.read_text()
