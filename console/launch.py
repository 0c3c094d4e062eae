"""What `streamlit run` starts beside the console: the prediction service and the worker.

Both are children on a lifeline, so they end with the console however it dies, and both are
started again when they end by themselves.
"""

import asyncio
import contextlib
import errno
import gc
import http.client
import importlib
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

import sqlalchemy as sa
from streamlit import env_util

from backend import lifeline
from backend.errors import Refused, Unavailable, WatchdeskError
from backend.records import tables
from backend.records.database import Database, migrate, open_database
from backend.settings import ROOT, Settings
from backend.versions.keys import Key
from console.jobs import claims, queue

# Imported before the first page asks for them, and then kept out of garbage collection, which
# Streamlit runs after every rerun. Not evidently: that is for a job's process.
HEAVY = (
    "pandas",
    "altair",
    "streamlit.emojis",
    "onnxruntime",
    "requests",
    "scipy.stats",
    "sklearn.ensemble",
    "sqlalchemy",
    "pyarrow.csv",
    "pyarrow.parquet",
    "backend.versions.artefacts",
    "console.drift.decisions",
    "console.summaries.judged",
)
LOOK_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A child that lived so long had started well; its next restart comes quickly again."""

logger = logging.getLogger("watchdesk.launch")


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Bring everything up around the console's life, and down after it.

    What stands in the way is said in a sentence on standard error, and the process exits with 1:
    raised from here, it would come out as a traceback of the server's.
    """
    try:
        settings = Settings.from_environment()
        kept = await asyncio.to_thread(start, settings)
    except WatchdeskError as error:
        _leave(error.detail)
    watching = asyncio.create_task(_keep_up(kept))
    try:
        await asyncio.to_thread(warm_up)
        yield
    finally:
        watching.cancel()
        await asyncio.to_thread(_stop, kept)


class Kept:
    """A child that is to be there as long as the console is."""

    def __init__(self, title: str, arguments: Sequence[str]) -> None:
        self.title = title
        self._arguments = (sys.executable, *arguments)
        self._failures = 0
        self._resume_at: float | None = None
        self.child = self._spawn()

    def look(self) -> None:
        """Start it again if it ended: at first after a second, then ever more seldom."""
        code = self.child.exit_code()
        if code is None:
            return
        if self._resume_at is None:
            steady = time.monotonic() - self.child.started > STEADY_SECONDS
            self._failures = 0 if steady else self._failures + 1
            pause = min(2.0 ** max(self._failures - 1, 0), LONGEST_PAUSE_SECONDS)
            self._resume_at = time.monotonic() + pause
            logger.warning(
                "The %s ended (exit code %d); it is started again in %.0f s.",
                self.title,
                code,
                pause,
            )
        elif time.monotonic() >= self._resume_at:
            self._resume_at = None
            self.child = self._spawn()

    def _spawn(self) -> lifeline.Child:
        return lifeline.spawn(self._arguments, cwd=ROOT)


def start(settings: Settings) -> list[Kept]:
    """Prepare the database and start the children.

    Raises:
        Refused: the service's port is taken, or its address cannot be listened on.
        SchemaMismatch, Unavailable, Unusable: the database cannot be used, or no key can be made.
    """
    if settings.backend_url is None:
        require_port(settings.host, settings.port)
    try:
        migrate(settings.database_url)
    except OSError as error:
        raise Unavailable(
            f"The database at `{sa.make_url(settings.database_url)}` cannot be opened"
            f" ({error.strerror}). Make its folder writable, or set `WATCHDESK_DATA_DIR` to"
            " another."
        ) from error
    database = open_database(settings.database_url)
    try:
        Key(settings.key_file).make()
        if settings.demo:
            submit_demo(database, by=settings.user)
    finally:
        database.dispose()
    kept = [Kept("worker", ("-m", "console", "work"))]
    if settings.backend_url is None:
        kept.insert(0, Kept("prediction service", ("-m", "backend")))
    return kept


def submit_demo(database: Database, *, by: str) -> int | None:
    """Queue the demo on an empty database, and complete one that was interrupted.

    One that somebody cancelled or removed is not loaded again. Returns the job's id, if any.
    """
    claims.bury(database)  # a demo that ran when the machine went down was interrupted
    latest = next(iter(queue.recent(database, "demo", limit=1)), None)
    if latest is not None:
        again = latest.state == "interrupted"
        return queue.submit(database, "demo", latest.params, by=by) if again else None
    with database.read() as connection:
        if connection.scalar(sa.select(sa.exists().select_from(tables.models))):
            return None
    return queue.submit(database, "demo", {}, by=by)


def require_port(host: str, port: int, patience_seconds: float = 6.0) -> None:
    """Check that the prediction service can listen there.

    A Watchdesk that answers there is waited for, since it may be leaving with its console.

    Raises:
        Refused: it cannot; the sentence says what to do.
    """
    deadline = time.monotonic() + patience_seconds
    while (taken := _taken(host, port)) and _is_watchdesk(host, port):
        if time.monotonic() > deadline:
            raise Refused(
                f"Another Watchdesk answers on port {port}. Use its console or stop it; to run a"
                " second one set `WATCHDESK_PORT` (and `--server.port`) to other ports, or"
                f" `WATCHDESK_BACKEND_URL=http://{host}:{port}` to share its prediction service."
            )
        time.sleep(0.2)
    if taken:
        raise Refused(
            f"Port {port}, where the prediction service listens, is taken by another program."
            f" Stop that program, or set another port: `WATCHDESK_PORT={port % 65535 + 1}`."
        )


def _taken(host: str, port: int) -> bool:
    """Whether somebody listens there.

    Raises:
        Refused: nobody may, or the address is not this machine's.
    """
    bare = host.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in bare else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bare, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise Refused(
                f"The prediction service cannot listen on {host}:{port} ({error.strerror}). Set"
                " `WATCHDESK_HOST` to an address of this machine and `WATCHDESK_PORT` to a free"
                " port above 1023."
            ) from error
    return False


def _is_watchdesk(host: str, port: int) -> bool:
    bare = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))  # noqa: S104  # asked, not bound
    connection = http.client.HTTPConnection(bare, port, timeout=2)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        answer = json.loads(connection.getresponse().read(10_000))
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return isinstance(answer, dict) and "database" in answer


async def _keep_up(kept: list[Kept]) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        for each in kept:
            each.look()


def warm_up() -> None:
    """Pay for what the first reader of a page would otherwise wait for."""
    for name in HEAVY:
        importlib.import_module(name)
    env_util.is_repl()  # Streamlit asks once, and walks every module for it
    gc.collect()
    gc.freeze()


def _stop(kept: list[Kept]) -> None:
    for each in kept:
        each.child.signal(signal.SIGTERM)
    deadline = time.monotonic() + lifeline.LEAVE_WITHIN_SECONDS
    for each in kept:
        each.child.stop(max(deadline - time.monotonic(), 0.0))


def _leave(sentence: str) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.write(f"\n{sentence}\n")
    sys.stderr.flush()
    os._exit(1)
