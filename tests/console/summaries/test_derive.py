"""What is derived is what the log says: whole, in parts, anew, and after a removal."""

import logging
import random

import pytest
import sqlalchemy as sa

from backend.records import predictions, registry, summaries, summary_rows
from backend.records.database import Database
from backend.records.tables import sketch_cells, sketches, versions
from backend.records.tables import summaries as hours_table
from backend.versions.artefacts import Store
from console.drift.sketches.encoding import decode
from console.summaries import follow
from console.summaries.derive import WRITTEN, Deriver
from tests.console.summaries.logged import (
    START,
    append,
    assert_summarised,
    cells_of,
    rows,
    version,
    whole_log,
)
from tests.databases import BOTH


def counted(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_summaries_say_what_the_log_says(database: Database, store: Store) -> None:
    made = [version(database, store, name) for name in ("mixed", "other")]
    both = rows("mixed", 1_500, 1) + rows("other", 700, 2)
    random.Random(0).shuffle(both)  # as replayed history may come
    append(database, both)
    assert follow.once(database, store) == 2_200
    assert_summarised(database, made, store)


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_steps_of_any_size_give_the_same(database: Database, store: Store) -> None:
    made = [version(database, store)]
    deriver, draw = Deriver(database, store), random.Random(3)
    for seed in range(12):
        append(database, rows("mixed", draw.randint(1, 120), seed))
        deriver.step(rows=draw.randint(1, 60))
    follow.once(database, store)
    assert_summarised(database, made, store)


def test_a_step_over_many_hours_writes_no_more_than_its_share(
    database: Database, store: Store
) -> None:
    made = [version(database, store)]
    append(database, rows("mixed", 500, 1, length=500 * 3_600_000_000))
    first = Deriver(database, store).step()
    assert first.more
    assert 0 < first.rows < 500
    assert counted(database, sketches) <= WRITTEN
    follow.once(database, store)
    assert_summarised(database, made, store)


def test_rebuilding_gives_the_same_again(database: Database, store: Store) -> None:
    made = [version(database, store)]
    append(database, rows("mixed", 400, 1))
    follow.once(database, store)
    summaries.clear(database)
    assert counted(database, sketches) == counted(database, hours_table) == 0
    assert follow.once(database, store) == 400
    assert_summarised(database, made, store)


@pytest.mark.parametrize("settings", BOTH, indirect=True)
def test_what_was_read_before_a_removal_does_not_come_back(
    database: Database, store: Store
) -> None:
    made = [version(database, store, name) for name in ("mixed", "other")]
    append(database, rows("mixed", 300, 1) + rows("other", 300, 2))
    follow.once(database, store)
    with database.read() as connection:
        seen = summaries.watermark(connection)
        hours = summary_rows.hours_at(connection, "mixed", [START])
    refused = int((whole_log(database)["model"] == "").sum())
    assert predictions.remove(database, "mixed") + refused > 250
    stale = summaries.Changes(hours=hours)
    assert not summaries.advance(database, seen, seen.id + 1, stale)
    assert_summarised(database, made, store)


def test_a_model_that_is_removed_takes_its_sketches_and_leaves_the_counts_of_its_log(
    database: Database, store: Store
) -> None:
    version(database, store)
    append(database, rows("mixed", 200, 1))
    follow.once(database, store)
    registry.remove_model(database, "mixed")
    assert counted(database, sketches) == counted(database, sketch_cells) == 0
    again = version(database, store)
    append(database, rows("mixed", 200, 2))
    follow.once(database, store)
    with database.read() as connection:
        assert summary_rows.cells(connection, again.id) is not None
    answered = whole_log(database).query("outcome == 'answered' and model == 'mixed'")
    with database.read() as connection:
        total = connection.scalar(sa.select(sa.func.sum(hours_table.c.answered)))
    assert total == len(answered)


def test_a_version_whose_reference_is_gone_is_counted_said_once_and_not_sketched(
    database: Database, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = (version(database, store, name) for name in ("mixed", "other"))
    mine = versions.c.id == broken.id
    with database.write() as connection:
        connection.execute(versions.update().where(mine).values(manifest=None))
    append(database, rows("mixed", 200, 1) + rows("other", 200, 2))
    with caplog.at_level(logging.WARNING):
        deriver = Deriver(database, store)
        while deriver.step(rows=150).more:
            pass
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("mixed version 1 has no sketches: ")
    with database.read() as connection:
        assert list(summary_rows.problems(connection)) == [broken.id]
    assert_summarised(database, [whole], store)


def test_rows_whose_features_cannot_be_read_are_counted_and_not_sketched(
    database: Database, store: Store
) -> None:
    made = version(database, store)
    good = rows("mixed", 120, 1, length=3_000_000_000)
    for text in (None, "", "[1]", "nonsense", '["x", "y", "z", 3]'):
        place = next(i for i, row in enumerate(good) if row.outcome == "answered")
        good.insert(place + 7, good[place]._replace(features=text, at=START))
    append(database, good)
    follow.once(database, store)
    with database.read() as connection:
        answered = connection.scalar(sa.select(sa.func.sum(hours_table.c.answered)))
        names = ["size"]
        found = summary_rows.sketches_at(connection, made.id, "hour", [START], names)
    size = cells_of(database, made, store)[1].size
    assert answered is not None
    assert decode(found[0].vector, size)[0] == answered - 5


def test_an_empty_log_and_a_log_without_versions_are_no_trouble(
    database: Database, store: Store
) -> None:
    assert follow.once(database, store) == 0
    append(database, [row._replace(model="", version=None) for row in rows("x", 50, 1)])
    assert follow.once(database, store) == 50
    assert_summarised(database, [], store)
