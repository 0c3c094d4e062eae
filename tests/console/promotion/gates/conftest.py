"""One world for all tests that only read it; who changes something makes one of their own."""

from collections.abc import Iterator

import pytest

from backend.records.database import connect, migrate
from backend.settings import Settings
from backend.versions.artefacts import Store
from tests.console.promotion.gates import made
from tests.console.promotion.gates.made import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three versions and a log, made once; not to be changed."""
    folder = tmp_path_factory.mktemp("loans")
    settings = Settings.from_environment({"WATCHDESK_DATA_DIR": str(folder)})
    migrate(settings.database_url)
    database = connect(settings.database_url)
    yield made.world(database, Store.of(settings))
    database.dispose()
