"""The disk is full while the service answers, and has room again later."""

import contextlib
import errno
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.records.database import connect
from backend.records.registry import Version
from backend.service.seldom import PAUSE_S
from tests.backend.service.callers import Callers, is_whole, logged, lost, truths, unanswered
from tests.conftest import Problem, Service

pytestmark = pytest.mark.processes
CLIENTS = 4
UNAVAILABLE = "The database cannot be used at the moment: {}. Try again; nothing was changed."
# Mounts a disk of 12 MB where only the service sees it, copies what is there onto it, and serves.
ON_A_SMALL_DISK = """
set -e
cp -r "$1" "$1.before"
mount -t tmpfs -o size=12m none "$1"
cp -r "$1.before/." "$1"
shift
exec "$@"
"""
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def can_mount() -> bool:
    """Whether this machine lets anybody have a namespace with mounts of its own."""
    if shutil.which("unshare") is None:
        return False
    command = (*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextlib.contextmanager
def files_may_not_grow(pid: int) -> Iterator[None]:
    """A limit to the length of the files that a process writes: the write-ahead log meets it."""
    unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (300_000, unlimited[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """A file takes all the room that is left on the disk of `folder`."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass
    assert os.statvfs(folder).f_bavail == 0, errno.errorcode[errno.ENOSPC]
    yield
    ballast.unlink()


def keeps_its_word(
    service: Service, problem: Problem, folder: Path, full: contextlib.AbstractContextManager[None]
) -> set[str]:
    """503 while `full`, answers afterwards, and the log in `folder` holds what was answered.

    Returns:
        What the callers were told while it was full.
    """
    with Callers(service, problem, CLIENTS) as callers:
        callers.wait_for(50)
        with full:
            callers.wait_for(20, status=503)
            assert service.get("/health").ok
        callers.wait_for(50)
    assert {(told.status, told.retry_after) for told in callers.refusals} == {(503, "1")}
    assert callers.broken == []
    copy = service.settings.data_dir.parent / "copy"  # nobody writes any more
    copy.mkdir()
    for path in folder.glob("watchdesk.db*"):
        if not path.name.endswith("-shm"):
            shutil.copy(path, copy)
    database = connect(f"sqlite:///{copy / 'watchdesk.db'}")
    rows = logged(database)
    assert lost(callers, rows) == []
    assert unanswered(callers, rows) == []
    assert len(rows) == sum(len(told.ids) for told in callers.answers)
    assert set(callers.truths) == truths(database)
    assert is_whole(database)
    database.dispose()
    return {told.detail for told in callers.refusals}


def test_a_file_that_may_not_grow_is_a_503_that_recovers(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> None:
    registered("breast_cancer")
    said = service.settings.data_dir.parent / "said"
    service.command = ("sh", "-c", 'exec "$@" 2> "$0"', str(said), *service.command)
    began = time.monotonic()
    service.start()
    assert service.process is not None
    limited = files_may_not_grow(service.process.pid)
    folder = service.settings.data_dir
    details = keeps_its_word(service, problems["breast_cancer"], folder, limited)
    assert details == {UNAVAILABLE.format("disk I/O error")}
    lines = [line for line in said.read_text().splitlines() if "rows were not logged" in line]
    # Dozens of batches failed.
    assert 1 <= len(lines) <= 1 + (time.monotonic() - began) / PAUSE_S
    assert "disk I/O error" in lines[0]


@pytest.mark.skipif(not can_mount(), reason="needs user namespaces, which are switched off here")
def test_a_full_disk_is_a_503_that_recovers(
    service: Service, registered: Callable[..., Version], problems: dict[str, Problem]
) -> None:
    registered("breast_cancer")
    folder = service.settings.data_dir
    script = ("sh", "-c", ON_A_SMALL_DISK, "sh", str(folder))
    service.command = (*NAMESPACE, *script, *service.command)
    service.start()
    assert service.process is not None
    seen = Path(f"/proc/{service.process.pid}/root{folder}")
    details = keeps_its_word(service, problems["breast_cancer"], seen, filled(seen))
    assert details == {UNAVAILABLE.format("database or disk is full")}
