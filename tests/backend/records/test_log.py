"""The log: appended in one statement, read by window, with its truths."""

import json
from pathlib import Path

import pytest
import uuid_utils

from backend.errors import NotFound, Unavailable, Unusable
from backend.records import columns, log, predictions, tables
from backend.records.database import Database, connect, migrate
from backend.records.predictions import Row, Truth, Window

HOUR = 3_600_000_000
EVER = Window(0, 1 << 60)


def row(at: int, model: str = "m", **changes: object) -> Row:
    base = Row(
        prediction_id=uuid_utils.uuid7().bytes,
        request_id=uuid_utils.uuid7().bytes,
        at=at,
        model=model,
        version=1,
        source="live",
        outcome="answered",
        features=json.dumps([at / HOUR, "ä", True, 3]),
        label="yes",
        value=None,
        score=0.75,
        latency_ms=1.5,
        error=None,
    )
    return base._replace(**changes)  # type: ignore[arg-type]  # columns of the test's choice


def test_pages_are_newest_first_and_filtered(database: Database) -> None:
    rows = [row(i * HOUR, label="yes" if i % 2 else "no", score=i / 10) for i in range(10)]
    rows += [row(20 * HOUR, outcome="refused", features="{", label=None, score=None, error="no")]
    predictions.append(database, [*rows, row(5 * HOUR, model="other")])
    everything = log.page(database, log.Filter("m", EVER))
    assert everything["at"].tolist() == [20 * HOUR, *[i * HOUR for i in range(9, -1, -1)]]
    wanted = log.Filter("m", Window(2 * HOUR, 8 * HOUR), label="yes", score=(0.4, 1.0))
    assert log.page(database, wanted)["at"].tolist() == [7 * HOUR, 5 * HOUR]
    assert log.count(database, wanted) == 2
    assert log.count(database, log.Filter("m", EVER, outcome="refused")) == 1
    assert log.labels(database, "m", EVER) == ["no", "yes"]
    third = log.page(database, log.Filter("m", EVER), limit=3).iloc[-1]
    # A row of that very time, written later, as a replay does it.
    predictions.append(database, [row(8 * HOUR), row(7 * HOUR)])
    place = (int(third["at"]), int(third["id"]))
    older = log.page(database, log.Filter("m", EVER), limit=3, before=place)
    assert older["at"].tolist() == [7 * HOUR, 7 * HOUR, 6 * HOUR]
    assert predictions.newest(database, "m") == 20 * HOUR
    assert predictions.newest(database, "none") is None


def compact(values: list[object]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def known(database: Database, number: int, *names: str) -> None:
    """A version of `m` that has no artefact: only its signature is read here."""
    kinds = {"x": "number", "c": "category", "b": "boolean", "n": "integer"}
    features = [{"name": name, "kind": kinds[name]} for name in names]
    with database.write() as connection:
        if number == 1:
            connection.execute(
                tables.models.insert().values(
                    name="m", task="binary", target="y", demo=False, created_at=0, created_by="ana"
                )
            )
        connection.execute(
            tables.versions.insert().values(
                model="m",
                number=number,
                algorithm="logistic_regression",
                task="binary",
                signature={"features": features},
                trained_seconds=0.0,
                note="",
                created_at=0,
                created_by="ana",
                parameters={},
                metrics={},
                evaluation={},
                data={},
                environment={},
            )
        )


def test_features_come_back_as_columns_with_answers_and_truth(database: Database) -> None:
    known(database, 1, "x", "c", "b", "n")
    known(database, 2, "c", "x")
    rows = [row(i * HOUR) for i in range(5)]
    predictions.append(database, [*rows, row(9 * HOUR, outcome="refused", features="{")])
    first = predictions.text_of(rows[0].prediction_id)
    predictions.append_feedback(database, "m", [Truth(first, "no", None)])
    table = log.features(database, log.Filter("m", EVER), ["x", "absent"])
    assert table["x"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert table["absent"].isna().all()
    assert log.page(database, log.Filter("m", EVER, outcome="answered"))["features"][4] == (
        '{"x":0.0,"c":"ä","b":true,"n":3}'
    )
    assert predictions.one(database, first)["features"] == '{"x":0.0,"c":"ä","b":true,"n":3}'
    assert table["__truth__"].tolist()[:2] == ["no", None]
    assert table["__prediction_id__"][0] == first
    sampled = log.features(database, log.Filter("m", EVER), ["x"], limit=3, seed=1)
    assert len(sampled) == 3
    assert sampled["__at__"].is_monotonic_increasing
    assert log.features(database, log.Filter("none", EVER), ["x"]).empty


def test_versions_of_other_features_and_odd_values_are_one_table(database: Database) -> None:
    known(database, 1, "x", "c", "b", "n")
    known(database, 2, "c", "x")
    odd = ["a,b", 'say "so"', "two\nlines", "null", "", "\u2028 \\ end"]
    rows = [row(i, features=compact([0.1 + i, text, i > 2, i])) for i, text in enumerate(odd)]
    rows += [row(10, features="[null,null,null,null]"), row(11, version=3, features="[1]")]
    rows += [row(12, version=2, features=json.dumps(["late", -1e300]))]  # with a space
    predictions.append(database, rows)
    table = log.features(database, log.Filter("m", EVER), ["c", "b", "x", "n"])
    assert table["c"].tolist()[:7] == [*odd, None]
    assert table["b"].tolist()[:7] == [False, False, False, True, True, True, None]
    assert table["x"].tolist()[:6] == [0.1 + i for i in range(6)]
    assert table["x"].isna().tolist() == [False] * 6 + [True, True, False]
    assert table[["c", "x"]].to_numpy()[8].tolist() == ["late", -1e300]
    only = log.features(database, log.Filter("m", Window(0, 6)), ["b", "n"])
    assert only.dtypes[["b", "n"]].map(str).tolist() == ["bool", "int64"]


def test_rows_are_read_on_from_an_id(database: Database) -> None:
    predictions.append(database, [row(i, model="m" if i % 2 else "other") for i in range(10)])
    with database.read() as connection:
        first = columns.rows_between(connection, 0, 8, 5)
        rest = columns.rows_between(connection, int(first["id"].iloc[-1]), 8, 5)
        none = columns.rows_between(connection, 10, 10, 5)
    assert first["at"].tolist() + rest["at"].tolist() == list(range(8))
    assert none.empty
    assert list(none) == list(first)


def test_a_truth_is_kept_once_and_corrected_only_when_asked(database: Database) -> None:
    rows = [row(HOUR), row(2 * HOUR, label=None, value=3.0)]
    predictions.append(database, rows)
    one, two = (predictions.text_of(r.prediction_id) for r in rows)
    truths = [Truth(one, "yes", None), Truth(two, None, 2.5, at=5 * HOUR)]
    assert predictions.append_feedback(database, "m", truths) == [None, None]
    assert predictions.append_feedback(database, "m", truths) == [None, None]
    other = [Truth(one, "no", None)]
    assert predictions.append_feedback(database, "m", other) == ["yes"]
    assert predictions.append_feedback(database, "m", other, correct=True) == [None]
    assert predictions.one(database, one)["ground_truth"] == "no"
    assert log.count_known(database, "m", EVER) == 2
    assert predictions.keys(database, [one, str(uuid_utils.uuid7())]) == {one: ("m", 1)}


def test_one_names_what_it_does_not_find(database: Database) -> None:
    with pytest.raises(NotFound, match="There is no prediction `0000"):
        predictions.one(database, "0" * 32)
    with pytest.raises(Unusable, match="The prediction id `x` is not a UUID"):
        predictions.one(database, "x")


def test_removing_takes_one_model_only(database: Database) -> None:
    predictions.append(database, [row(i) for i in range(1_500)])
    predictions.append(database, [row(1, model="other")])
    assert predictions.remove(database, "m") == 1_500
    assert predictions.newest(database, "m") is None
    assert predictions.newest(database) == 1


def test_a_full_disk_is_unavailable_and_appends_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'full.db'}"
    migrate(url)
    database = connect(url)
    predictions.append(database, [row(1)])
    with database.engine.connect() as connection:
        # The limit is the connection's own; the pool hands out the same one to the next writer.
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.rollback()
    with pytest.raises(Unavailable, match="database or disk is full"):
        _fill(database)
    stored = log.count(database, log.Filter("m", EVER))
    assert stored % 100 == 1
    database.dispose()


def _fill(database: Database) -> None:
    for _ in range(100):
        predictions.append(database, [row(i, features="x" * 2_000) for i in range(100)])
