"""`python -m tests.processes.run_job ID`: a job's process that knows a few kinds more."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from backend.errors import Unusable
from console.jobs import child
from console.jobs.context import JobContext
from console.jobs.kinds import KINDS

MINE = ("slow", "stubborn", "refuses", "breaks", "notes", "parents", "keeps")


def slow(context: JobContext, seconds: float) -> dict[str, float]:
    """Counts its way to `seconds`, as a job that reports well does."""
    context.log("begins")
    started = time.monotonic()
    while (passed := time.monotonic() - started) < seconds:
        context.progress(passed / seconds, f"{passed:.1f} s")
        time.sleep(0.05)
    return {"seconds": seconds}


def stubborn(context: JobContext) -> dict[str, float]:
    """Does not hear SIGTERM, like a long computation in C."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    context.progress(0.5, "deaf")
    time.sleep(60)
    return {}


def refuses(_context: JobContext) -> None:
    """Fails as a job does whose data cannot be used."""
    raise Unusable("The column `age` is empty. Leave it out.")


def breaks(context: JobContext) -> None:
    """Has a bug."""
    context.log("about to divide")
    raise ZeroDivisionError("division by zero")


def notes(_context: JobContext, path: str, line: str) -> dict[str, float]:
    """Leaves a line, so that running twice shows."""
    with Path(path).open("a") as file:
        file.write(f"{line}\n")
    return {"share": float("nan")}


def parents(_context: JobContext, path: str) -> None:
    """Starts a process of its own and waits for it."""
    with subprocess.Popen(["sleep", "60"]) as process:
        Path(path).write_text(str(process.pid))


def keeps(context: JobContext) -> None:
    """Keeps a file."""
    context.keep("report.html", b"<p>drift</p>", "text/html")


if __name__ == "__main__":
    here = {name: f"tests.processes.run_job:{name}" for name in MINE}
    sys.exit(child.main(sys.argv[1:], {**KINDS, **here}))
