"""Children that end with their parent, however it dies.

The parent keeps the writing end of a pipe and never writes; the child inherits the reading end
and waits there. When the parent is gone, kill -9 included, the kernel closes its end, the child
reads the end of the file and leaves. (A parent-death signal would not do: the kernel sends it when
the *thread* that started the child ends.)

Every such child leads a process group of its own, so it ends together with all it has started,
and Ctrl+C reaches the parent alone, which then stops its children in order. POSIX only.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

VARIABLE = "WATCHDESK_LIFELINE"
LEAVE_WITHIN_SECONDS = 5.0


class Child:
    """A process on a lifeline, and the group that it leads."""

    def __init__(self, process: "subprocess.Popen[bytes]", lifeline: int) -> None:
        self._process = process
        self._lifeline: int | None = lifeline
        self.started = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id, which is its group's too."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that killed it.

        Once it has ended, what it had started is ended as well.
        """
        code = self._process.poll()
        if code is not None:
            self._let_go()
        return code

    def signal(self, number: int) -> None:
        """Send a signal to its group; nothing happens when it has ended."""
        if self._process.poll() is None:
            self._signal_group(number)

    def stop(self, grace_seconds: float = LEAVE_WITHIN_SECONDS) -> None:
        """Ask it to end, wait, then kill it and what it had started."""
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self._signal_group(signal.SIGKILL)
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._lifeline is not None:
            self._signal_group(signal.SIGKILL)
            os.close(self._lifeline)
            self._lifeline = None

    def _signal_group(self, number: int) -> None:
        # ProcessLookupError: everyone has left. PermissionError: macOS says so of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def spawn(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Child:
    """Start a program that ends when this process does; it must call `guard_from_environment`.

    `environment` is the whole of its variables; None passes on this process's.

    Raises:
        OSError: the program cannot be started.
    """
    # Python makes both ends non-inheritable, so a sibling never holds this child's writing end.
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env={**(os.environ if environment is None else environment), VARIABLE: str(reading)},
            pass_fds=(reading,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    return Child(process, writing)


def guard_from_environment() -> bool:
    """Watch the pipe that the parent passed; returns whether there is one.

    Called first thing in a process that `spawn` starts. Started by hand there is no pipe.
    """
    text = os.environ.pop(VARIABLE, None)  # popped: it is not our children's
    if text is None:
        return False
    watch(int(text))
    return True


def watch(pipe: int) -> None:
    """End this process and its group when the other end of `pipe` closes.

    SIGTERM first, so that it can tidy up; after `LEAVE_WITHIN_SECONDS` SIGKILL.

    Raises:
        OSError: `pipe` is not an open file descriptor.
    """
    os.set_inheritable(pipe, False)
    threading.Thread(
        target=_leave_at_the_end_of, args=(pipe,), name="lifeline", daemon=True
    ).start()


def _leave_at_the_end_of(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    leads = os.getpgrp() == os.getpid()  # else the group is somebody's shell
    _end(signal.SIGTERM, leads)
    time.sleep(LEAVE_WITHIN_SECONDS)
    _end(signal.SIGKILL, leads)


def _end(number: int, group: bool) -> None:
    if group:
        os.killpg(0, number)
    else:
        os.kill(os.getpid(), number)
