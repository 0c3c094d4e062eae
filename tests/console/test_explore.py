"""The log as people read it: its pages, its table, one row closely."""

import json
from collections.abc import Callable

import pytest

from backend.records import aliases, predictions
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Truth, Window, text_of
from backend.records.registry import Version
from backend.versions.signature import Signature
from console import explore
from console.explore import Cursor
from console.windows import DAY
from tests.console.log_rows import HOUR, NOON, row

Register = Callable[..., Version]
EVER = Window(0, NOON + DAY)


def ids_of_all_pages(database: Database, which: Filter, limit: int) -> list[int]:
    found: list[int] = []
    after: Cursor | None = None
    for _ in range(50):
        page = explore.page(database, which, after, limit)
        found += page.frame["id"].tolist()
        if page.older is None:
            return found
        after = page.older
    raise AssertionError("the pages do not end")


def test_pages_hold_each_row_once_though_a_replay_was_written_after_live_rows(
    database: Database, registered: Register
) -> None:
    version = registered()
    live = [row(version, NOON - i) for i in range(7)]
    replayed = [row(version, NOON - DAY - i * HOUR, source="replay") for i in range(7)]
    same_moment = [row(version, NOON - 3) for _ in range(5)]
    for rows in (live, replayed, same_moment):
        predictions.append(database, rows)

    found = ids_of_all_pages(database, Filter(version.model, EVER), limit=3)

    whole = explore.page(database, Filter(version.model, EVER), limit=100).frame
    assert found == whole["id"].tolist()
    assert len(set(found)) == 19
    assert whole["at"].is_monotonic_decreasing


def test_a_page_that_is_just_full_is_the_last(database: Database, registered: Register) -> None:
    version = registered()
    predictions.append(database, [row(version, NOON - i) for i in range(4)])

    assert explore.page(database, Filter(version.model, EVER), limit=4).older is None
    assert explore.page(database, Filter(version.model, EVER), limit=3).older is not None


@pytest.mark.parametrize("text", [None, "", "12", "a-b", "1-", "-1-2"])
def test_an_address_that_names_no_place_is_the_newest(text: str | None) -> None:
    assert Cursor.read(text) is None


def test_a_place_survives_the_address() -> None:
    assert Cursor.read(Cursor(NOON, 12).text) == Cursor(NOON, 12)


def test_the_table_says_values_and_truths_in_the_same_figures(
    database: Database, registered: Register
) -> None:
    version = registered("diabetes")
    asked = row(version, label=None, value=151.26789, score=None)
    predictions.append(database, [asked])
    truth = Truth(text_of(asked.prediction_id), None, 206.0)
    predictions.append_feedback(database, version.model, [truth])

    table = explore.table(explore.page(database, Filter(version.model, EVER)).frame)

    assert table[["answer", "truth", "version"]].to_numpy().tolist() == [["151.3", "206", 1]]
    assert str(table.loc[0, "time"]) == "2011-04-01 12:00:00+00:00"


def test_the_export_has_a_column_a_feature_and_the_excerpt_of_a_refused_body(
    database: Database, registered: Register
) -> None:
    version = registered("iris")
    signature = Signature.from_json(version.signature)
    name = signature.names[0]
    predictions.append(
        database,
        [
            row(version, features={name: 5.5}),
            row(version, NOON - 1, outcome="refused", features='{"broken', error="Not JSON."),
        ],
    )

    table = explore.export(database, Filter("iris", EVER), signature)

    assert table[name].iloc[0] == 5.5
    assert table[name].isna().tolist() == [False, True]
    assert table["request"].tolist()[1] == '{"broken'
    assert table["note"].tolist() == [None, "Not JSON."]


def test_traffic_stacks_what_came_of_the_requests(database: Database, registered: Register) -> None:
    version = registered()
    rows = [row(version, NOON - i) for i in range(3)]
    rows += [row(version, outcome="refused"), row(version, outcome="failed")]
    predictions.append(database, rows)

    frame = explore.traffic(database, version.model, Window(NOON - HOUR, NOON + 60_000_000))
    last = frame[frame["at"] == frame["at"].max()].set_index("series")

    assert frame["count"].sum() == 5
    assert last.loc["refused", ["low", "high"]].tolist() == [1, 2]
    assert last.loc["version 1", "high"] == last["high"].max()
    assert (frame["high"] - frame["low"]).tolist() == frame["count"].tolist()


def test_only_the_champions_moves_inside_the_window_are_marked(
    database: Database, registered: Register
) -> None:
    version = registered()
    aliases.set_challenger(database, version.model, 1, actor="tester", reason="try")
    at = aliases.history(database, version.model)[-1].at

    inside = explore.moves(database, version.model, Window(at - HOUR, at + 1))

    assert inside["label"].tolist() == ["version 1 answers"]
    assert inside["late"].tolist() == [True]
    assert explore.moves(database, version.model, Window(at + HOUR, at + DAY)).empty


def test_a_row_is_shown_beside_the_reference_the_unusual_first(
    registered: Register,
) -> None:
    signature = Signature.from_json(registered("iris").signature)
    usual = {f.name: f.quantiles[10] for f in signature.features}
    last = signature.features[-1]

    frame = explore.features_of(signature, {"features": json.dumps({**usual, last.name: 99.0})})

    assert frame.loc[0, "feature"] == last.title
    assert frame.loc[0, "note"] == f"Above the greatest value of training, {last.maximum:,.6g}."
    assert frame.loc[0, "position"] == 1.0
    # The median lies at half of the reference, unless many rows share it.
    assert frame["position"].iloc[1:].between(0.4, 0.6).all()
    assert frame["note"].iloc[1:].eq("").all()
