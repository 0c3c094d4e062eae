"""The client: wrk on one thread, and what it says at its end."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "post.lua"
# The slowest peer needs a second for its 64th waiting forest; nothing is to be cut off.
TIMEOUT_S = 30


@dataclass(frozen=True)
class Measured:
    """One run of the client.

    Attributes:
        completed: requests that were answered, with success or not.
        seconds: how long the run was.
        p50_ms, p99_ms: latency as a caller sees it.
        refused: answers with a status of 400 or more.
        broken: connections that failed, and answers that did not come in time.
    """

    completed: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int

    @property
    def rate(self) -> float:
        """Successful answers per second."""
        return (self.completed - self.refused) / self.seconds


def require_wrk() -> str:
    """The version of wrk, e.g. `4.1.0`; leaves with a sentence when there is none."""
    if shutil.which("wrk") is None:
        raise SystemExit(
            "The benchmark's client `wrk` is not on PATH. Install it (`apt-get install wrk`, or"
            " `brew install wrk`) and run this again."
        )
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    words = said.split("\n")[0].split(" [")[0].split()
    return words[-1].rpartition("/")[2] if words else "unknown"


def load(url: str, body: Path, connections: int, seconds: int) -> Measured:
    """POST the body for so many seconds over so many connections, one request each at a time."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{TIMEOUT_S}s"]
    done = subprocess.run(
        [*command, "-s", str(SCRIPT), url, "--", str(body)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"wrk failed on {url}: {done.stderr.strip() or done.stdout.strip()}")
    return read(done.stdout)


def read(printed: str) -> Measured:
    """What `post.lua` printed last, as figures."""
    said = json.loads(printed.strip().rpartition("\n")[2])
    return Measured(
        completed=said["completed"],
        seconds=said["microseconds"] / 1e6,
        p50_ms=said["p50_us"] / 1e3,
        p99_ms=said["p99_us"] / 1e3,
        refused=said["refused"],
        broken=said["broken"],
    )
