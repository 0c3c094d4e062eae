"""The quick way into the log, on both databases."""

from typing import Any

import pytest
import sqlalchemy as sa
import uuid_utils

from backend.errors import Unavailable
from backend.records.appender import Appender, Busy
from backend.records.database import Database
from backend.records.inserts import ROWS_PER_STATEMENT
from backend.records.predictions import INSERT, Row
from backend.records.tables import predictions


def a_row(**other: Any) -> Row:
    key = uuid_utils.uuid7().bytes
    text = '{"a": 1.5}'
    row = Row(key, key, 1, "m", 1, "live", "answered", text, "x", None, 0.5, 1.0, None)
    return row._replace(**other)


def stored(database: Database) -> list[Row]:
    columns = [predictions.c[name] for name in Row._fields]
    with database.read() as connection:
        rows = connection.execute(sa.select(*columns).order_by(predictions.c.id)).all()
    return [Row(bytes(row[0]), bytes(row[1]), *row[2:]) for row in rows]


@pytest.mark.parametrize("patient", [True, False])
def test_what_is_appended_is_there_as_it_was_given(database: Database, patient: bool) -> None:
    rows = [a_row(), a_row(version=None, features=None, label=None, value=2.5, error="no")]
    rows += [a_row(at=n) for n in range(ROWS_PER_STATEMENT + 1)]
    appender = Appender(database, patient=patient)
    appender.append(rows[:1])
    appender.append(rows[1:])
    appender.close()
    assert stored(database) == rows


def test_rows_are_appended_all_or_none(database: Database) -> None:
    appender = Appender(database, patient=True)
    many = [a_row() for _ in range(ROWS_PER_STATEMENT)]
    with pytest.raises(Exception, match=r"NOT NULL|not-null|null value"):
        appender.append([*many, a_row(model=None)])
    assert stored(database) == []
    appender.append(many)
    appender.close()
    assert len(stored(database)) == ROWS_PER_STATEMENT


def test_a_closed_appender_opens_again(database: Database) -> None:
    appender = Appender(database, patient=True)
    for _ in range(2):
        appender.append([a_row()])
        appender.close()
    assert len(stored(database)) == 2


def test_the_impatient_one_says_busy_at_once_and_the_patient_one_that_it_waited(
    database: Database,
) -> None:
    if not database.is_sqlite:
        return  # PostgreSQL's writers do not wait for each other
    impatient = Appender(database, patient=False)
    with database.write(), pytest.raises(Busy):
        impatient.append([a_row()])
    impatient.append([a_row()])
    assert len(stored(database)) == 1
    impatient.close()


def test_a_lost_connection_is_one_refusal(database: Database) -> None:
    if database.is_sqlite:
        return  # a file is not lost
    appender = Appender(database, patient=True)
    appender.append([a_row()])
    with database.write() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    with pytest.raises(Unavailable):
        appender.append([a_row()])
    appender.append([a_row()])
    assert len(stored(database)) == 2
    appender.close()


def test_what_an_appender_sets_on_its_connection_ends_with_it(database: Database) -> None:
    appender = Appender(database, patient=False)
    appender.append([a_row()])
    appender.close()
    with database.read() as connection:
        patience = "PRAGMA busy_timeout" if database.is_sqlite else "SELECT 5000"
        assert connection.exec_driver_sql(patience).scalar() == 5_000
    with pytest.raises(sa.exc.IntegrityError):
        insert(database, a_row(), a_row(model=None))
    assert len(stored(database)) == 1


def insert(database: Database, *rows: Row) -> None:
    """One statement a row: one that fails takes back those before it."""
    with database.write() as connection:
        for row in rows:
            connection.execute(predictions.insert().values(row._asdict()))


def test_what_inserts_a_row_names_its_columns_in_order() -> None:
    [(statement, values)] = INSERT.statements([a_row()], is_sqlite=False)
    assert f"({', '.join(Row._fields)})" in statement
    assert len(values) == len(Row._fields)
