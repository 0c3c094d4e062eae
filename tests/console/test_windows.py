"""Stretches of the log: their ends, their text form, their buckets."""

from collections.abc import Callable

import pytest

from backend.errors import Unusable
from backend.records import predictions
from backend.records.database import Database, now
from backend.records.predictions import Window
from backend.records.registry import Version
from console import windows
from console.windows import DAY, HOUR, MINUTE, Choice
from tests.console.log_rows import NOON, row


def test_a_length_ends_with_the_newest_row_however_old_it_is() -> None:
    window = Choice("7d").window((NOON - 30 * DAY, NOON))

    assert window.end - window.start == 7 * DAY
    assert window.start <= NOON < window.end <= NOON + HOUR


@pytest.mark.parametrize(("name", "step"), [("1h", MINUTE), ("24h", HOUR)])
def test_the_same_stretch_is_asked_for_within_its_step(name: str, step: int) -> None:
    first = Choice(name).window((NOON, NOON))

    assert Choice(name).window((NOON, NOON + step - 1)) == first
    assert Choice(name).window((NOON, NOON + step)) != first


def test_everything_holds_the_oldest_and_the_newest_row() -> None:
    window = Choice("all").window((NOON - 90 * DAY, NOON))

    assert window.start <= NOON - 90 * DAY
    assert window.end > NOON


def test_an_empty_log_is_looked_at_up_to_now() -> None:
    window = Choice("1h").window(None)

    assert abs(window.end - now()) < 2 * MINUTE
    assert window.end - window.start == HOUR


def test_a_time_without_a_zone_is_utc() -> None:
    assert windows.moment("2011-04-01T12:00") == NOON
    assert windows.moment("2011-04-01T14:00+02:00") == NOON
    assert windows.iso(NOON) == "2011-04-01T12:00:00Z"


def test_a_time_keeps_its_microseconds_in_either_half_of_a_second() -> None:
    assert windows.moment("2011-04-01T12:00:00.499999Z") == NOON + 499_999
    assert windows.moment("2011-04-01T12:00:00.5Z") == NOON + 500_000
    assert windows.moment("2011-04-01T12:00:00.999999Z") == NOON + 999_999


def test_a_text_that_is_no_time_is_refused_with_what_was_expected() -> None:
    with pytest.raises(Unusable) as refusal:
        windows.moment("yesterday")

    assert refusal.value.detail == (
        "`yesterday` is not a time; expected ISO 8601, such as `2011-04-07T14:00Z`."
    )


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+05:00",
        "0001-01-01T00:00:00.5+00:01",
        "9999-12-31T24:00:00Z",
    ],
)
def test_a_time_beyond_the_ends_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(Unusable, match="is not a time; expected ISO 8601"):
        windows.moment(text)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "0987-03-04T05:06:07Z", "9999-12-31T23:59:59Z"]
)
def test_the_first_and_the_last_moment_are_written_as_they_are_read(text: str) -> None:
    assert windows.iso(windows.moment(text)) == text
    assert f" {text[:4]}, " in windows.utc(windows.moment(text))


def test_a_stretch_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Unusable) as refusal:
        windows.between(NOON, NOON - HOUR)

    assert refusal.value.detail == (
        "The time from 2011-04-01T12:00:00Z to 2011-04-01T11:00:00Z ends before it begins."
        " Choose a later end."
    )


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (3, MINUTE),
        (HOUR, MINUTE),
        (20 * HOUR, 30 * MINUTE),
        (DAY, HOUR),
        (7 * DAY, 3 * HOUR),
        (30 * DAY, 12 * HOUR),
        (183 * DAY, 4 * DAY),
        (3_650 * DAY, 61 * DAY),
    ],
)
def test_buckets_are_of_a_round_length_and_never_too_many(length: int, expected: int) -> None:
    assert windows.bucket(Window(NOON, NOON + length)) == expected


def test_the_span_is_that_of_the_model_alone(
    database: Database, registered: Callable[..., Version]
) -> None:
    version = registered()
    other = registered("iris")
    assert windows.span(database, version.model) is None

    predictions.append(database, [row(version, NOON), row(version, NOON + HOUR)])
    predictions.append(database, [row(other, NOON + DAY)])

    assert windows.span(database, version.model) == (NOON, NOON + HOUR)
