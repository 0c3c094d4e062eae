"""Stored shadow answers are read beside their rows by ids, however long SQLite's log is."""

from typing import Any

import sqlalchemy as sa

from backend.records import answered
from backend.records.database import Database
from backend.records.predictions import Window


def test_rows_beside_shadow_answers_are_looked_up_by_their_ids(database: Database) -> None:
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        sent.append((sql, values))

    sa.event.listen(database.engine, "before_cursor_execute", keep)
    answered.shadowed(database, "iris", Window(0, 2**62), version=1, limit=50_000)
    sa.event.remove(database.engine, "before_cursor_execute", keep)
    sql, values = next(one for one in sent if "shadow_predictions" in one[0])
    with database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    steps = [str(step[-1]) for step in plan if " predictions " in f"{step[-1]} "]
    assert steps == [
        "SEARCH predictions USING INDEX ix_predictions_prediction_id (prediction_id=?)"
    ]
