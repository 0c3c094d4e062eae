"""Exactly once, whoever is killed: real processes, killed while others write and derive."""

import subprocess
import sys

import pytest
import sqlalchemy as sa

from backend.records import summaries
from backend.records.database import Database
from backend.records.tables import predictions
from backend.settings import ROOT, Settings
from backend.versions.artefacts import Store
from console.summaries import follow
from tests.console.summaries.logged import assert_summarised, version
from tests.databases import BOTH
from tests.processes.conftest import environment

pytestmark = pytest.mark.processes
SECONDS = 2.0


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_derivers_that_are_killed_under_load_summarise_every_row_once(
    settings: Settings, database: Database, store: Store
) -> None:
    made = version(database, store)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.console.summaries.derivers", str(SECONDS)],
        cwd=ROOT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    assert int(ran.stdout) > 10
    with database.read() as connection:
        # They got somewhere in spite of being killed.
        assert summaries.watermark(connection).id > 100
        logged = connection.scalar(sa.select(sa.func.count()).select_from(predictions))
    assert logged is not None
    assert logged > 300
    follow.once(database, store)
    assert_summarised(database, [made], store)
