"""What the tests of the protocols ask for: one service with a model of each kind, and its log."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.records.database import connect
from tests.backend.service.served import logged, serve
from tests.conftest import Problem, Service

Rows = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, problems: dict[str, Problem]
) -> Iterator[Service]:
    """A service for all of them; its default model is `mixed`."""
    folder = tmp_path_factory.mktemp("service")
    service = serve(folder, problems, WATCHDESK_DEFAULT_MODEL="mixed")
    yield service
    service.stop()


@pytest.fixture
def rows(served: Service) -> Iterator[Rows]:
    """A function giving a model's newest rows, newest first."""
    database = connect(served.settings.database_url)
    yield lambda model: logged(database, model)
    database.dispose()
