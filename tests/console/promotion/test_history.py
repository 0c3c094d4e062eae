"""Who served at any time, and the champions over their traffic and performance."""

import random

import pandas as pd
import pytest

from backend.errors import NotFound
from backend.records import aliases, predictions, protection, registry, retiring, tables
from backend.records.database import Database
from backend.versions.artefacts import Store
from console import promotion, windows
from console.promotion.history import (
    TIMELINE,
    earlier_champions,
    sentence,
    served,
    serving,
    spans,
    timeline,
    traffic,
)
from tests.console.comparison.made import buyers, shopping, version_of
from tests.console.log_rows import HOUR, row
from tests.console.promotion.test_promotion import add_version
from tests.console.rescoring.logs import log, tell

SECOND = 1_000_000


def promote(database: Database, number: int, model: str = "m") -> aliases.Promotion:
    return aliases.promote(database, model, number, actor="ada", reason="It is better")


def at_times(database: Database, *times: int) -> None:
    """Give the moves of aliases these times, in order."""
    for move, at in zip(reversed(aliases.history(database, None, None)), times, strict=True):
        with database.write() as connection:
            mine = tables.promotions.c.id == move.id
            connection.execute(tables.promotions.update().where(mine).values(at=at))


def test_before_the_first_champion_nothing_served_and_it_is_said(database: Database) -> None:
    add_version(database)
    assert served(database, "m", 0) is None
    since = promote(database, 1).at
    assert served(database, "m", since - 1) is None
    assert sentence("m", 1_000_000, serving(database, "m", 1_000_000)) == (
        "Nothing served for `m` at 1 Jan 1970, 00:00:01 UTC: no version was its champion yet."
    )


def test_a_champion_serves_from_its_move_on_until_the_next(database: Database) -> None:
    add_version(database)
    add_version(database)
    promote(database, 1)
    promote(database, 2)
    at_times(database, 10 * SECOND, 20 * SECOND)
    numbers = {}
    for at in (10 * SECOND - 1, 10 * SECOND, 20 * SECOND - 1, 20 * SECOND, 99 * SECOND):
        found = served(database, "m", at)
        numbers[at // SECOND] = None if found is None else found.to_number
    assert numbers == {9: None, 10: 1, 19: 1, 20: 2, 99: 2}
    assert sentence("m", 15 * SECOND, serving(database, "m", 15 * SECOND)) == (
        "At 1 Jan 1970, 00:00:15 UTC version 1 served for `m`: promoted at"
        " 1 Jan 1970, 00:00:10 UTC by ada; it served until 1 Jan 1970, 00:00:20 UTC. The reason:"
        " It is better."
    )
    assert "; it still serves." in sentence("m", 30 * SECOND, serving(database, "m", 30 * SECOND))


def test_of_a_moment_that_is_to_come_it_is_said_who_serves_now(database: Database) -> None:
    add_version(database)
    later = windows.moment("9999-01-01")
    yet = "1 Jan 9999, 00:00:00 UTC is still to come."
    assert sentence("m", later, serving(database, "m", later)) == (
        f"{yet} Nothing serves for `m` now: no version is its champion yet."
    )
    promote(database, 1)
    at_times(database, 10 * SECOND)
    assert sentence("m", later, serving(database, "m", later)) == (
        f"{yet} Version 1 serves for `m` now: promoted at 1 Jan 1970, 00:00:10 UTC by ada. The"
        " reason: It is better."
    )


def test_at_any_time_the_champion_is_the_one_of_the_last_move(database: Database) -> None:
    draw = random.Random(7)
    for _ in range(4):
        add_version(database)
    moves: list[tuple[int, int]] = []
    at, present = 100, 0
    for _ in range(25):
        number = draw.choice([n for n in range(1, 5) if n != present])
        if number in {n for _, n in moves} and draw.random() < 0.5:
            aliases.rollback(database, "m", actor="ada", reason="bad", to=number)
        else:
            promote(database, number)
        if draw.random() < 0.3:
            challenger = registry.model(database, "m").challenger
            other = None if challenger is not None else 2
            aliases.set_challenger(database, "m", other, actor="ada", reason="try")
        at += draw.randint(1, 50)
        moves.append((at, number))
        present = number
    with database.write() as connection:
        c = tables.promotions.c
        ids = connection.scalars(
            tables.promotions.select().where(c.alias == "champion").order_by(c.id)
        ).all()
        for move_id, (moment, _) in zip(ids, moves, strict=True):
            connection.execute(tables.promotions.update().where(c.id == move_id).values(at=moment))
    for at in range(90, moves[-1][0] + 20, 3):
        expected = next((number for moment, number in reversed(moves) if moment <= at), None)
        found = served(database, "m", at)
        assert (None if found is None else found.to_number) == expected
    ends = [one.until for one in spans(database, "m")]
    assert ends == [*(one.since for one in spans(database, "m")[1:]), None]


def test_a_roll_back_begins_a_stretch_of_its_own(database: Database) -> None:
    for _ in range(2):
        add_version(database)
    promote(database, 1)
    promote(database, 2)
    aliases.rollback(database, "m", actor="bob", reason="It was worse.")
    assert [(one.version, one.move.kind) for one in spans(database, "m")] == [
        (1, "promote"),
        (2, "promote"),
        (1, "rollback"),
    ]
    assert earlier_champions(database, "m") == (2,)
    promote(database, 2)
    assert earlier_champions(database, "m") == (1,)


def test_a_removed_champion_is_still_told_of_and_not_offered(database: Database) -> None:
    for _ in range(3):
        add_version(database)
    first = promote(database, 1)
    promote(database, 2)
    last = promote(database, 3)
    gone = registry.version(database, "m", 1)
    retiring.remove(database, gone, actor="ada", since=last.at + 1)
    assert 1 not in protection.of(database, "m")
    told = serving(database, "m", first.at)
    assert told is not None
    assert (told.version, told.exists) == (1, False)
    assert sentence("m", first.at, told).endswith("The version was removed since.")
    assert earlier_champions(database, "m") == (2,)
    frame = timeline(database, "m")
    assert frame["exists"].tolist() == [False, True, True]
    assert frame["title"].tolist()[0] is None


def test_an_unknown_model_is_not_found(database: Database) -> None:
    for ask in (spans, earlier_champions, timeline):
        with pytest.raises(NotFound):
            ask(database, "nothing")


def test_a_model_without_champion_has_an_empty_timeline(database: Database) -> None:
    add_version(database)
    frame = timeline(database, "m")
    assert list(frame.columns) == list(TIMELINE)
    assert frame.empty
    assert spans(database, "m") == ()


def test_the_timeline_counts_each_champions_traffic_and_how_right_it_was(
    database: Database, store: Store
) -> None:
    problem = buyers()
    first, second = (version_of(database, store, problem) for _ in range(2))
    for one in (first, second):
        aliases.promote(database, "made", one.number or 0, actor="ada", reason="better")
    start = 1_000_000 * HOUR
    at_times(database, start, start + 10 * HOUR)
    rows = shopping(60, seed=9)
    logged = log(database, store, first, rows, start=start + HOUR)
    tell(database, logged, pd.Series(logged.answers[:30] + ["yes", "no"] * 5), start)
    log(database, store, second, rows.head(7), start=start + HOUR, source="replay")
    log(database, store, second, rows.head(20), start=start + 11 * HOUR)
    log(database, store, first, rows.head(5), start=start - HOUR)
    lost = row(first, start + 2 * HOUR, outcome="refused", label=None, score=None)
    predictions.append(database, [lost])
    frame = timeline(database, "made", start + 20 * HOUR)
    columns = ["version", "requests", "answered", "refused", "failed", "others", "elsewhere"]
    assert frame[columns].to_numpy().tolist() == [
        [1, 68, 67, 1, 0, 7, 5],
        [2, 20, 20, 0, 0, 0, 7],
    ]
    right = 30 + sum(
        truth == said for truth, said in zip(["yes", "no"] * 5, logged.answers[30:40], strict=True)
    )
    was, now = frame.to_dict("records")
    assert (was["metric"], was["n"], was["value"]) == ("accuracy", 40, right / 40)
    assert was["low"] < was["value"] < was["high"]
    assert (now["n"], now["message"]) == (
        0,
        "Accuracy needs at least 30 rows with truth; there are 0.",
    )
    assert pd.isna(now["value"])
    assert pd.isna(now["end"])
    assert was["end"] == now["start"] == pd.Timestamp(start + 10 * HOUR, unit="us", tz="UTC")


def test_traffic_is_told_by_version_and_time(database: Database, store: Store) -> None:
    first, second = (version_of(database, store, buyers()) for _ in range(2))
    start, rows = 1_000_000 * HOUR, shopping(10)
    log(database, store, first, rows, start=start)
    log(database, store, second, rows.head(4), start=start + HOUR)
    found = traffic(database, "made", start, start + 3 * HOUR, HOUR)
    assert list(found.columns) == ["at", "version", "answered", "refused", "failed"]
    at = [pd.Timestamp(start + hour * HOUR, unit="us", tz="UTC") for hour in (0, 1)]
    assert found.to_numpy().tolist() == [[at[0], 1, 10, 0, 0], [at[1], 2, 4, 0, 0]]
    assert traffic(database, "made", 0, HOUR).empty
    assert len(traffic(database, "made", start, start + 3 * HOUR)) == 2


def test_the_package_gives_the_moves_by_the_name_of_the_module(database: Database) -> None:
    add_version(database)
    promote(database, 1)
    assert promotion.history(database, "m")["to_number"].tolist() == [1]
