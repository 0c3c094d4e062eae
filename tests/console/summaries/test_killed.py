"""Exactly once, whoever is killed: real processes, killed while others write and derive."""

import subprocess
import sys

import pytest

from backend.records.database import Database
from backend.settings import ROOT, Settings
from backend.versions.artefacts import Store
from console.summaries import follow
from tests.console.summaries.logged import assert_summarised, version
from tests.databases import BOTH
from tests.processes.conftest import environment

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_derivers_that_are_killed_under_load_summarise_every_row_once(
    settings: Settings, database: Database, store: Store
) -> None:
    made = version(database, store)
    subprocess.run(
        [sys.executable, "-m", "tests.console.summaries.derivers"],
        cwd=ROOT,
        env=environment(settings),
        check=True,
        timeout=120,
    )
    follow.once(database, store)
    assert_summarised(database, [made], store)
