"""`python -m tests.processes.run_worker [--once]`: a worker that knows the tests' kinds."""

import sys

from backend.settings import Settings
from console.jobs.worker import work

if __name__ == "__main__":
    work(
        Settings.from_environment(),
        once="--once" in sys.argv,
        command=(sys.executable, "-m", "tests.processes.run_job"),
    )
