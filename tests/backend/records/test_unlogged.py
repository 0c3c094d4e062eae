"""What the tables hold and the audit log does not tell of: rows that were removed from it."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from backend.records import aliases, audit, chain, tables
from backend.records.database import MIGRATIONS, Database
from backend.records.drafts import NewVersion, add, register
from backend.records.unlogged import BEGUN

HOUR = 3_600_000_000
EMPTIED = tables.audit.delete()
MARK = tables.watermarks


def version(database: Database) -> int:
    """A version of the model `m`, of one byte: moves look no deeper."""
    new = NewVersion(
        model="m",
        algorithm="logistic_regression",
        task="multiclass",
        target="target",
        parameters={},
        metrics={},
        evaluation={},
        signature={"features": []},
        data={},
        environment={},
        trained_seconds=0.1,
        note="",
        created_by="tester",
        files={"model": b"x"},
    )
    number = register(database, add(database, new), lambda *_: {}).number
    assert number is not None
    return number


def promoted(database: Database, times: int = 2) -> None:
    for _ in range(times):
        aliases.promote(database, "m", version(database), actor="ada", reason="Better.")


def execute(database: Database, *statements: sa.Executable) -> None:
    with database.write() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_honest_log_tells_of_all(database: Database) -> None:
    assert chain.check(database, {}).ok
    promoted(database)
    assert chain.check(database, {}).ok


def test_a_log_that_was_emptied_is_found_by_what_it_told_of(database: Database) -> None:
    promoted(database)
    execute(database, EMPTIED)
    found = chain.check(database, {})
    assert (found.ok, found.rows, found.first_bad) == (False, 0, None)
    assert found.why == (
        "Rows were removed from the log: it does not tell of what is in the database (promotions 1,"
        " 2)."
    )


def test_a_log_that_was_emptied_and_begun_again_is_found_too(database: Database) -> None:
    promoted(database, 5)
    execute(database, EMPTIED)
    promoted(database, 1)
    found = chain.check(database, {})
    assert not found.ok
    assert found.why.endswith("(promotions 1, 2, 3 and 2 more).")


def test_rows_cut_off_at_the_end_are_found_without_an_anchor(database: Database) -> None:
    promoted(database)
    newest = audit.rows_of(database)[0]
    assert newest.action == "promote"
    execute(database, EMPTIED.where(tables.audit.c.id == newest.id))
    assert chain.check(database, {}).why.endswith("(promotion 2).")


def test_what_is_older_than_the_log_needs_no_row(database: Database) -> None:
    promoted(database)
    execute(
        database,
        EMPTIED,
        MARK.update().where(MARK.c.name == BEGUN).values(epoch=MARK.c.epoch + HOUR),
    )
    found = chain.check(database, {})
    assert (found.ok, found.rows) == (True, 0)


def test_promotions_from_before_an_upgrade_need_no_row(database: Database) -> None:
    promoted(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        command.upgrade(config, "head")
    found = chain.check(database, {})
    assert (found.ok, found.rows) == (True, 0)
    promoted(database, 1)
    assert chain.check(database, {}).ok
    execute(database, EMPTIED)
    assert chain.check(database, {}).why.endswith("(promotion 3).")


def test_a_database_without_the_mark_is_judged_from_its_first_row_on(database: Database) -> None:
    promoted(database, 1)
    old = aliases.history(database, "m")[0]
    execute(
        database,
        EMPTIED,
        MARK.delete().where(MARK.c.name == BEGUN),
        tables.promotions.update().values(at=old.at - HOUR),
    )
    promoted(database, 1)
    assert chain.check(database, {}).ok
    execute(database, EMPTIED.where(tables.audit.c.action == "promote"))
    assert chain.check(database, {}).why.endswith("(promotion 2).")


def test_a_request_always_has_its_row(database: Database) -> None:
    promoted(database, 1)
    sha = "0" * 64
    with database.write() as connection:
        blob = {"sha256": sha, "size": 0, "chunks": 0, "created_at": 1}
        connection.execute(tables.blobs.insert().values(**blob))
        values = {"model": "m", "number": 1, "requested_at": 1, "requested_by": "eve"}
        values |= {"reason": "x", "sha256": sha, "passed": True, "waivers": [], "state": "open"}
        connection.execute(tables.promotion_requests.insert().values(**values))
    assert chain.check(database, {}).why.endswith("(promotion request 1).")


def test_a_detail_that_is_not_as_we_write_it_tells_of_nothing(database: Database) -> None:
    promoted(database, 1)
    for detail in ("[]", "{", '{"promotion":[1]}'):
        rewrite(database, detail)
        assert chain.check(database, {}).why.endswith("(promotion 1).")


def rewrite(database: Database, detail: str) -> None:
    """Give the newest row another detail, with a hash that fits."""
    with database.write() as connection:
        table = tables.audit
        row = connection.execute(table.select().order_by(table.c.id.desc())).first()
        assert row is not None
        values = row._asdict() | {"detail": detail}
        values["hash"] = audit.digest(row.previous, values)
        connection.execute(table.update().where(table.c.id == row.id).values(**values))
