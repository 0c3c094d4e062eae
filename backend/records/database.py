"""The database: the only module that knows its address and its dialect."""

import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from backend.errors import SchemaMismatch, Unavailable, Unusable
from backend.records import tables
from backend.records.sqlite_engine import BUSY_TIMEOUT_MS, Synchronous, sqlite_engine
from backend.records.turns import Locked, Turns

WAL_BOUND_BYTES = 256 << 20
"""A write-ahead log above this is an alarm: SQLite empties it every few megabytes."""
MIGRATIONS = Path(__file__).parent / "migrations"
# One number for all who migrate on PostgreSQL; SQLite's own write lock serves there.
MIGRATION_LOCK = 7_301_945_528


@dataclass(frozen=True)
class Database:
    """An engine and the ways of using it: `read()`, `snapshot()` and `write()`.

    Each gives a SQLAlchemy connection in a transaction; `write()` commits at the end of the block
    and rolls back if it raises. What the driver reports as locked, full or gone is `Unavailable`.
    """

    engine: Engine
    turns: Turns | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def sqlite_version(self) -> str | None:
        """The version of the SQLite in use; None on PostgreSQL."""
        return sqlite.sqlite_version if self.is_sqlite else None

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; each query sees what is committed when it begins."""
        with translated(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection whose queries all see one state: what was committed when the first began.

        On SQLite reading is always so, as its transactions are.
        """
        with self.read() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection for one short write: at most 1,000 rows, or answers wait for it."""
        with translated(), self.engine.connect() as pooled, self.turn():
            connection = pooled.execution_options(watchdesk_write=True)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def turn(self, seconds: float = BUSY_TIMEOUT_MS / 1_000) -> Iterator[None]:
        """Hold the turn to write, on SQLite; `write()` does, and whoever begins by the driver.

        Raises:
            turns.Locked: another writer kept it for so long. `translated` knows it.
        """
        if self.turns is None:
            yield
            return
        with self.turns.take(seconds):
            yield

    def installation_id(self) -> str:
        """The identity of this database, made with it."""
        with self.read() as connection:
            return str(connection.scalar(sa.select(tables.installation.c.id)))

    def wal_bytes(self) -> int | None:
        """The size of SQLite's write-ahead log; None where there is no such file."""
        if self.turns is None:
            return None
        try:
            return Path(f"{self.turns.database}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        if self.turns is not None:
            self.turns.close()


def now() -> int:
    """UTC microseconds since 1970."""
    return time.time_ns() // 1_000


def connect(url: str, synchronous: Synchronous = "NORMAL") -> Database:
    """Open the database at `url` without looking at its schema.

    `synchronous` is what a commit survives on SQLite: `NORMAL` a killed process, `FULL` a power
    cut as well. PostgreSQL goes by its own `synchronous_commit`.

    Raises:
        Unusable: the address is not one of SQLite or PostgreSQL.
    """
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise Unusable(
            "`WATCHDESK_DATABASE_URL` is not a database address; expected something like"
            " `sqlite:///data/local/watchdesk.db` or `postgresql://user:password@host/name`."
        ) from error
    backend = address.get_backend_name()
    if backend == "sqlite":
        path = address.database
        turns = Turns(Path(path)) if path and path != ":memory:" else None
        return Database(sqlite_engine(address, synchronous), turns)
    if backend in {"postgresql", "postgres"}:
        address = address.set(drivername="postgresql+psycopg")
        return Database(sa.create_engine(address, pool_pre_ping=True, pool_size=8))
    raise Unusable(
        f"`WATCHDESK_DATABASE_URL` begins with `{backend}`; expected `sqlite` or `postgresql`."
    )


def open_database(url: str, synchronous: Synchronous = "NORMAL") -> Database:
    """Open a database whose schema is the one this release knows; see `connect`.

    Raises:
        SchemaMismatch: it is of another release, or has no tables yet.
        Unavailable: it cannot be reached.
    """
    database = connect(url, synchronous)
    with database.read() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    expected = head()
    if found == expected:
        return database
    database.dispose()
    if found is None:
        raise SchemaMismatch(
            "The database has no Watchdesk tables yet. Start the console with `streamlit run`, or"
            " create them with `python -m backend migrate`."
        )
    raise SchemaMismatch(
        f"The database has schema `{found}`, and this release needs `{expected}`. Bring it up to"
        " date with `python -m backend migrate`, or run the release that wrote it."
    )


def migrate(url: str) -> None:
    """Bring the schema at `url` up to this release, creating it if there is none.

    Several processes may call it at once: one migrates, the others wait and find it done.

    Raises:
        SchemaMismatch: the database is of a newer release.
    """
    database = connect(url)
    try:
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            _upgrade(connection)
            if connection.scalar(sa.select(tables.installation.c.id)) is None:
                connection.execute(
                    tables.installation.insert().values(id=str(uuid.uuid4()), created_at=now())
                )
    finally:
        database.dispose()


def head() -> str:
    """The revision of the schema that this release knows."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def _upgrade(connection: Connection) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaMismatch(
            f"The database has schema `{found}`, which this release does not know (it needs"
            f" `{head()}`). Run the newer release that wrote it."
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turns what a driver reports as locked, full or gone into `Unavailable`."""
    try:
        yield
    except Locked as error:
        raise Unavailable(reason_of(error)) from error
    except sa.exc.TimeoutError as error:
        raise Unavailable("Every database connection is in use. Try again in a moment.") from error
    except (sa.exc.OperationalError, sa.exc.InternalError) as error:
        raise Unavailable(reason_of(error.orig or error)) from error
    except (sa.exc.DatabaseError, sqlite.DatabaseError) as error:
        # What is no database at all is said by the driver, outside or inside SQLAlchemy's error.
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise Unavailable(
            f"The database cannot be opened: {said}. See that `WATCHDESK_DATABASE_URL` or"
            " `WATCHDESK_DATA_DIR` names a database of Watchdesk's, or restore it from a backup."
        ) from error


def reason_of(error: BaseException) -> str:
    """A driver's complaint as a sentence."""
    said = str(error).strip().splitlines()[0]
    return f"The database cannot be used at the moment: {said}. Try again; nothing was changed."
