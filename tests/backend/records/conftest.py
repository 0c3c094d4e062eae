"""The records are tested on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.records.database import Database, connect, migrate


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Each of these runs on both databases."""
    url = f"sqlite:///{tmp_path / 'watchdesk.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    migrate(url)
    found = connect(url)
    yield found
    found.dispose()
