"""Servers as processes: started in a session of their own, ended with all that they started."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

GRACE_S = 3
PROC = Path("/proc")
Identity = tuple[int, str]
"""A process: its id, and when it began, so that an id used again is not mistaken for it."""


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, output: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """A server that runs while the block does; its output goes to a file."""
    with output.open("wb") as written:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end; after a few seconds end it and everything that it started.

    Some peers start children in sessions of their own, so its process group alone is not enough.
    """
    started = set(descendants(process.pid))
    process.terminate()
    deadline = time.monotonic() + GRACE_S
    while process.poll() is None and time.monotonic() < deadline:
        started.update(descendants(process.pid))  # one that was just starting
        time.sleep(0.05)
    left = [each for each in started if each in _alive()]
    for pid, _ in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while any(each in _alive() for each in left):
        time.sleep(0.01)


def descendants(root: int) -> list[Identity]:
    """The processes that `root` started, and they in turn; empty where there is no /proc."""
    parents = _alive()
    found: list[Identity] = []
    wanted = {root}
    while wanted:
        children = [each for each, parent in parents.items() if parent in wanted]
        found += children
        wanted = {pid for pid, _ in children}
    return found


def _alive() -> dict[Identity, int]:
    """Every process that runs, with its parent's id; one that only waits to be reaped is none."""
    parents = {}
    for entry in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold anything, brackets too.
            fields = entry.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[int(entry.parent.name), fields[19]] = int(fields[1])
    return parents
