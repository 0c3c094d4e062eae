"""Real processes: started here, looked at through /proc by their ids, ended here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.settings import ROOT, Settings

Process = subprocess.Popen[bytes]


def wait_until(true: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait until something holds, or fail and say what did not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s not yet: {what}"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def descendants(pid: int) -> list[int]:
    """The processes under one, of every generation."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for text in task.read_text().split():
            found += [int(text), *descendants(int(text))]
    return found


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The variables of a process on a test's database."""
    return {
        **os.environ,
        "WATCHDESK_DATA_DIR": str(settings.data_dir),
        "WATCHDESK_DATABASE_URL": settings.database_url,
        **more,
    }


@pytest.fixture
def run() -> Iterator[Callable[..., Process]]:
    """A function that starts a program; what still runs of them and theirs is killed at the end."""
    started: list[Process] = []

    def start(*arguments: str, env: dict[str, str], stderr: int | None = None) -> Process:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=env, start_new_session=True, stderr=stderr
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            for pid in [*descendants(process.pid), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
