"""Which service the demo's traffic goes through."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.errors import Unavailable
from backend.records.database import Database, connect, migrate
from backend.settings import Settings
from console.client import Client
from console.demo.service import running
from tests.conftest import Service

pytestmark = pytest.mark.processes


@pytest.fixture
def serving(service: Service) -> Service:
    """A running service."""
    return service.start()


@pytest.fixture
def elsewhere(tmp_path: Path, service: Service) -> Iterator[tuple[Settings, Database]]:
    """Another database, whose settings name the port of the running service."""
    settings = Settings.from_environment(
        {"WATCHDESK_DATA_DIR": str(tmp_path / "other"), "WATCHDESK_PORT": str(service.port)}
    )
    migrate(settings.database_url)
    database = connect(settings.database_url)
    yield settings, database
    database.dispose()


def test_the_running_service_is_used(
    serving: Service, database: Database, settings: Settings
) -> None:
    port = {"WATCHDESK_PORT": str(serving.port), "WATCHDESK_DATA_DIR": str(settings.data_dir)}
    with running(database, Settings.from_environment(port)) as client:
        assert client.url == serving.url


@pytest.mark.usefixtures("serving")
def test_a_service_of_another_database_gets_no_traffic_and_ours_ends_with_its_use(
    service: Service, elsewhere: tuple[Settings, Database]
) -> None:
    settings, database = elsewhere
    with running(database, settings) as client:
        assert client.url != service.url
        assert client.health()["database"] == database.installation_id()
    with pytest.raises(Unavailable):
        Client(client.url).health()
