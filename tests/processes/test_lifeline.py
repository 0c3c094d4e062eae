"""The inherited pipe: children leave with their parent, and with nobody else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from backend import lifeline
from backend.settings import ROOT
from tests.processes.conftest import Process, descendants, lives, wait_until

pytestmark = pytest.mark.processes

GUARDED = "import time; from backend import lifeline; lifeline.guard_from_environment();"
SLEEPS = (sys.executable, "-c", f"{GUARDED} print('up', flush=True); time.sleep(60)")
DEAF = (
    *(sys.executable, "-c"),
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {GUARDED} time.sleep(60)",
)
PARENT = (
    "import sys, time; from backend import lifeline\n"
    "children = [lifeline.spawn(sys.argv[1:]) for _ in range(3)]\n"
    "print(*(child.pid for child in children), flush=True); time.sleep(60)"
)


@pytest.fixture
def child() -> Iterator[lifeline.Child]:
    """One that sleeps."""
    found = lifeline.spawn(SLEEPS, cwd=ROOT)
    yield found
    found.stop(0.5)


def test_children_leave_when_their_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *SLEEPS], cwd=ROOT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pids = [int(text) for text in parent.stdout.readline().split()]
        assert all(map(lives, pids))
        parent.kill()
    wait_until(lambda: not any(map(lives, pids)), "all three left", 4)


def test_a_child_that_ignores_sigterm_is_killed(run: Callable[..., Process]) -> None:
    parent = run("-c", PARENT, *DEAF, env=dict(os.environ))
    wait_until(lambda: len(descendants(parent.pid)) == 3, "three children run")
    pids = descendants(parent.pid)
    time.sleep(1)  # they are past their first line by then
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(lives, pids)), "all three left", 8)


def test_closing_one_lifeline_ends_that_child_alone(child: lifeline.Child) -> None:
    # A later sibling must not have inherited the writing end, or it would keep the first alive.
    sibling = lifeline.spawn(SLEEPS, cwd=ROOT)
    try:
        assert child._lifeline is not None
        os.close(child._lifeline)
        child._lifeline = None
        wait_until(lambda: child.exit_code() is not None, "the first left", 4)
        assert child.exit_code() == -signal.SIGTERM
        assert sibling.exit_code() is None
    finally:
        sibling.stop(0.5)


def test_started_by_hand_there_is_no_lifeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(lifeline.VARIABLE, raising=False)
    assert lifeline.guard_from_environment() is False
