"""Answers whose truth has come back, on both databases."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.records import predictions
from backend.records.database import Database, connect
from backend.records.log import Filter
from backend.records.predictions import Row, Truth, Window
from console.drift.evidently.known_truths import known_truths
from tests.databases import BOTH, settings_on

START, END = 1_000_000, 2_000_000
ASKED = Filter("m", Window(START, END), version=1)


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    found = connect(settings_on(request.param, request, tmp_path).database_url)
    yield found
    found.dispose()


def row(at: int, **more: Any) -> Row:
    values: dict[str, Any] = {
        "prediction_id": uuid.uuid4().bytes,
        "request_id": uuid.uuid4().bytes,
        "at": at,
        "model": "m",
        "version": 1,
        "source": "live",
        "outcome": "answered",
        "features": "[]",
        "label": "no",
        "value": None,
        "score": 0.25,
        "latency_ms": 1.0,
        "error": None,
    }
    return Row(**(values | more))


def test_only_the_windows_answers_with_a_truth_are_taken(database: Database) -> None:
    rows = [
        row(START, score=0.5),
        row(START + 1),
        row(START - 1),
        row(END),
        row(START, version=2),
        row(START, outcome="refused"),
    ]
    predictions.append(database, rows)
    known = [Truth(predictions.text_of(r.prediction_id), "yes", None) for r in rows if r != rows[1]]
    predictions.append_feedback(database, "m", known)
    frame, total = known_truths(database, ASKED, 100)
    assert total == 1
    assert frame.to_dict("records") == [
        {"__label__": "no", "__value__": None, "__score__": 0.5, "__truth__": "yes"}
    ]


def test_many_are_drawn_at_random_and_counted(database: Database) -> None:
    rows = [row(START + i, label=None, value=float(i), score=None) for i in range(200)]
    predictions.append(database, rows[::-1])
    truths = [Truth(predictions.text_of(r.prediction_id), None, r.value) for r in rows]
    predictions.append_feedback(database, "m", truths)
    frame, total = known_truths(database, ASKED, 50)
    assert (len(frame), total) == (50, 200)
    assert frame["__value__"].is_unique
    assert frame["__value__"].is_monotonic_increasing  # oldest first, whenever it was logged
    assert 40 < frame["__value__"].mean() < 160
    assert (frame["__truth__"] == frame["__value__"].map(repr)).all()
    assert known_truths(database, ASKED, 50)[0].equals(frame)


def test_none_is_an_empty_table(database: Database) -> None:
    frame, total = known_truths(database, ASKED, 50)
    assert (len(frame), total) == (0, 0)
    assert frame.columns.tolist() == ["__label__", "__value__", "__score__", "__truth__"]
