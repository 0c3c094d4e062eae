"""Uploaded tables: how they are read, and which of their rows are fair."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from backend.errors import NotFound, TooLarge, Unusable
from backend.records.database import Database
from backend.versions.artefacts import Store
from console.comparison import Rows, Table, compare, open_table, rows, uploaded
from tests.console.comparison.made import buyers, problem_of, shopping, version_of


def parquet_of(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def csv_of(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def fresh(n: int = 120) -> pd.DataFrame:
    """Rows that no version was trained on."""
    return shopping(n, seed=77)


def chosen(database: Database, store: Store, table: Table, **of: Any) -> Rows:
    """The rows of a table for two versions of the same columns."""
    versions = [version_of(database, store, buyers(seed), **of) for seed in (5, 6)]
    return rows(database, versions, table, store)


def test_both_answer_all_rows_of_a_new_table(database: Database, store: Store) -> None:
    first, second = buyers(5), buyers(6, columns=["age"])
    a, b = version_of(database, store, first), version_of(database, store, second)
    table = uploaded(csv_of(fresh()), "new.csv")
    found = compare(database, a, b, store, chosen=table, timing=False)
    assert (found.n, found.warning) == (120, "")
    assert (found.rows.kind, found.rows.title) == ("table", "120 rows of `new.csv`")
    frame = found.frame.set_index("metric")
    truth = fresh()["bought"] == "yes"
    for side, made in (("a", first), ("b", second)):
        inputs = fresh()[list(made.frame.columns)].to_numpy()
        scores = made.estimator.predict_proba(inputs)[:, 1]
        flagged = scores > 0.5
        assert frame.loc["roc_auc", side] == pytest.approx(sk.roc_auc_score(truth, scores))
        assert frame.loc["precision", side] == pytest.approx(sk.precision_score(truth, flagged))
        assert frame.loc["brier", side] == pytest.approx(sk.brier_score_loss(truth, scores))
    assert frame.loc["roc_auc", "better"] == "a"


def test_csv_and_parquet_give_the_same_rows(database: Database, store: Store) -> None:
    frames = [
        chosen(database, store, uploaded(content, name)).frame
        for content, name in (
            (csv_of(fresh()), "new.csv"),
            (parquet_of(fresh()), "new.parquet"),
            (parquet_of(fresh().astype({"bought": "category"})), "new.parquet"),
            (parquet_of(fresh().sample(frac=1.0, random_state=1).sort_index()), "new.parquet"),
        )
    ]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frames[0], frame)


def test_of_its_own_table_a_version_gets_only_the_rows_that_it_held_out(
    database: Database, store: Store
) -> None:
    table = uploaded(csv_of(shopping()), "mine.csv")
    own: dict[str, Any] = {"fingerprint": table.fingerprint, "heldout": range(300, 400)}
    versions = [
        version_of(database, store, buyers(), **own),
        version_of(database, store, buyers(6), fingerprint="another"),
    ]
    found = rows(database, versions, table, store)
    assert (found.n, found.n_found, found.warning) == (100, 400, "")
    assert found.notes == ("300 rows of `mine.csv` are left out: version 1 was trained on them.",)
    expected = shopping()["age"].iloc[300:].to_numpy()
    np.testing.assert_array_equal(found.frame["age"], expected)


def test_warns_where_too_few_of_its_own_rows_were_held_out(
    database: Database, store: Store
) -> None:
    table = uploaded(csv_of(shopping()), "mine.csv")
    own: dict[str, Any] = {"fingerprint": table.fingerprint, "heldout": range(390, 400)}
    versions = [version_of(database, store, buyers(), **own), version_of(database, store, buyers())]
    found = rows(database, versions, table, store)
    assert found.n == 400
    assert found.warning == (
        "Version 1 may have been trained on some of these rows (it was trained on `mine.csv`),"
        " which flatters it."
    )


def test_rows_after_the_time_up_to_which_it_was_trained_are_fair(
    database: Database, store: Store
) -> None:
    days = pd.date_range("2026-01-01", periods=400, freq="D").strftime("%Y-%m-%d")
    table = uploaded(csv_of(shopping().assign(time=days)), "mine.csv")
    version = version_of(
        database,
        store,
        buyers(),
        fingerprint=table.fingerprint,
        heldout=range(250, 300),
        until=days[300],
        time="time",
    )
    found = rows(database, [version], table, store)
    assert found.n == 150
    np.testing.assert_array_equal(found.frame["age"], shopping()["age"].iloc[250:].to_numpy())


def test_names_what_a_table_lacks(database: Database, store: Store) -> None:
    versions = [version_of(database, store, buyers(columns=names)) for names in (None, ["visits"])]
    without = uploaded(csv_of(fresh().drop(columns="bought")), "new.csv")
    with pytest.raises(Unusable) as refusal:
        rows(database, versions, without, store)
    assert refusal.value.detail == (
        "`new.csv` has no column `bought`, which says what was true. Add it, or choose another"
        " table."
    )
    lacking = uploaded(csv_of(fresh().drop(columns="age")), "new.csv")
    with pytest.raises(Unusable) as refusal:
        rows(database, versions, lacking, store)
    assert refusal.value.detail == (
        "`new.csv` lacks the columns `age`, which version 1 needs. Add them."
    )


def test_rows_without_truth_are_not_counted(database: Database, store: Store) -> None:
    frame = fresh()
    frame.loc[:9, "bought"] = None
    found = chosen(database, store, uploaded(csv_of(frame), "new.csv"))
    assert (found.n, found.n_found) == (110, 110)


def test_versions_of_different_tasks_are_not_compared(database: Database, store: Store) -> None:
    binary = version_of(database, store, buyers())
    number = problem_of(shopping().drop(columns="bought"), "spent", "regression")
    other = version_of(database, store, number, model="spending")
    table = uploaded(csv_of(fresh()), "new.csv")
    with pytest.raises(Unusable) as refusal:
        rows(database, [binary, other], table, store)
    assert refusal.value.detail == (
        "Version 1 is a binary and version 1 a regression; expected two versions of one task."
    )


def test_a_built_in_table_and_a_file_are_opened_by_name(tmp_path: Path) -> None:
    assert open_table("builtin:iris").frame.shape == (150, 5)
    assert open_table("builtin:bikeshare").time == "time"
    path = tmp_path / "new.parquet"
    path.write_bytes(parquet_of(fresh()))
    assert open_table(str(path)).name == "new.parquet"
    with pytest.raises(NotFound):
        open_table(str(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (
            pd.DataFrame({"__row__": [1], "y": [1]}),
            "`new` has the columns `__row__`; names that begin with `__` are reserved.",
        ),
        (
            pd.DataFrame({"x": [[1, 2]], "y": [1]}),
            "The columns `x` of `new` hold lists or objects; expected one value a row.",
        ),
    ],
)
def test_a_parquet_that_is_no_table_of_values_is_a_sentence(
    frame: pd.DataFrame, sentence: str
) -> None:
    with pytest.raises(Unusable) as refusal:
        uploaded(parquet_of(frame), "new")
    assert refusal.value.detail.startswith(sentence)


def test_a_damaged_parquet_is_a_sentence() -> None:
    whole = parquet_of(fresh())
    for content in (whole[:200], whole[:4] + whole[900:]):
        with pytest.raises(Unusable, match=r"^`new` cannot be read as parquet: .*, or give a CSV"):
            uploaded(content, "new")


def test_a_parquet_of_a_few_bytes_and_very_many_values_is_refused() -> None:
    columns = {f"x{i}": np.zeros(1_100_000, dtype=np.int8) for i in range(100)}
    content = parquet_of(pd.DataFrame(columns))
    assert len(content) < 1 << 20
    with pytest.raises(TooLarge) as refusal:
        uploaded(content, "new")
    assert refusal.value.detail == (
        "`new` has 1,100,000 rows of 100 columns; the limit is 100,000,000 values. Compare on a"
        " sample of it."
    )
