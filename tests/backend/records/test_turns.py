"""Writers to one SQLite file, in several processes: none starves, and the log stays small."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from backend.errors import Unavailable
from backend.records.database import connect, migrate
from backend.records.turns import Locked, Turns
from backend.settings import ROOT

HOLDS = (
    "import sys, time; from pathlib import Path; from backend.records.turns import Turns\n"
    "with Turns(Path(sys.argv[1])).take(0): print('held', flush=True); time.sleep(60)"
)
WRITES = """
import sys, uuid
from backend.records.appender import Appender
from backend.records.database import connect, now
appender = Appender(connect(sys.argv[1]), patient=True)
for _ in range(300):
    rows = [
        (uuid.uuid4().bytes, b"", now(), "m", 1, "live", "answered", "x" * 400, *[None] * 5)
        for _ in range(16)
    ]
    appender.append(rows)
"""


def test_a_turn_ends_with_its_holder_however_that_dies(tmp_path: Path) -> None:
    file = tmp_path / "watchdesk.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(file)], cwd=ROOT, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Locked), Turns(file).take(0.01):
            pass
        holder.kill()
    with Turns(file).take(0):
        pass


def test_threads_take_turns_too(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "watchdesk.db")
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turns.take(20):
                inside += 1
                most = max(most, inside)
                time.sleep(0.001)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)
    turns.close()


def test_who_waits_in_vain_is_told_as_by_sqlite_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'watchdesk.db'}"
    migrate(url)
    database = connect(url)
    with database.write(), pytest.raises(Unavailable) as said, database.write():
        pass
    assert said.value.detail == (
        "The database cannot be used at the moment: database is locked. Try again; nothing was"
        " changed."
    )


def test_the_write_ahead_log_stays_small_while_several_processes_write(tmp_path: Path) -> None:
    file = tmp_path / "watchdesk.db"
    url = f"sqlite:///{file}"
    migrate(url)
    database = connect(url)
    writers = [subprocess.Popen([sys.executable, "-c", WRITES, url], cwd=ROOT) for _ in range(3)]
    largest = 0
    while any(writer.poll() is None for writer in writers):
        largest = max(largest, database.wal_bytes() or 0)
        time.sleep(0.01)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM predictions").scalar() == 14_400
    assert 0 < largest < 10_000_000
    database.dispose()


@pytest.mark.parametrize(("level", "number"), [("NORMAL", 1), ("FULL", 2)])
def test_what_a_commit_survives_is_a_setting(tmp_path: Path, level: str, number: int) -> None:
    database = connect(f"sqlite:///{tmp_path / 'x.db'}", synchronous=level)  # type: ignore[arg-type]  # one of the two
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == number
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    raw = database.engine.raw_connection()
    assert isinstance(raw.driver_connection, sqlite.Connection)
    assert raw.driver_connection.execute("PRAGMA synchronous").fetchone() == (number,)
    raw.close()
    database.dispose()
