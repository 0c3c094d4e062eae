"""Which rows a version would refuse, as its signature does."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.errors import Unusable
from backend.records.database import Database
from backend.versions.artefacts import Store
from backend.versions.features import Feature
from backend.versions.signature import Signature
from console.comparison.usable import numbers, refused, truths, usable
from tests.console.comparison.made import buyers, shopping, version_of

VALUES = [1, 2.5, -3.0, None, float("nan"), float("inf"), True, False, 2**60, "red", "violet"]
KINDS = ("number", "integer", "boolean", "category")


@pytest.mark.parametrize("serves_unseen", [True, False])
@pytest.mark.parametrize("nullable", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_refuses_what_the_signature_refuses(kind: Any, nullable: bool, serves_unseen: bool) -> None:
    feature = Feature("x", kind, nullable, ("red", "green") if kind == "category" else ())
    signature = Signature((feature,), "y", "regression", serves_unseen=serves_unseen)

    def is_refused(value: object) -> bool:
        # A table's missing number is NaN, a caller's is null.
        missing = value is None or value != value
        try:
            signature.read({"x": None if missing else value})
        except Unusable:
            return True
        return False

    texts = [isinstance(value, str) for value in VALUES]
    kept = [v for v, text in zip(VALUES, texts, strict=True) if text or kind != "category"]
    column = pd.Series(kept, dtype=object)
    found = refused(feature, column, serves_unseen).tolist()
    assert dict(zip(map(repr, kept), found, strict=True)) == {
        repr(value): is_refused(value) for value in kept
    }


def test_texts_of_numbers_are_numbers_and_times_are_none() -> None:
    assert numbers(pd.Series(["1.5", "x", None, 2, True], dtype=object)).tolist() == pytest.approx(
        [1.5, np.nan, np.nan, 2, np.nan], nan_ok=True
    )
    assert np.isnan(numbers(pd.Series(pd.to_datetime(["2020-01-01"])))).all()
    assert np.isnan(numbers(pd.Series([True, False]))).all()
    whole = pd.Series(pd.array([1, None], dtype="Int64"))
    assert numbers(whole).tolist() == pytest.approx([1.0, np.nan], nan_ok=True)


def test_truth_is_read_as_the_targets_own_label() -> None:
    binary = Signature((), "y", "binary", labels=(0, 1), positive=1)
    found = truths(pd.Series([0.0, 1.0, "1", "x", 2], dtype=object), [binary])
    assert found.tolist() == [0, 1, 1, None, None]
    number = Signature((), "y", "regression")
    values = truths(pd.Series(["2.5", "x", float("inf")], dtype=object), [number])
    assert values.tolist() == pytest.approx([2.5, np.nan, np.nan], nan_ok=True)


def test_a_label_that_one_of_the_versions_knows_is_a_truth() -> None:
    old = Signature((), "y", "multiclass", labels=("a", "b", "gone"))
    new = Signature((), "y", "multiclass", labels=("a", "b", "c"))
    column = pd.Series(["gone", "c", "never"], dtype=object)
    assert truths(column, [old, new]).tolist() == ["gone", "c", None]


def test_says_of_each_version_which_rows_it_would_refuse(database: Database, store: Store) -> None:
    version = version_of(database, store, buyers())
    frame = shopping(100).astype({"age": object, "bought": object}).rename(columns={"bought": "t"})
    frame = frame.assign(__truth__=frame["t"])[["age", "visits", "__truth__"]]
    frame.loc[[0, 1], "age"] = None
    frame.loc[2, "age"] = "old"
    frame.loc[[3, 4, 5], "__truth__"] = "perhaps"
    found = usable(frame, [version], "rows of `new.csv`")
    assert len(found.frame) == 94
    assert found.frame["age"].dtype == np.float64
    unknown, unusable = found.notes
    assert unknown == (
        "3 of 100 rows of `new.csv` are left out: their `bought` is none of the labels."
    )
    assert unusable == (
        "3 of 100 rows of `new.csv` are left out: `age` is not a finite number, which version 1"
        " needs."
    )


def test_too_few_rows_say_why_and_what_to_do(database: Database, store: Store) -> None:
    version = version_of(database, store, buyers())
    frame = shopping(40).rename(columns={"bought": "__truth__"}).drop(columns="spent")
    frame.loc[frame.index[:20], "age"] = np.nan
    with pytest.raises(Unusable) as refusal:
        usable(frame, [version], "rows of `new.csv`")
    assert refusal.value.detail == (
        "A comparison needs at least 30 rows of `new.csv`; there are 20. 20 of 40 rows of `new.csv`"
        " are left out: version 1 cannot answer without `age`. Choose others."
    )
