"""The long tests: `make soak` runs them and the gate does not, for pytest is told to pass by."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long they take: `make soak ARGS="--minutes 1 --requests 50000"` is a short one."""
    parser.addoption("--minutes", type=float, default=10.0, help="of the mixed bad days")
    parser.addoption("--requests", type=int, default=1_000_000, help="that memory is held to")


@pytest.fixture
def minutes(request: pytest.FixtureRequest) -> float:
    """How long the mixed bad days last."""
    return float(request.config.getoption("--minutes"))


@pytest.fixture
def requests_to_send(request: pytest.FixtureRequest) -> int:
    """How many requests memory is held to."""
    return int(request.config.getoption("--requests"))
