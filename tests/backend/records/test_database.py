"""The database: made by many at once, refused when it is of another release."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from backend.errors import SchemaMismatch, Unavailable, Unusable
from backend.records import database
from backend.records.tables import metadata
from backend.settings import ROOT


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'new' / 'watchdesk.db'}"


def test_several_may_migrate_at_once(url: str) -> None:
    code = f"from backend.records.database import migrate; migrate({url!r})"
    racers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(3)]
    assert [racer.wait(60) for racer in racers] == [0, 0, 0]
    opened = database.open_database(url)
    with opened.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM installation")) == 1
    opened.dispose()


def test_the_migrations_make_the_tables_that_the_code_knows(url: str) -> None:
    database.migrate(url)
    opened = database.connect(url)
    with opened.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    opened.dispose()


def test_a_database_without_tables_or_of_another_release_is_refused(url: str) -> None:
    with pytest.raises(SchemaMismatch, match="The database has no Watchdesk tables yet"):
        database.open_database(url)
    database.migrate(url)
    opened = database.connect(url)
    with opened.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    opened.dispose()
    with pytest.raises(
        SchemaMismatch, match=f"has schema `9999`, and this release needs `{database.head()}`"
    ):
        database.open_database(url)
    with pytest.raises(SchemaMismatch, match="which this release does not know"):
        database.migrate(url)


@pytest.mark.parametrize("address", ["mysql://x/y", "nonsense"])
def test_another_kind_of_database_is_refused(address: str) -> None:
    with pytest.raises(Unusable, match="`WATCHDESK_DATABASE_URL`"):
        database.connect(address)


def test_an_unreachable_database_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="The database cannot be used at the moment"):
        database.open_database("postgresql://nobody@127.0.0.1:1/none")


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes, not a database\n" * 100)
    with pytest.raises(Unavailable, match="file is not a database"):
        database.open_database(f"sqlite:///{tmp_path / 'notes.db'}")


def test_sqlite_is_free_of_the_wal_reset_bug(tmp_path: Path) -> None:
    version = database.connect(f"sqlite:///{tmp_path / 'x.db'}").sqlite_version
    assert version is not None
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_writers_wait_for_each_other_and_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'w.db'}"
    database.migrate(url)
    code = f"""
from backend.records import database
from backend.records.tables import blobs
import sqlalchemy as sa
db = database.connect({url!r})
for _ in range(100):
    with db.write() as c:  # reads, then writes: what a deferred transaction fails at
        n = c.scalar(sa.select(sa.func.count()).select_from(blobs))
        c.execute(blobs.insert().values(sha256=str(n), size=0, chunks=0, created_at=0))
"""
    writers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    opened = database.connect(url)
    with opened.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM blobs")) == 200
    opened.dispose()


def test_rows_written_by_name_are_rewritten_in_order(url: str) -> None:
    database.migrate(url)
    found = database.connect(url)
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    signature = {"features": [{"name": "b", "kind": "number"}, {"name": "a", "kind": "category"}]}
    by_name = ['{"b": 0.1, "a": "x"}', '{"a": "\\u00e4 \\"q\\"", "b": null}', '{"b": 1e-300}']
    with found.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        connection.exec_driver_sql(
            "INSERT INTO models (name, task, target, demo, created_at, created_by, last_number,"
            " shadow) VALUES ('m', 'binary', 'y', '0', 0, 'ana', 1, '0')"
        )
        connection.execute(
            sa.text(
                "INSERT INTO versions (model, number, algorithm, task, signature, parameters,"
                " metrics, evaluation, data, environment, trained_seconds, note, created_at,"
                " created_by) VALUES ('m', 1, 'a', 'binary', :signature, '{}', '{}', '{}', '{}',"
                " '{}', 0, '', 0, 'ana')"
            ),
            {"signature": json.dumps(signature)},
        )
        rows = [("answered", text) for text in by_name] + [("refused", '{"b": ')]
        for place, (outcome, text) in enumerate(rows):
            connection.execute(
                sa.text(
                    "INSERT INTO predictions (prediction_id, request_id, at, model, version,"
                    " source, outcome, features) VALUES (:key, :key, 0, 'm', 1, 'live', :o, :t)"
                ),
                {"key": bytes([place] * 16), "o": outcome, "t": text},
            )
    database.migrate(url)
    texts = "SELECT features FROM predictions ORDER BY id"
    with found.read() as connection:
        upgraded = connection.exec_driver_sql(texts).scalars().all()
    assert upgraded == ['[0.1,"x"]', '[null,"ä \\"q\\""]', "[1e-300,null]", '{"b": ']
    with found.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        again = connection.exec_driver_sql(texts).scalars().all()
    assert json.loads(again[1]) == json.loads(by_name[1])
    assert again[3] == '{"b": '
    found.dispose()
