"""Which ids are settled, who may advance the watermark, and random rows by their ids."""

import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from backend.records import predictions, samples, summaries, summary_rows
from backend.records.alone import alone
from backend.records.columns import rows_between
from backend.records.database import Database, connect, migrate
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.settled import settled
from backend.records.summaries import Cells, Changes, Hour, Sketch, Watermark
from backend.settings import ROOT
from tests.backend.records.writers import row, write


def ids_of(database: Database) -> list[int]:
    with database.read() as connection:
        return [int(i) for i in rows_between(connection, 0, 2**60, 10**6)["id"]]


def url_of(database: Database) -> str:
    url = database.engine.url
    plain = url.set(drivername=url.get_backend_name())
    return plain.render_as_string(hide_password=False)


def test_an_empty_log_is_settled_at_nothing_and_a_quiet_one_at_its_end(database: Database) -> None:
    assert settled(database) == 0
    predictions.append(database, [row(1), row(2)])
    assert settled(database) == max(ids_of(database))


@pytest.mark.postgres
def test_a_row_that_appears_late_is_waited_for(postgres_url: str) -> None:
    migrate(postgres_url)
    database = connect(postgres_url)
    with database.write() as connection:
        predictions.insert(connection, False, [row(1)])
        predictions.append(database, [row(2)])  # by another connection: it is there at once
        late, newest = 1, 2
        assert ids_of(database) == [newest]
        assert settled(database, patience_seconds=0.05) is None
        ender = threading.Timer(0.2, connection.commit)
        ender.start()
        assert settled(database, patience_seconds=5.0) == newest
        ender.join()
    assert ids_of(database) == [late, newest]
    database.dispose()


def test_rows_that_were_rolled_back_leave_gaps_and_hold_nobody_up(database: Database) -> None:
    predictions.append(database, [row(1)])
    write(database, seed=1, transactions=1, abandoned=1.0)
    found = settled(database)
    assert found is not None
    predictions.append(database, [row(4)])
    assert sum(i > found for i in ids_of(database)) == 1
    assert sum(i <= found for i in ids_of(database)) == 1


def test_a_transaction_that_only_reads_holds_nobody_up(database: Database) -> None:
    predictions.append(database, [row(1)])
    with database.snapshot() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM predictions")) == 1
        assert settled(database, patience_seconds=0.0) == 1


def test_nothing_appears_below_what_was_settled_while_four_processes_write(
    database: Database,
) -> None:
    writers = subprocess.Popen(
        [sys.executable, "-m", "tests.backend.records.writers", url_of(database)], cwd=ROOT
    )
    seen: list[int] = []
    upto, looks = 0, 0
    while writers.poll() is None:
        found = settled(database)
        if found is None or found <= upto:
            time.sleep(0.001)
            continue
        with database.read() as connection:
            seen += rows_between(connection, upto, found, 10**6)["id"].tolist()
        upto, looks = found, looks + 1
    assert writers.returncode == 0
    last = settled(database)
    assert last is not None
    with database.read() as connection:
        seen += rows_between(connection, upto, last, 10**6)["id"].tolist()
    assert looks > 3  # of a busy machine
    assert seen == ids_of(database)


HOUR_ROW = Hour("m", 0, 1, "live", 5, 2, 1, b"x", 3, 9)
SKETCH = Sketch(7, "size", "hour", 0, b"\x00\xff", None)


def test_only_the_first_to_advance_from_a_watermark_does(database: Database) -> None:
    with database.read() as connection:
        seen = summaries.watermark(connection)
    assert seen == Watermark(0, 0)
    changes = Changes([HOUR_ROW], [SKETCH], [Cells(7, b"c", None), Cells(8, None, "why")])
    assert summaries.advance(database, seen, 9, changes)
    assert not summaries.advance(database, seen, 9, Changes([HOUR_ROW._replace(answered=99)]))
    whole = Window(0, 1)
    with database.read() as connection:
        assert summaries.watermark(connection) == Watermark(9, 0)
        assert summary_rows.hours(connection, "m", whole) == [HOUR_ROW]
        found = summary_rows.sketches_between(connection, 7, "hour", whole, ["size"])
        assert found == [SKETCH]
        assert summary_rows.cells(connection, 7) == Cells(7, b"c", None)
        assert summary_rows.problems(connection) == {8: "why"}
    more = Changes([HOUR_ROW._replace(answered=6)], [SKETCH._replace(novel='{"a":1}')])
    assert summaries.advance(database, Watermark(9, 0), 10, more)
    with database.read() as connection:
        assert summary_rows.hours(connection, "m", whole)[0].answered == 6
        found = summary_rows.sketches_at(connection, 7, "hour", [0], ["size"])
        assert found[0].novel == '{"a":1}'


def test_clearing_and_removing_end_what_was_seen(database: Database) -> None:
    predictions.append(database, [row(1)])
    seen = Watermark(0, 0)
    for end in (summaries.clear, lambda database: predictions.remove(database, "m")):
        end(database)
        assert not summaries.advance(database, seen, 1, Changes([HOUR_ROW]))
        with database.read() as connection:
            seen = summaries.watermark(connection)
            assert summary_rows.hours(connection, "m", Window(0, 1)) == []
    assert seen == Watermark(0, 2)


def test_one_at_a_time_is_alone_and_the_next_after_it(database: Database) -> None:
    with alone(database, "a") as first, alone(database, "a") as second, alone(database, "b") as b:
        assert (first, second, b) == (True, False, True)
    with alone(database, "a") as again:
        assert again


HOURS = 3_600_000_000


def sampled(database: Database, n: int, seed: int, **more: object) -> list[int] | None:
    which = Filter("m", Window(0, 4 * HOURS), **more)  # type: ignore[arg-type]  # a test's own
    return samples.ids(database, "m", which.window, which.clauses(), n, seed)


@pytest.fixture
def mixed_log(database: Database) -> list[int]:
    """400 rows of which every other is of the window; half of these are summarised."""
    made = [row(i % 2 * 10 * HOURS + i * 1_000) for i in range(400)]
    predictions.append(database, made)
    ids = ids_of(database)
    hours = [
        HOUR_ROW._replace(start=start, least_id=ids[least], most_id=ids[most])
        for start, least, most in ((0, 0, 198), (10 * HOURS, 1, 199))
    ]
    assert summaries.advance(database, Watermark(0, 0), ids[199], Changes(hours))
    return ids[::2]


@pytest.mark.parametrize("listed", [0, 200_000])
def test_each_row_of_the_window_is_as_likely_as_any_other(
    database: Database, mixed_log: list[int], listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "LISTED", listed)
    monkeypatch.setattr(samples, "_AT_ONCE", 64)
    draws = 300
    counts: Counter[int] = Counter()
    for seed in range(draws):
        found = sampled(database, 20, seed)
        assert found is not None
        assert found == sorted(set(found))
        assert len(found) == 20
        counts.update(found)
    assert set(counts) == set(mixed_log)
    expected = 20 * draws / len(mixed_log)
    # Chi-square with 199 degrees of freedom exceeds 270 in one of two thousand runs, and less
    # without repetition.
    statistic = sum((counts[i] - expected) ** 2 / expected for i in mixed_log)
    assert statistic < 270


@pytest.mark.parametrize("listed", [0, 200_000])
def test_a_sample_of_all_is_all_and_one_of_few_among_many_is_found(
    database: Database, mixed_log: list[int], listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "LISTED", listed)
    assert sampled(database, 200, 0) in (None, mixed_log)
    assert sampled(database, 20, 0, version=3) is None
    assert sampled(database, 20, 7) == sampled(database, 20, 7)
    inside = [i for i in mixed_log if i < mixed_log[5]]
    window = Window(0, (2 * 5) * 1_000)
    clauses = Filter("m", window).clauses()
    found = samples.ids(database, "m", window, clauses, 3, 0)
    assert found is not None
    assert set(found) <= set(inside)
