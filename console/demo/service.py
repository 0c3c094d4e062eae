"""The prediction service that the demo's traffic goes through: the running one, else our own."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator

from backend import lifeline
from backend.errors import Unavailable
from backend.records.database import Database
from backend.settings import ROOT, Settings
from console.client import Client

START_SECONDS = 30.0
LOOK_SECONDS = 0.2


@contextlib.contextmanager
def running(
    database: Database, settings: Settings, patience_seconds: float = 0.0
) -> Iterator[Client]:
    """A client of a service on this database.

    The one at the service's address, if it comes up within `patience_seconds`; else one on a free
    loopback port, started here and stopped afterwards. A service of another database is not ours:
    it gets no traffic.

    Raises:
        Unavailable: the service that was started here does not come up.
    """
    found = Client(settings.service_url)
    if _comes_up(found, database, patience_seconds):
        yield found
        return
    port = _free_port()
    child = lifeline.spawn((sys.executable, "-m", "backend"), _environment(settings, port), ROOT)
    try:
        own = Client(f"http://127.0.0.1:{port}")
        if not _comes_up(own, database, START_SECONDS):
            raise Unavailable(
                "No prediction service answers, and none could be started here. Start one with"
                " `python -m backend`, then load the demo again."
            )
        yield own
    finally:
        child.stop()


def _comes_up(client: Client, database: Database, patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return client.health().get("database") == database.installation_id()
        except Unavailable:
            if time.monotonic() >= deadline:
                return False
        time.sleep(LOOK_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Settings, port: int) -> dict[str, str]:
    return os.environ | {
        "WATCHDESK_DATA_DIR": str(settings.data_dir),
        "WATCHDESK_DATABASE_URL": settings.database_url,
        "WATCHDESK_HOST": "127.0.0.1",
        "WATCHDESK_PORT": str(port),
    }
