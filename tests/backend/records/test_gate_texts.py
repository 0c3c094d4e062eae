"""The text of a model's gates: kept as written, each change recorded with what was there before."""

import json
import threading

import pytest
import sqlalchemy as sa

from backend.errors import NotFound
from backend.records import drafts, gate_texts
from backend.records.database import Database
from backend.records.tables import audit
from tests.backend.records.test_scenarios import NEW


def recorded(database: Database) -> list[dict[str, str | None]]:
    query = sa.select(audit.c.detail).where(audit.c.action == "gates").order_by(audit.c.id)
    with database.read() as connection:
        return [json.loads(detail) for detail in connection.scalars(query)]


def test_a_text_is_kept_to_the_letter_and_taken_back(database: Database) -> None:
    drafts.add(database, NEW)
    assert gate_texts.get(database, "m") is None
    text = "# 5 % für alle — ≤\r\n[floors]\n"
    gate_texts.put(database, "m", text, actor="ada")
    gate_texts.put(database, "m", text, actor="bob")
    assert gate_texts.get(database, "m") == text
    gate_texts.put(database, "m", None, actor="ada")
    assert gate_texts.get(database, "m") is None
    assert [(row["before"], row["after"]) for row in recorded(database)] == [
        (None, text),
        (text, None),
    ]


def test_of_those_who_write_at_once_each_is_recorded_with_what_it_replaced(
    database: Database,
) -> None:
    drafts.add(database, NEW)
    barrier = threading.Barrier(4)

    def put(text: str) -> None:
        barrier.wait()
        gate_texts.put(database, "m", text, actor=text)

    threads = [threading.Thread(target=put, args=(text,)) for text in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = recorded(database)
    texts = [None, *(row["after"] for row in rows)]
    assert [row["before"] for row in rows] == texts[:-1]
    assert {text for text in texts if text} == set("abcd")
    assert gate_texts.get(database, "m") == texts[-1]


def test_an_unknown_model_keeps_no_text(database: Database) -> None:
    with pytest.raises(NotFound):
        gate_texts.get(database, "m")
    with pytest.raises(NotFound):
        gate_texts.put(database, "m", "x", actor="ada")
    assert recorded(database) == []
