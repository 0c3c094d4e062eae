"""The two databases, for tests that run on both."""

from pathlib import Path

import pytest

from backend.records.database import migrate
from backend.settings import Settings

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def settings_on(database: str, request: pytest.FixtureRequest, folder: Path) -> Settings:
    """Settings with an empty, migrated database of this kind and a data directory in `folder`."""
    variables = {"WATCHDESK_DATA_DIR": str(folder / "data"), "WATCHDESK_USER": "tester"}
    if database == "postgresql":
        variables["WATCHDESK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    found = Settings.from_environment(variables)
    migrate(found.database_url)
    return found
