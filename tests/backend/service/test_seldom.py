"""What a fault repeats is logged at once, then seldom, and what is held back is counted."""

import logging
from collections.abc import Callable
from itertools import count

import pytest

from backend.service.seldom import PAUSE_S, Seldom

NAMES = count()
FULL = "%d rows were not logged: %s"


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> logging.Logger:
    """A logger of the test's own."""
    found = logging.getLogger(f"seldom-{next(NAMES)}")
    found.addFilter(Seldom(clock))
    return found


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines that were logged."""
    return lambda: [record.getMessage() for record in caplog.records]


def test_the_first_is_logged_at_once_and_the_next_counts_those_held_back(
    log: logging.Logger, clock: Clock, said: Callable[[], list[str]]
) -> None:
    for rows in range(1, 1_502):
        log.warning(FULL, rows, "disk full")
    clock.now += PAUSE_S - 0.01
    log.warning(FULL, 1_502, "disk full")
    assert said() == ["1 rows were not logged: disk full"]
    clock.now += 0.01
    log.warning(FULL, 7, "100 % full")
    assert said()[1:] == [
        "7 rows were not logged: 100 % full (1,501 more failed so since the last such line)"
    ]


def test_a_fault_that_is_rare_is_logged_each_time_as_it_is(
    log: logging.Logger, clock: Clock, said: Callable[[], list[str]]
) -> None:
    for _ in range(3):
        log.warning(FULL, 5, "locked")
        clock.now += PAUSE_S
    assert said() == ["5 rows were not logged: locked"] * 3


def test_one_fault_does_not_hide_another_or_its_traceback(
    log: logging.Logger, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        log.warning(FULL, 5, "disk full")
        try:
            raise ValueError("a bug")
        except ValueError:
            log.exception("a batch could not be predicted")
    assert [record.getMessage() for record in caplog.records] == [
        "5 rows were not logged: disk full",
        "a batch could not be predicted",
    ]
    assert "ValueError: a bug" in caplog.text
