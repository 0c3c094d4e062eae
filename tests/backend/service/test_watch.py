"""A write-ahead log that outgrows its bound is an alarm, until it is small again."""

import logging

import pytest

from backend.records.database import Database
from backend.service.champions import Champions
from backend.service.metrics import Metrics
from backend.service.shadow import Shadow
from backend.service.watch import Watch
from backend.versions.artefacts import Store
from tests.backend.service.scraped import total

BOUND = 6_000_000


def write_much(database: Database) -> None:
    """12 MB of changes."""
    for _ in range(24):
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE padding SET bytes = randomblob(500000)")


@pytest.fixture
def metrics() -> Metrics:
    """What is scraped here."""
    return Metrics()


@pytest.fixture
def watch(database: Database, store: Store, metrics: Metrics) -> Watch:
    """A watch with a bound that a test can reach."""
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE padding (bytes BLOB)")
        connection.exec_driver_sql("INSERT INTO padding VALUES ('')")
    champions = Champions(database, store)
    return Watch(database, champions, Shadow(database, champions.version), metrics, BOUND)


def test_a_reader_of_an_old_state_raises_the_alarm_once_and_ending_it_ends_the_alarm(
    watch: Watch, database: Database, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    write_much(database)
    watch.look()
    assert watch.warnings == []
    with database.read() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM padding").scalar() == 1
        write_much(database)
        with caplog.at_level(logging.WARNING):
            watch.look()
            watch.look()
        size = database.wal_bytes()
        assert size is not None
        warning = (
            f"The database's write-ahead log has {size / 1e6:,.0f} MB, more than 6 MB. It is"
            " emptied only when nobody reads an old state: end what keeps a read transaction open"
            " (a shell, a backup, a long query)."
        )
        assert watch.warnings == [warning]
        assert [record.getMessage() for record in caplog.records] == [warning]
        assert total(metrics.text().decode(), "watchdesk_wal_bytes") == size > BOUND
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    watch.look()
    assert watch.warnings == []
    assert total(metrics.text().decode(), "watchdesk_wal_bytes") == 0
