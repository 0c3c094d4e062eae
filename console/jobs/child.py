"""The process of one job: `python -m console.jobs.child ID`, started by a worker.

It writes how the job ended if the job came to an end: `done`, or `failed` with a sentence. What
was cancelled or killed is for the worker to write, which sees the process leave either way.
"""

import importlib
import json
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from backend import lifeline
from backend.errors import Unavailable, Unusable, WatchdeskError
from backend.records.database import Database, open_database
from backend.settings import Settings
from console.jobs import claims, queue
from console.jobs.context import Cancelled, JobContext
from console.jobs.kinds import KINDS
from console.jobs.queue import Job

NICENESS = 5  # the service answers first
STOPPED = 3
FINISH_TRIES = 5


def main(arguments: list[str], kinds: Mapping[str, str] = KINDS) -> int:
    """Run the job whose id is the one argument; returns 0, or 3 when it was stopped."""
    lifeline.guard_from_environment()
    os.nice(NICENESS)
    # Evidently and its relatives report their use to their makers otherwise.
    os.environ.update(DO_NOT_TRACK="1", ITERATIVE_DO_NOT_TRACK="1")
    # One core stays for the service: OpenMP's threads wait busily, and niceness does not help.
    os.environ.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 2) - 1, 1)))
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    job = queue.get(database, int(arguments[0]))
    context = JobContext(database, settings, job)
    try:
        signal.signal(signal.SIGTERM, _stop)
        outcome = _run(job, context, kinds)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it came to its end: let it say so
    except Cancelled:
        return STOPPED
    finally:
        context.close()
    _finish(database, job, outcome)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Cancelled


def _run(job: Job, context: JobContext, kinds: Mapping[str, str]) -> dict[str, Any]:
    """Run it and say how it ended, as keywords of `claims.finish`."""
    try:
        result = _function(job.kind, kinds)(context, **job.params)
        return {"state": "done", "result": plain(result)}
    except WatchdeskError as error:
        context.log(error.detail)
        return {"state": "failed", "error": error.detail}
    except MemoryError:
        return {"state": "failed", "error": _OUT_OF_MEMORY}
    except Exception as error:  # noqa: BLE001  # the boundary of a job: a bug must not look like death
        text = traceback.format_exc()
        sys.stderr.write(text)
        context.log(text)
        return {"state": "failed", "error": _bug(error)}


def _function(kind: str, kinds: Mapping[str, str]) -> Callable[..., Mapping[str, Any] | None]:
    """What runs a kind.

    Raises:
        Unusable: this release knows no such kind.
    """
    if kind not in kinds:
        known = ", ".join(f"`{name}`" for name in sorted(kinds))
        raise Unusable(f"There is no kind of job `{kind}`; this release knows {known}.")
    module, _, name = kinds[kind].partition(":")
    found: Callable[..., Mapping[str, Any] | None] = getattr(importlib.import_module(module), name)
    return found


def _finish(database: Database, job: Job, outcome: dict[str, Any]) -> None:
    """Write the end; a database that is busy must not cost an hour's training.

    Raises:
        Unavailable: it could not be written in all `FINISH_TRIES`.
    """
    for left in reversed(range(FINISH_TRIES)):
        try:
            claims.finish(database, job.id, job.worker or "", **outcome)
            return
        except Unavailable:
            if not left:
                raise
            time.sleep(2)


def plain(value: Any) -> Any:
    """`value` as JSON knows it: NaN and infinity become null, numpy's numbers plain ones.

    Raises:
        TypeError: something in it has no JSON form.
    """
    return json.loads(json.dumps(_finite(value), allow_nan=False))


def _finite(value: Any) -> Any:
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value


_OUT_OF_MEMORY = "The job ran out of memory. Use fewer rows, or a smaller model (fewer trees)."


def _bug(error: Exception) -> str:
    reason = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {reason[0]}" if reason else type(error).__name__
    return f"A bug ended this job (`{what[:200]}`). Its log has the details; please report them."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
