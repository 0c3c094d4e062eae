"""Summaries are tested on SQLite, and what may depend on the database on both."""

from pathlib import Path

import pytest

from backend.settings import Settings
from tests.databases import settings_on


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with a migrated database of the kind that the test is parametrized with."""
    return settings_on(getattr(request, "param", "sqlite"), request, tmp_path)
